from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Index the detections of an alert by time too: without it they were read by the index of all times."""

    dependencies = [("detection", "0003_canaries")]

    operations = [
        migrations.RemoveIndex(model_name="storeddetection", name="detection_alert"),
        migrations.AddIndex(
            model_name="storeddetection",
            index=models.Index(fields=["district", "alert", "at"], name="alert_detections"),
        ),
    ]
