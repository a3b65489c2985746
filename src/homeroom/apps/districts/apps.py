"""The districts area."""

from django.apps import AppConfig


class DistrictsConfig(AppConfig):
    """Registers the area under its own word."""

    name = "homeroom.apps.districts"
    label = "districts"
