"""Downloads of files with people in them, as entries of the audit trail."""

from __future__ import annotations

from homeroom.apps.audit.commands import record_audit_entry
from homeroom.web.shared.access import DistrictRequest


def record_download(request: DistrictRequest, action: str, *, subject_kind: str = "", subject: object = "") -> None:
    """Record that a visitor takes a file: `action` is a verb phrase such as `export disclosures`."""
    visit = request.visit
    record_audit_entry(
        district=visit.district,
        at=visit.now,
        actor=visit.actor,
        action=action,
        subject_kind=subject_kind,
        subject=str(subject)[:80],
    )
