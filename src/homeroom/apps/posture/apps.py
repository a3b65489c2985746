"""The posture area."""

from django.apps import AppConfig


class PostureConfig(AppConfig):
    """Registers the area under its own word."""

    name = "homeroom.apps.posture"
    label = "posture"
