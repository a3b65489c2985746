"""The connections area."""

from django.apps import AppConfig


class ConnectionsConfig(AppConfig):
    """Django configuration of the connections app."""

    name = "homeroom.apps.connections"
    label = "connections"
