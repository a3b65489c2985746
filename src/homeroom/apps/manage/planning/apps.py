"""The planning area."""

from django.apps import AppConfig


class PlanningConfig(AppConfig):
    """Django configuration of the planning app."""

    name = "homeroom.apps.manage.planning"
    label = "planning"
