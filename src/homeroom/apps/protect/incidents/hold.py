"""Copy alerts and the rows of their events into an incident, so that it holds them beyond the retention of logs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from homeroom.apps.protect.incidents.models import HeldAlert, HeldEvent, Incident
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.detections.alerts import Entity, EntityKind, EventReference, Part, Role
from homeroom.domain.protect.incidents.records import DetectionLag, IncidentAlert, IncidentEvent

type ReadRows = Callable[[Sequence[EventReference]], Mapping[EventReference, Mapping[str, Any]]]
"""Returns evidence's rows of events as JSON values; an event that evidence lacks is absent."""
_LAG = ("missing_at", "loaded_at", "judged_at")


def hold_alerts(
    incident: Incident, alerts: Iterable[IncidentAlert], *, district: District, read_rows: ReadRows
) -> list[IncidentAlert]:
    """Copy the alerts that no incident of the district has, and return them."""
    named = list(alerts)
    held = set(
        HeldAlert.objects.of(district).filter(alert__in=[item.id for item in named]).values_list("alert", flat=True)
    )
    new = [alert for alert in named if alert.id not in held]
    rows = read_rows([event.reference for alert in new for event in alert.events])
    for alert in new:
        held_alert = HeldAlert.objects.create(
            district_id=district.pk,
            incident=incident,
            alert=alert.id,
            title=alert.title,
            severity=alert.severity,
            playbook=alert.playbook,
            fired_at=alert.fired_at,
            first_seen=alert.first_seen,
            last_seen=alert.last_seen,
            details=_serialize_details(alert),
        )
        HeldEvent.objects.bulk_create(
            [_build_event(district, held_alert, event, rows.get(event.reference, {})) for event in alert.events]
        )
    return new


def _build_event(district: District, alert: HeldAlert, event: IncidentEvent, row: Mapping[str, Any]) -> HeldEvent:
    reference = event.reference
    return HeldEvent(
        district_id=district.pk,
        alert=alert,
        source=reference.source,
        log=reference.log,
        key=reference.key,
        at=reference.time,
        what=event.what,
        fires=event.fires,
        row=dict(row),
    )


def _serialize_details(alert: IncidentAlert) -> dict[str, Any]:
    lag = {name: getattr(alert.lag, name) for name in _LAG} if alert.lag else {}
    return {
        "rules": list(alert.rules),
        "stages": list(alert.stages),
        "entities": [
            {name: str(getattr(entity, name)) for name in ("kind", "name", "id", "part", "role")}
            for entity in alert.entities
        ],
        "why": list(alert.why),
        "means": alert.means,
        "first_step": alert.first_step,
        "lag": {name: time.isoformat() for name, time in lag.items() if time is not None},
    }


def read_held_alert(row: HeldAlert, events: Iterable[HeldEvent] = ()) -> IncidentAlert:
    """Return the alert that a copy holds."""
    details = row.details
    return IncidentAlert(
        id=row.alert,
        title=row.title,
        severity=Severity(row.severity),
        fired_at=row.fired_at,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        rules=tuple(details["rules"]),
        stages=tuple(details["stages"]),
        entities=read_entities(details["entities"]),
        why=tuple(details["why"]),
        means=details["means"],
        first_step=details["first_step"],
        playbook=row.playbook,
        events=tuple(map(read_held_event, events)),
        lag=read_lag(details["lag"], event_at=row.fired_at),
    )


def read_lag(times: Mapping[str, str], *, event_at: datetime) -> DetectionLag | None:
    """Return when the firing event came and was judged, from the details of a copy; None if nobody knows."""
    if not times:
        return None
    return DetectionLag(event_at=event_at, **{name: datetime.fromisoformat(text) for name, text in times.items()})


def read_held_event(row: HeldEvent) -> IncidentEvent:
    """Return the event that a copy holds, without evidence's row."""
    reference = EventReference(source=row.source, log=row.log, key=row.key, time=row.at)
    return IncidentEvent(reference=reference, what=row.what, fires=row.fires)


def read_entities(values: Iterable[Mapping[str, str]]) -> tuple[Entity, ...]:
    """Return entities from the details of a copy."""
    return tuple(
        Entity(
            kind=EntityKind(value["kind"]),
            name=value["name"],
            id=value["id"],
            part=Part(value["part"]),
            role=Role(value["role"]),
        )
        for value in values
    )
