"""A review keeps its sums over the whole district."""

from __future__ import annotations

from django.db import migrations, models

SUMS = ("open_devices", "overdue_devices", "late_devices", "exploited_flaws", "late_flaws")


class Migration(migrations.Migration):
    """Adds the sums; reviews that were made before have none."""

    dependencies = [("vulnerabilities", "0002_suppression_private")]  # noqa: RUF012

    operations = [  # noqa: RUF012
        migrations.AddField(model_name="review", name=name, field=models.BigIntegerField(null=True)) for name in SUMS
    ]
