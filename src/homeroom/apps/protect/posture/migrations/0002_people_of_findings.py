"""Count the people behind the members of a finding."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add `people` to the counts of findings."""

    dependencies = [("posture", "0001_initial")]  # noqa: RUF012

    operations = [  # noqa: RUF012
        migrations.AddField(model_name="findingresult", name="people", field=models.BigIntegerField(default=0)),
    ]
