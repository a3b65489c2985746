"""The reason of a suppression can be marked private."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the mark; what was let stand before is not private."""

    dependencies = [("vulnerabilities", "0001_initial")]  # noqa: RUF012

    operations = [  # noqa: RUF012
        migrations.AddField(model_name="suppression", name="private", field=models.BooleanField(default=False)),
    ]
