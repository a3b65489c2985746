"""The frameworks area."""

from django.apps import AppConfig


class FrameworksConfig(AppConfig):
    """Django configuration of the frameworks app."""

    name = "homeroom.apps.protect.frameworks"
    label = "frameworks"
