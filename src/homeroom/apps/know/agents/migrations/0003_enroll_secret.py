"""Rename the model of enrollment secrets to American spelling."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Rename the table and its constraint."""

    dependencies = [
        ("agents", "0002_waiting_agents"),
        ("districts", "__first__"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="enrolsecret", name="one_enrol_secret"),
        migrations.RenameModel(old_name="EnrolSecret", new_name="EnrollSecret"),
        migrations.AddConstraint(
            model_name="enrollsecret",
            constraint=models.UniqueConstraint(fields=("district", "hash"), name="one_enroll_secret"),
        ),
    ]
