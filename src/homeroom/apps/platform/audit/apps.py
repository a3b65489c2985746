"""The audit area."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """App configuration of the audit area; its label is `audit`."""

    name = "homeroom.apps.platform.audit"
    label = "audit"
    clocks = (
        "homeroom.apps.platform.audit.daily_signing.SigningClock",
        "homeroom.apps.platform.audit.announcing.AnnouncementClock",
    )

    def ready(self) -> None:
        """Record the manifests of every district's evidence."""
        from homeroom.apps.platform.audit.manifest_recorder import TrailRecorder
        from homeroom.apps.platform.districts.evidence_store import set_recorder

        set_recorder(TrailRecorder)
