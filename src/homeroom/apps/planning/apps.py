"""The planning area."""

from django.apps import AppConfig


class PlanningConfig(AppConfig):
    """Registers the area under its own word."""

    name = "homeroom.apps.planning"
    label = "planning"
