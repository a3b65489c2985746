"""The detection area."""

from django.apps import AppConfig


class DetectionConfig(AppConfig):
    """Django configuration of the detection app."""

    name = "homeroom.apps.protect.detection"
    label = "detection"
