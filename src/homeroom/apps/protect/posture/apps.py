"""The posture area."""

from django.apps import AppConfig


class PostureConfig(AppConfig):
    """App configuration of the posture area; its label is `posture`."""

    name = "homeroom.apps.protect.posture"
    label = "posture"
