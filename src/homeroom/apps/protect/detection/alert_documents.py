"""Alerts as the document that `homeroom alerts --json` prints."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from homeroom.apps.protect.detection.detection_rows import format_utc
from homeroom.apps.protect.detection.models import StoredAlert
from homeroom.apps.protect.detection.queries import JudgedUntil

_ENTITY_FIELDS = ("kind", "name", "id")


def build_alerts_document(alerts: Iterable[StoredAlert], *, judged_until: JudgedUntil, at: datetime) -> dict[str, Any]:
    """Return alerts in their order, and until when each log was judged."""
    return {
        "as_of": format_utc(at),
        "judged_until": dict(judged_until.logs),
        "alerts": [build_alert_document(alert) for alert in alerts],
    }


def build_alert_document(alert: StoredAlert) -> dict[str, Any]:
    """Return one alert: times in UTC with Z, at most 50 events, those that fired among them."""
    details = alert.details
    return {
        "id": alert.public,
        "rules": list(alert.rules),
        "title": alert.title,
        "severity": alert.severity,
        "state": alert.state,
        "first_seen": format_utc(alert.first_seen),
        "fired_at": format_utc(alert.fired_at),
        "last_seen": format_utc(alert.last_seen),
        "stages": list(alert.stages),
        "entities": [{name: item.get(name, "") for name in _ENTITY_FIELDS} for item in details["entities"]],
        "why": list(details["why"]),
        "means": details["means"],
        "first_step": details["first_step"],
        "events": list(details["events"]),
        "events_total": alert.events_total,
        "incident": alert.incident or None,
        "reason": alert.reason or None,
    }
