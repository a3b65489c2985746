"""Alerts for tests of incidents."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.detections.alerts import Alert, Entity, EntityKind, Part, compute_alert_id
from homeroom.domain.protect.incidents.records import IncidentAlert
from homeroom.engines.protect.incidents import convert_alert
from tests.unit.protect.triage.stories import MONDAY, make_account, make_detection

HOUR = 60


def make_address(name: str, *, part: Part = Part.ACTOR) -> Entity:
    """Return an address, from outside the district unless its part is another."""
    return Entity(kind=EntityKind.ADDRESS, name=name, part=part)


def make_alert(
    rule: str, *entities: Entity, minutes: float = 0, severity: Severity = Severity.HIGH, **values: Any
) -> Alert:
    """Return an alert of one detection, so many minutes after Monday morning."""
    detection = make_detection(rule, *entities, minutes=minutes)
    time = MONDAY + timedelta(minutes=minutes)
    defaults: dict[str, Any] = {
        "id": compute_alert_id(detection.id), "severity": severity, "title": detection.title,
        "detections": (detection,), "rules": (rule,), "stages": ("access",), "entities": tuple(entities), "why": (),
        "means": "Somebody is in.", "first_step": "Look.", "playbook": "taken-over-staff-account",
        "first_seen": time, "fired_at": time, "last_seen": time, "events": (detection.event,), "events_total": 1,
    }  # fmt: skip
    return Alert(**{**defaults, **values})


def make_incident_alert(rule: str, *entities: Entity, **values: Any) -> IncidentAlert:
    """Return an alert as incidents take it."""
    return convert_alert(make_alert(rule, *entities, **values), shared_names=frozenset({"system"}))


ANA = make_account("ana@maple.example", id="a-1")
"""A member of staff."""
