"""Django's description of this app."""

from __future__ import annotations

from django.apps import AppConfig


class BackupsConfig(AppConfig):
    """Backups."""

    name = "homeroom.apps.platform.backups"
    label = "backups"
    clocks = ("homeroom.apps.platform.backups.schedule.BackupClock",)
