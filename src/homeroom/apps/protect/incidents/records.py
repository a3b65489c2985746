"""Rows of incidents: find one to change, and write what changed to its entries and to the audit trail."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.queries import list_members
from homeroom.apps.protect.incidents.models import Incident, IncidentEntry
from homeroom.domain.platform.district import District
from homeroom.domain.protect.incidents.records import ACTIVE_STATES, IncidentState, Moment

MERGED = "merged"
"""State of an incident whose alerts another one took."""
MAX_TEXT = 4_000


class IncidentRefused(ValueError):
    """A change of an incident is refused; the message has what would fit, and `field` names the form field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def get_active_incident(district: District, public: str) -> Incident:
    """Return an incident that is open or contained, locked; raise LookupError, or IncidentRefused if it is closed."""
    row = get_incident_row(district, public)
    if row.state not in ACTIVE_STATES:
        raise IncidentRefused("state", f"the incident is {row.state}; one that is open would fit")
    return row


def get_incident_row(district: District, public: str) -> Incident:
    """Return the row of an incident, locked; raise LookupError if the district has no such incident."""
    row = Incident.objects.of(district).select_for_update().filter(public=public).first()
    if row is None:
        raise LookupError(f"there is no incident {public}")
    return row


def create_incident(
    district: District,
    *,
    title: str,
    severity: str,
    actor: str,
    at: datetime,
    public: str = "",
    playbook: str = "",
    by_hand: bool = False,
) -> Incident:
    """Create the row of an incident that is open from now on."""
    return Incident.objects.create(
        district_id=district.pk,
        public=public or f"incident-{secrets.token_hex(8)}",
        title=clean_text("title", title, required=True),
        severity=severity,
        state=IncidentState.OPEN,
        playbook=playbook,
        made_by=actor,
        made_at=at,
        by_hand=by_hand,
    )


def record_entry(
    incident: Incident,
    kind: str,
    text: str,
    *,
    district: District,
    actor: str,
    at: datetime,
    happened_at: datetime | None = None,
    reason: str = "",
    detail: dict[str, Any] | None = None,
) -> None:
    """Write an entry of the incident's timeline, and one of the audit trail about the same."""
    IncidentEntry.objects.create(
        district_id=district.pk,
        incident=incident,
        kind=kind,
        at=happened_at or at,
        text=text,
        reason=reason,
        written_by=actor,
        written_at=at,
    )
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action=AUDIT_ACTIONS[kind],
        subject_kind="incident",
        subject=incident.public,
        detail=detail,
    )


AUDIT_ACTIONS = {
    "opened": "open incident",
    "note": "write note of incident",
    "decision": "record decision of incident",
    "task": "change task of incident",
    "moment": "mark moment of incident",
    "file": "attach file to incident",
    "merged": "merge incidents",
    "split": "split incident",
    "joined": "add alerts to incident",
    "details": "change incident",
    "declared": "declare incident",
    "closed": "close incident",
    "reopened": "reopen incident",
}
"""By kind of entry: its action in the audit trail."""


def mark(incident: Incident, moment: Moment, at: datetime, *, replaces: bool = False) -> None:
    """Set the time of a moment, if it has none or `replaces`; the caller saves the row."""
    if replaces or moment not in incident.moments:
        incident.moments = {**incident.moments, str(moment): at.isoformat()}


def check_member(district: District, owner: str) -> str:
    """Return the user name of a member of the district, or empty; raise IncidentRefused for anybody else."""
    name = owner.strip()
    if name and name not in {member for member, _, _ in list_members(district=district)}:
        raise IncidentRefused("owner", f"{name!r} is nobody of this district; a member of it would fit")
    return name


def clean_text(field: str, text: str, *, required: bool = False) -> str:
    """Return a text without spaces around it; raise IncidentRefused if it is too long, or empty and required."""
    cleaned = text.strip()
    if required and not cleaned:
        raise IncidentRefused(field, f"{field}: a sentence would fit")
    if len(cleaned) > MAX_TEXT:
        raise IncidentRefused(field, f"{field}: at most {MAX_TEXT} characters would fit")
    return cleaned
