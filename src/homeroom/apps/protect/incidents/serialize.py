"""Incidents and figures as `homeroom incidents --json` has them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from homeroom.apps.protect.incidents.queries import IncidentView
from homeroom.domain.protect.detections.alerts import Entity
from homeroom.domain.protect.incidents.records import TimelineEntry
from homeroom.engines.protect.incidents import MonthFigures


def build_incidents_document(incidents: Iterable[IncidentView]) -> dict[str, Any]:
    """Return incidents as plain values; times in UTC with Z."""
    return {"incidents": [_build_incident(incident) for incident in incidents]}


def _build_incident(incident: IncidentView) -> dict[str, Any]:
    return {
        "id": incident.id,
        "title": incident.title,
        "severity": str(incident.severity),
        "state": str(incident.state),
        "alerts": [alert.id for alert in incident.alerts],
        "entities": [_build_entity(entity) for entity in incident.entities],
        "timeline": [_build_entry(entry) for entry in incident.timeline],
        "playbook": incident.playbook,
        "moments": {str(moment): format_time(time) for moment, time in incident.moments.items()},
    }


def _build_entity(entity: Entity) -> dict[str, str]:
    return {"kind": str(entity.kind), "name": entity.name, "id": entity.id}


def _build_entry(entry: TimelineEntry) -> dict[str, str]:
    return {"time": format_time(entry.time), "what": entry.what, "by": str(entry.author), "key": entry.key}


def build_report_document(months: Iterable[MonthFigures]) -> dict[str, Any]:
    """Return the figures by month as plain values: medians in seconds, and the number of incidents of each."""
    return {
        "months": [
            {
                "month": month.month,
                "incidents": month.incidents,
                **{name: {"seconds": figure.seconds, "n": figure.n} for name, figure in month.figures.items()},
            }
            for month in months
        ]
    }


def format_time(time: datetime) -> str:
    """Return a time in UTC with Z."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
