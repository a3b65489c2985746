"""The audit area."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """App configuration of the audit area; its label is `audit`."""

    name = "homeroom.apps.audit"
    label = "audit"
    clocks = (
        "homeroom.apps.audit.daily_signing.SigningClock",
        "homeroom.apps.audit.announcing.AnnouncementClock",
    )

    def ready(self) -> None:
        """Record the manifests of every district's evidence."""
        from homeroom.apps.audit.manifest_recorder import TrailRecorder
        from homeroom.apps.districts.evidence_store import set_recorder

        set_recorder(TrailRecorder)
