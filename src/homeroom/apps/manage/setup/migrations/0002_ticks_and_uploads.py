"""Add the ticked steps and the newest upload of each system."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Both are empty for districts that have been set up before."""

    dependencies: ClassVar = [("setup", "0001_initial")]

    operations: ClassVar = [
        migrations.AddField(model_name="setup", name="ticks", field=models.JSONField(default=dict)),
        migrations.AddField(model_name="setup", name="uploads", field=models.JSONField(default=dict)),
    ]
