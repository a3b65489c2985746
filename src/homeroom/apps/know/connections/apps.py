"""The connections area."""

from django.apps import AppConfig


class ConnectionsConfig(AppConfig):
    """Django configuration of the connections app."""

    name = "homeroom.apps.know.connections"
    label = "connections"
    measures = ("homeroom.apps.know.connections.measures.measure_connections",)
    clocks = (
        "homeroom.apps.know.connections.tasks.queue_due_syncs",
        "homeroom.apps.know.connections.nightly_retention.RetentionClock",
    )
