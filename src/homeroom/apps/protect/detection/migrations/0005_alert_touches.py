from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Store with an alert what joins it to others, and index what the page of rules counts.

    A list of incidents then reads no detections, and the counts of rules come from the indexes.
    """

    dependencies = [("detection", "0004_alert_detections")]

    operations = [
        migrations.AddField(model_name="storedalert", name="touches", field=models.JSONField(null=True)),
        migrations.AddIndex(
            model_name="storeddetection",
            index=models.Index(fields=["district", "rule", "at"], name="detection_rule_time"),
        ),
        migrations.AddIndex(
            model_name="storedalert",
            index=models.Index(fields=["district", "verdict"], name="alert_verdict"),
        ),
    ]
