"""The sources area."""

from django.apps import AppConfig


class SourcesConfig(AppConfig):
    """Registers the area under its own word."""

    name = "homeroom.apps.sources"
    label = "sources"
