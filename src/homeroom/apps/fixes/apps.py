"""The fixes area."""

from django.apps import AppConfig


class FixesConfig(AppConfig):
    """Registers the area under its own word."""

    name = "homeroom.apps.fixes"
    label = "fixes"
