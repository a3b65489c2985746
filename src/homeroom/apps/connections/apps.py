"""The connections area."""

from django.apps import AppConfig


class ConnectionsConfig(AppConfig):
    """Django configuration of the connections app."""

    name = "homeroom.apps.connections"
    label = "connections"
    clocks = (
        "homeroom.apps.connections.tasks.queue_due_syncs",
        "homeroom.apps.connections.nightly_retention.RetentionClock",
    )
