"""The minutes that work on a finding took."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the minutes."""

    dependencies = [("finding_work", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="findingworkentry",
            name="minutes",
            field=models.PositiveIntegerField(null=True),
        ),
    ]
