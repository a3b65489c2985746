"""The connections area."""

from django.apps import AppConfig


class ConnectionsConfig(AppConfig):
    """Registers the area under its own word."""

    name = "homeroom.apps.connections"
    label = "connections"
