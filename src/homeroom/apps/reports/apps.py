"""The reports area."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Registers the area under its own word."""

    name = "homeroom.apps.reports"
    label = "reports"
