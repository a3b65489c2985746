"""The outbox area."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Django configuration of the outbox app."""

    name = "homeroom.apps.platform.outbox"
    label = "outbox"
