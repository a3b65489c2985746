"""What people do about alerts: acknowledge, close as real or false alarm, open again. Each is in the audit trail."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.protect.detection.models import StoredAlert
from homeroom.apps.protect.detection.queries import FALSE_ALARM, VERDICTS, find_alert
from homeroom.domain.platform.district import District
from homeroom.domain.protect.detections.alerts import OPEN_STATES, AlertState

MIN_REASON_LENGTH = 10


class InvalidAlertChange(ValueError):
    """An alert cannot be changed like that; the message states what would fit."""


@transaction.atomic
def acknowledge_alert(*, district: District, at: datetime, actor: str, public: str) -> StoredAlert:
    """Note that somebody looks after an alert; one that is acknowledged already stays as it is.

    Raise LookupError if there is no such alert, and InvalidAlertChange if it is not open.
    """
    row = _get_alert(district, public)
    if row.state not in OPEN_STATES:
        raise InvalidAlertChange(f"{row.public} is {row.state}; only an open alert is acknowledged")
    if row.state == AlertState.NEW:
        row.state, row.acknowledged_by, row.acknowledged_at = AlertState.ACKNOWLEDGED, actor, at
        row.save(update_fields=["state", "acknowledged_by", "acknowledged_at"])
        _record(district, at, actor, "acknowledge alert", row)
    return row


@transaction.atomic
def close_alert(
    *, district: District, at: datetime, actor: str, public: str, verdict: str, reason: str = ""
) -> StoredAlert:
    """Close an alert as `real` or as a `false_alarm`, which needs a reason in a sentence.

    Raise LookupError if there is no such alert, and InvalidAlertChange for another verdict or without a reason.
    """
    row = _get_alert(district, public)
    if verdict not in VERDICTS:
        raise InvalidAlertChange(f"{verdict!r}; {' or '.join(VERDICTS)} would fit")
    if verdict == FALSE_ALARM and len(reason.strip()) < MIN_REASON_LENGTH:
        raise InvalidAlertChange("a false alarm needs its reason in a sentence, so that the rule gets better")
    row.state, row.verdict, row.reason = AlertState.CLOSED, verdict, reason.strip()
    row.closed_by, row.closed_at, row.closed_rules = actor, at, list(row.rules)
    row.save(update_fields=["state", "verdict", "reason", "closed_by", "closed_at", "closed_rules"])
    _record(district, at, actor, "close alert", row, verdict=verdict, reason=reason.strip())
    return row


@transaction.atomic
def reopen_alert(*, district: District, at: datetime, actor: str, public: str) -> StoredAlert:
    """Open a closed alert again. Raise LookupError if there is none, and InvalidAlertChange if it is not closed."""
    row = _get_alert(district, public)
    if row.state != AlertState.CLOSED:
        raise InvalidAlertChange(f"{row.public} is {row.state}; only a closed alert is opened again")
    row.state, row.verdict, row.reason, row.closed_at, row.closed_by = row.folded_state, "", "", None, ""
    row.closed_rules = []
    row.save(update_fields=["state", "verdict", "reason", "closed_at", "closed_by", "closed_rules"])
    _record(district, at, actor, "open alert again", row)
    return row


@transaction.atomic
def assign_incident(*, district: District, public: str, incident: str) -> StoredAlert:
    """Put an alert into an incident, or out of it with an empty one; the incident's own command records it.

    Raise LookupError if there is no such alert.
    """
    row = _get_alert(district, public)
    row.incident = incident
    row.state = AlertState.IN_INCIDENT if incident else row.folded_state
    row.save(update_fields=["incident", "state"])
    return row


def _get_alert(district: District, public: str) -> StoredAlert:
    row = find_alert(district=district, public=public)
    if row is None:
        raise LookupError(f"there is no alert {public}")
    return row


def _record(district: District, at: datetime, actor: str, action: str, row: StoredAlert, **detail: str) -> None:
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action=action,
        subject_kind="alert",
        subject=row.public,
        detail={"rules": list(row.rules), "severity": row.severity, **{k: v for k, v in detail.items() if v}},
    )
