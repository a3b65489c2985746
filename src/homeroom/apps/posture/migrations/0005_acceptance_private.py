"""A reason can be marked private."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the mark; what was accepted before is not private."""

    dependencies = [("posture", "0004_settings_are_findings")]  # noqa: RUF012

    operations = [  # noqa: RUF012
        migrations.AddField(model_name="acceptance", name="private", field=models.BooleanField(default=False)),
    ]
