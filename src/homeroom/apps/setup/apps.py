"""The setup area."""

from django.apps import AppConfig


class SetupConfig(AppConfig):
    """Registers the area under its own word."""

    name = "homeroom.apps.setup"
    label = "setup"
