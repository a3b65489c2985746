"""The audit area."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Registers the area under its own word."""

    name = "homeroom.apps.audit"
    label = "audit"
