"""Two years of a district's alerts: detections, alerts that were closed, expected, suppressed or low, and incidents.

Each week a few alerts go to people, and dozens that are expected, suppressed or low do not. An incident a month is
closed; in the worst one, still open, are 500 alerts with ten events each.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

WEEKS = 104
WEEKLY = {"closed": 3, "expected": 40, "suppressed": 10, "low": 30}
"""Alerts a week by what became of them; low ones stay new, and only the digest has them."""
OPEN_ALERTS = 120
WORST_ALERTS, USUAL_ALERTS = 500, 8
EVENTS_AN_ALERT = 10
NEWEST = datetime(2026, 11, 20, 12, tzinfo=UTC)
_RULES = ("google-file-made-public", "microsoft-mass-guests", "windows-log-cleared", "google-mass-download")
_SEVERITIES = ("critical", "high", "medium")
_RANKS = {"critical": 0, "high": 1, "medium": 2, "low": 3}


@dataclass(frozen=True, kw_only=True)
class AlertHistory:
    """Ids of what was created: the worst alert, the worst incident and a usual one, and how many rows there are."""

    worst_alert: str
    worst_incident: str
    usual_incident: str
    alerts: int
    detections: int


def create_alert_history(district: Any) -> AlertHistory:
    """Create the rows in the database, as judging and people would have."""
    from django.db import transaction

    from homeroom.apps.protect.detection.models import StoredAlert, StoredDetection

    dice = random.Random(17)
    alerts = list(_build_alerts(district.pk, dice))
    detections = [row for alert in alerts for row in _build_detections(alert)]
    with transaction.atomic():
        StoredAlert.objects.bulk_create(alerts, batch_size=500)
        StoredDetection.objects.bulk_create(detections, batch_size=500)
        worst, usual = _create_incidents(district, alerts)
    return AlertHistory(
        worst_alert=max(alerts, key=lambda alert: alert.events_total).public,
        worst_incident=worst,
        usual_incident=usual,
        alerts=len(alerts),
        detections=len(detections),
    )


def _build_alerts(district: int, dice: random.Random) -> Iterator[Any]:
    number = 0
    for week in range(WEEKS):
        for state, count in WEEKLY.items():
            for _ in range(count):
                number += 1
                at = NEWEST - timedelta(weeks=week, minutes=dice.randrange(7 * 24 * 60))
                severity = "low" if state == "low" else dice.choice(_SEVERITIES)
                yield _build_alert(district, number, at, "new" if state == "low" else state, severity, dice)
    for _ in range(OPEN_ALERTS):
        number += 1
        at = NEWEST - timedelta(hours=dice.randrange(14 * 24))
        yield _build_alert(district, number, at, "new", dice.choice(_SEVERITIES), dice)
    for _ in range(WORST_ALERTS):
        number += 1
        at = NEWEST - timedelta(minutes=dice.randrange(20 * 60))
        yield _build_alert(district, number, at, "in_incident", "critical", dice, victim="victim@bench.example")


def _build_alert(
    district: int, number: int, at: datetime, state: str, severity: str, dice: random.Random, *, victim: str = ""
) -> Any:
    from homeroom.apps.protect.detection.models import StoredAlert

    rule = dice.choice(_RULES)
    events = [_build_event(number, place, at) for place in range(EVENTS_AN_ALERT)]
    names = [f"person{dice.randrange(10**6)}@bench.example", *([victim] if victim else [])]
    entities = [_build_entity("account", name) for name in names] + [
        _build_entity("address", f"203.0.113.{number % 250}")
    ]
    return StoredAlert(
        district_id=district,
        public=f"alert-{number:016x}",
        state=state,
        folded_state=state if state in ("expected", "suppressed") else "new",
        severity=severity,
        rank=_RANKS[severity],
        title=f"{rule} by {names[0]}",
        rules=[rule],
        stages=["exfiltration"],
        first_seen=at,
        fired_at=at,
        last_seen=at + timedelta(minutes=EVENTS_AN_ALERT),
        began_at=at,
        ended_at=at + timedelta(minutes=EVENTS_AN_ALERT),
        events_total=EVENTS_AN_ALERT + number % 7,
        details={
            "entities": entities,
            "why": ["It signed in from Chad, where nobody of the district is.", "It never took so many files."],
            "events": events,
            "means": "Somebody may have the password.",
            "first_step": "Ask the account's owner by phone.",
            "playbook": "account-takeover",
        },
        touches=[
            [entity["kind"], entity["name"], at.isoformat(), (at + timedelta(minutes=EVENTS_AN_ALERT)).isoformat()]
            for entity in entities
        ],
        reason="A test." if state in ("expected", "suppressed", "closed") else "",
        made_at=at + timedelta(minutes=10),
        closed_at=at + timedelta(days=1) if state == "closed" else None,
        closed_rules=[rule] if state == "closed" else [],
        verdict="false_alarm" if state == "closed" else "",
    )


def _build_event(number: int, place: int, at: datetime) -> dict[str, Any]:
    time = (at + timedelta(minutes=place)).isoformat().replace("+00:00", "Z")
    return {"source": "google", "log": "drive", "key": f"{time}/drive/{number}/{place}", "time": time}


def _build_entity(kind: str, name: str) -> dict[str, str]:
    return {"kind": kind, "name": name, "id": "", "part": "actor", "role": "staff", "country": ""}


def _build_detections(alert: Any) -> Iterator[Any]:
    """Yield a detection for each event of an alert."""
    from homeroom.apps.protect.detection.models import StoredDetection

    details = alert.details
    for event in details["events"]:
        yield StoredDetection(
            district_id=alert.district_id,
            rule=alert.rules[0],
            event_key=event["key"],
            source=event["source"],
            log=event["log"],
            at=datetime.fromisoformat(event["time"]),
            title=alert.title,
            level=alert.severity,
            stage="exfiltration",
            means=details["means"],
            first_step=details["first_step"],
            playbook=details["playbook"],
            entities=details["entities"],
            why=details["why"],
            alert=alert.public,
        )


def _create_incidents(district: Any, alerts: Sequence[Any]) -> tuple[str, str]:
    """Create an incident a month and the worst one, and return the ids of the worst and of the newest other."""
    worst = [alert for alert in alerts if alert.state == "in_incident"]
    closed = sorted((alert for alert in alerts if alert.state == "closed"), key=lambda alert: alert.fired_at)
    for start in range(0, len(closed), len(closed) // 24 + 1):
        usual = _create_incident(district, closed[start : start + USUAL_ALERTS], "closed", number=start)
    return _create_incident(district, worst, "open", number=100_000), usual


def _create_incident(district: Any, alerts: Sequence[Any], state: str, *, number: int) -> str:
    from homeroom.apps.protect.incidents.models import HeldAlert, HeldEvent, Incident, IncidentEntry

    at = max(alert.fired_at for alert in alerts)
    public = f"incident-{number:016x}"
    incident = Incident.objects.create(
        district_id=district.pk,
        public=public,
        title=f"Incident {number}",
        severity="critical",
        state=state,
        playbook="account-takeover",
        made_by="technician",
        made_at=at,
    )
    held = HeldAlert.objects.bulk_create([_build_held(district, incident, alert) for alert in alerts])
    HeldEvent.objects.bulk_create(
        [
            HeldEvent(
                district_id=district.pk,
                alert=copy,
                source=event["source"],
                log=event["log"],
                key=event["key"],
                at=datetime.fromisoformat(event["time"]),
                what=alert.title,
            )
            for copy, alert in zip(held, alerts, strict=True)
            for event in alert.details["events"]
        ],
        batch_size=500,
    )
    IncidentEntry.objects.bulk_create(
        IncidentEntry(
            district_id=district.pk,
            incident=incident,
            kind="note",
            at=at + timedelta(minutes=place),
            text="Called the owner.",
            written_by="technician",
            written_at=at + timedelta(minutes=place),
        )
        for place in range(40)
    )
    return public


def _build_held(district: Any, incident: Any, alert: Any) -> Any:
    from homeroom.apps.protect.incidents.models import HeldAlert

    details = {name: alert.details[name] for name in ("entities", "why", "means", "first_step")}
    return HeldAlert(
        district_id=district.pk,
        incident=incident,
        alert=alert.public,
        title=alert.title,
        severity=alert.severity,
        playbook=alert.details["playbook"],
        fired_at=alert.fired_at,
        first_seen=alert.first_seen,
        last_seen=alert.last_seen,
        details={**details, "rules": alert.rules, "stages": alert.stages, "lag": {}},
    )
