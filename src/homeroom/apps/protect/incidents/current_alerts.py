"""The alerts of a district as incidents need them, and evidence's rows of their events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.detection.detection_rows import read_detection, read_entities, read_event, read_touch
from homeroom.apps.protect.detection.queries import (
    find_alert,
    find_alerts,
    group_detections,
    list_detections,
    list_queue,
    list_queue_outlines,
)
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.detections.alerts import Alert, AlertState, EventReference
from homeroom.domain.protect.incidents.records import DetectionLag, IncidentAlert
from homeroom.engines.protect.incidents import convert_alert
from homeroom.evidence.event_files.event_loads import EventLoad
from homeroom.evidence.events.event_store import EventStore
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.library.protect.triage.triage_table import load_triage_table

HOST_SOURCE, HOST_TABLE, AUDIT_TABLE = "windows", "host_events", "audit_events"
MAX_ALERTS = 1_000
MAX_LOADS = 5_000
"""Loads that are looked through for those of an event; of one that is older nobody knows when it came."""
_TABLES = (AUDIT_TABLE, HOST_TABLE)


def list_current_alerts(*, district: District) -> tuple[IncidentAlert, ...]:
    """Return the open alerts of the queue, those of incidents among them, at most the thousand most urgent."""
    rows = list_queue(district=district, limit=MAX_ALERTS)
    detections = group_detections(district=district, alerts=[row.public for row in rows])
    return tuple(_read_alert(row, detections.get(row.public, ())) for row in rows)


def list_alert_outlines(*, district: District) -> tuple[IncidentAlert, ...]:
    """Return the same alerts as `list_current_alerts` with what joins them, but without details and events."""
    rows = list_queue_outlines(district=district, limit=MAX_ALERTS)
    older = [row["public"] for row in rows if row["touches"] is None]  # nothing folded them since touches are stored
    read = {alert.id: alert for alert in load_alerts(district=district, alerts=older)}
    return tuple(read.get(row["public"]) or _read_outline(row) for row in rows)


def _read_outline(row: Mapping[str, Any]) -> IncidentAlert:
    return IncidentAlert(
        id=row["public"],
        title=row["title"],
        severity=Severity(row["severity"]),
        fired_at=row["fired_at"],
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
        touches=tuple(map(read_touch, row["touches"])),
        lag=DetectionLag(event_at=row["fired_at"], judged_at=row["made_at"]),
        incident=row["incident"],
        former=tuple(row["former"]),
    )


def load_alerts(*, district: District, alerts: Sequence[str]) -> tuple[IncidentAlert, ...]:
    """Return alerts by their ids, in that order, whatever their state; those that are gone are absent."""
    rows = find_alerts(district=district, alerts=alerts)
    detections = group_detections(district=district, alerts=[row.public for row in rows])
    return tuple(_read_alert(row, detections.get(row.public, ())) for row in rows)


def find_current_alert(*, district: District, public: str) -> IncidentAlert | None:
    """Return an alert by its id, or by one that it had before, whatever its state; None if there is none."""
    row = find_alert(district=district, public=public)
    if row is None:
        return None
    return _read_alert(row, list_detections(district=district, alert=row.public))


def _read_alert(row: Any, detections: Iterable[Any]) -> IncidentAlert:
    details = row.details
    alert = Alert(
        id=row.public,
        severity=Severity(row.severity),
        title=row.title,
        detections=tuple(map(read_detection, detections)),
        rules=tuple(row.rules),
        stages=tuple(row.stages),
        entities=read_entities(details["entities"]),
        why=tuple(details["why"]),
        means=details["means"],
        first_step=details["first_step"],
        playbook=details["playbook"],
        first_seen=row.first_seen,
        fired_at=row.fired_at,
        last_seen=row.last_seen,
        events=tuple(map(read_event, details["events"])),
        events_total=row.events_total,
        state=AlertState(row.state),
    )
    converted = convert_alert(alert, shared_names=load_triage_table().shared_names)
    lag = DetectionLag(event_at=row.fired_at, judged_at=row.made_at)
    return replace(converted, lag=lag, incident=row.incident, former=tuple(row.former))


@dataclass(frozen=True, kw_only=True)
class HeldRows:
    """Evidence's rows of events as JSON values, and the loads that brought them, oldest first."""

    rows: Mapping[EventReference, Mapping[str, Any]]
    loads: Sequence[EventLoad]

    def read(self, references: Iterable[EventReference]) -> dict[EventReference, Mapping[str, Any]]:
        """Return the rows of these events; an event that evidence lacks is absent."""
        return {reference: self.rows[reference] for reference in references if reference in self.rows}

    def measure(self, alert: IncidentAlert) -> IncidentAlert:
        """Return the alert with the times at which its firing event did not arrive yet, and did."""
        fired = next((event.reference for event in alert.events if event.reference.time == alert.fired_at), None)
        row = self.rows.get(fired) if fired else None
        load = next((item for item in self.loads if row and item.number == row["load_number"]), None)
        if load is None or alert.lag is None:
            return alert
        before = [item.loaded_at for item in self.loads if item.number < load.number and item.chain == load.chain]
        lag = replace(alert.lag, loaded_at=load.loaded_at, missing_at=max(before, default=None))
        return replace(alert, lag=lag)


def read_event_rows(*, district: District, alerts: Iterable[IncidentAlert]) -> HeldRows:
    """Return evidence's rows of the events that alerts name."""
    store = get_evidence_store(district=district)
    references: dict[str, list[EventReference]] = {table: [] for table in _TABLES}
    for alert in alerts:
        for event in alert.events:
            table = HOST_TABLE if event.reference.source == HOST_SOURCE else AUDIT_TABLE
            references[table].append(event.reference)
    rows: dict[EventReference, Mapping[str, Any]] = {}
    for table, named in references.items():
        if named:
            rows |= _find_rows(EventStore(store), table, named)
    return HeldRows(rows=rows, loads=_list_loads(store, {row["load_number"] for row in rows.values()}))


def _list_loads(store: EvidenceStore, numbers: set[int]) -> list[EventLoad]:
    """Return the loads of these numbers and the one before each of the same log, oldest first, among others."""
    loads: list[EventLoad] = []
    missing, chains = set(numbers), set()
    for load in islice(store.iter_event_loads(), MAX_LOADS if numbers else 0):
        loads.append(load)
        if load.number in missing:
            missing.discard(load.number)
            chains.add(load.chain)
        else:
            chains.discard(load.chain)
        if not missing and not chains:
            break
    return loads[::-1]


def _find_rows(
    events: EventStore, table: str, references: Sequence[EventReference]
) -> dict[EventReference, Mapping[str, Any]]:
    times = [reference.time for reference in references]
    matches = events.find_rows(
        table,
        {reference.key for reference in references},
        since=min(times),
        until=max(times) + timedelta(seconds=1),
    )
    by_key = {(row["source"], row["key"]): _serialize_row(row) for row in matches.to_pylist()}
    named = ((reference, by_key.get((reference.source, reference.key))) for reference in references)
    return {reference: row for reference, row in named if row is not None}


def _serialize_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
        if value is not None
    }
