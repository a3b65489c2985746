"""The area of awareness."""

from django.apps import AppConfig


class AwarenessConfig(AppConfig):
    """App configuration of the area of awareness; its label is `awareness`."""

    name = "homeroom.apps.teach.awareness"
    label = "awareness"
