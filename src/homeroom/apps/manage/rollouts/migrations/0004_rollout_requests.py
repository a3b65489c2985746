from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Keep what was asked of a run, so that one that the queue lost is put back; devices without a room; expectations."""

    dependencies = [("rollouts", "0003_teacher_pages")]

    operations = [
        migrations.AddField(model_name="rollout", name="plan_request", field=models.JSONField(default=dict)),
        migrations.AddField(model_name="rollout", name="plan_requested_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="rollout", name="unplaced", field=models.JSONField(default=dict)),
        migrations.AddField(model_name="targetroom", name="expected", field=models.PositiveIntegerField(null=True)),
    ]
