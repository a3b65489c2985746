"""Erase a person from logs and what came of them; what incidents hold stays, and the outcome names it."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.protect.detection.erase_detections import ErasedDetections, erase_detections
from homeroom.apps.protect.incidents.models import HeldAlert, HeldEvent, Incident, IncidentEntry
from homeroom.domain.platform.district import District
from homeroom.evidence.events.erase_events import (
    ErasedEvents,
    build_name_pattern,
    count_events_of_person,
    erase_person,
)
from homeroom.evidence.loads.store import EvidenceStore

MIN_REASON_LENGTH = 10


@dataclass(frozen=True, kw_only=True)
class IncidentHold:
    """An incident that names the person: how many of its alerts, events and entries do. They stay as its evidence."""

    incident: str
    title: str
    state: str
    alerts: int
    events: int
    entries: int


@dataclass(frozen=True, kw_only=True)
class PersonErasure:
    """What was erased of a person, or would be, and the incidents that hold the rest."""

    events: ErasedEvents
    detections: ErasedDetections
    holds: tuple[IncidentHold, ...] = ()


def preview_person_erasure(
    *, district: District, store: EvidenceStore, names: Collection[str], at: datetime
) -> PersonErasure:
    """Return what an erasure would erase, and what would stay. Raise ValueError for names that are too short."""
    pattern = re.compile(build_name_pattern(names))
    return PersonErasure(
        events=count_events_of_person(store, names),
        detections=erase_detections(district=district, store=store, pattern=pattern, at=at, preview=True),
        holds=list_holds(district=district, pattern=pattern),
    )


def erase_person_everywhere(
    *, district: District, store: EvidenceStore, names: Collection[str], reason: str, actor: str, at: datetime
) -> PersonErasure:
    """Erase a person from events, detections and alerts, by all names that logs have for them.

    What an incident holds stays: it is the evidence of what happened, and a person decides about it when the incident
    is over. The audit trail has the reason and the counts, never the names. Raise ValueError.
    """
    if len(reason.strip()) < MIN_REASON_LENGTH:
        raise ValueError("a reason in a sentence would fit")
    pattern = re.compile(build_name_pattern(names))
    holds = list_holds(district=district, pattern=pattern)
    with store.lock_for_writing():
        events = erase_person(store, names)
    detections = erase_detections(district=district, store=store, pattern=pattern, at=at)
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action="erase person from logs",
        subject_kind="events",
        detail={
            "reason": reason.strip(),
            "names": len(set(names)),
            "events": events.rows,
            "detections": detections.detections,
            "alerts": detections.alerts,
            "held_by": [hold.incident for hold in holds],
        },
    )
    return PersonErasure(events=events, detections=detections, holds=holds)


def list_holds(*, district: District, pattern: re.Pattern[str]) -> tuple[IncidentHold, ...]:
    """Return the incidents that name a person in what they hold or in what people wrote."""
    counts: dict[int, list[int]] = {}
    texts_by_incident: tuple[Any, ...] = (
        HeldAlert.objects.of(district).values_list("incident", "title", "details"),
        HeldEvent.objects.of(district).values_list("alert__incident", "what", "key", "row"),
        IncidentEntry.objects.of(district).values_list("incident", "text", "reason"),
    )
    for position, rows in enumerate(texts_by_incident):
        for number, *texts in rows.iterator():
            if pattern.search(json.dumps(texts, ensure_ascii=False)):
                counts.setdefault(number, [0, 0, 0])[position] += 1
    rows_by_number = Incident.objects.of(district).in_bulk(list(counts))
    return tuple(
        IncidentHold(
            incident=rows_by_number[number].public,
            title=rows_by_number[number].title,
            state=rows_by_number[number].state,
            alerts=named[0],
            events=named[1],
            entries=named[2],
        )
        for number, named in sorted(counts.items())
    )


def list_held_models(district: District) -> dict[str, Q]:
    """Return for each model of incidents the condition of the rows that stay: those of incidents that are not over."""
    over = ("closed", "merged")
    open_incidents = list(Incident.objects.of(district).exclude(state__in=over).values_list("pk", flat=True))
    by_incident = Q(incident__in=open_incidents)
    return {
        "incidents.Incident": Q(pk__in=open_incidents),
        "incidents.HeldAlert": by_incident,
        "incidents.HeldEvent": Q(alert__incident__in=open_incidents),
        "incidents.IncidentEntry": by_incident,
        "incidents.IncidentTask": by_incident,
        "incidents.IncidentFile": by_incident,
    }
