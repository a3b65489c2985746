"""The area of asks."""

from django.apps import AppConfig


class AsksConfig(AppConfig):
    """App configuration of the area of asks; its label is `asks`."""

    name = "homeroom.apps.teach.asks"
    label = "asks"
