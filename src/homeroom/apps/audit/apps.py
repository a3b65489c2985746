"""The audit area."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """App configuration of the audit area; its label is `audit`."""

    name = "homeroom.apps.audit"
    label = "audit"
