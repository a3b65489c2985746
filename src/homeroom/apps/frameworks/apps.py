"""The frameworks area."""

from django.apps import AppConfig


class FrameworksConfig(AppConfig):
    """Registers the area under its own word."""

    name = "homeroom.apps.frameworks"
    label = "frameworks"
