"""Detections as rows and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from homeroom.apps.protect.detection.models import StoredDetection
from homeroom.domain.platform.district import District
from homeroom.domain.protect.detections.alerts import Entity, EntityKind, EventReference, FoldedDetection, Part, Role
from homeroom.domain.protect.incidents.records import Touch

ROWS_PER_STATEMENT = 500
_TEXT_FIELDS = ("title", "level", "stage", "means", "first_step", "playbook", "planned_test")
_CHANGED = (
    *("source", "log", "at", *_TEXT_FIELDS, "entities", "why", "events", "events_total"),
    *("always", "correlated", "canary"),
)


def write_detections(
    *, district: District, detections: Iterable[FoldedDetection], correlated: bool = False
) -> list[FoldedDetection]:
    """Store detections, each once; those that are stored already are replaced. Return what was written."""
    written = list({item.id: item for item in detections}.values())
    for start in range(0, len(written), ROWS_PER_STATEMENT):
        StoredDetection.objects.bulk_create(
            [_build_row(district, item, correlated=correlated) for item in written[start : start + ROWS_PER_STATEMENT]],
            update_conflicts=True,
            unique_fields=["district", "rule", "event_key"],
            update_fields=list(_CHANGED),
        )
    return written


def _build_row(district: District, item: FoldedDetection, *, correlated: bool) -> StoredDetection:
    return StoredDetection(
        district_id=district.pk,
        rule=item.rule,
        event_key=item.event.key,
        source=item.event.source,
        log=item.event.log,
        at=item.event.time,
        entities=[serialize_entity(entity) for entity in item.entities],
        why=list(item.why),
        events=[serialize_event(event) for event in item.events],
        events_total=item.events_total,
        correlated=correlated,
        always=item.always_alerts,
        canary=item.canary.casefold(),
        **{name: getattr(item, name) for name in _TEXT_FIELDS},
    )


def read_detection(row: StoredDetection, *, expected: str = "", suppressed: str = "") -> FoldedDetection:
    """Return a stored detection, with the reasons why it alerts nobody."""
    return FoldedDetection(
        rule=row.rule,
        event=EventReference(source=row.source, log=row.log, key=row.event_key, time=row.at),
        entities=read_entities(row.entities),
        why=tuple(row.why),
        events=tuple(map(read_event, row.events)),
        events_total=row.events_total,
        always_alerts=row.always,
        canary=row.canary,
        expected=expected,
        suppressed=suppressed,
        **{name: getattr(row, name) for name in _TEXT_FIELDS},
    )


def serialize_entity(entity: Entity) -> dict[str, str]:
    """Return an entity as JSON, without what is empty."""
    values = {name: str(getattr(entity, name)) for name in ("kind", "name", "id", "part", "role", "country", "person")}
    return {name: value for name, value in values.items() if value}


def read_entities(values: Sequence[dict[str, Any]]) -> tuple[Entity, ...]:
    """Return entities from JSON."""
    return tuple(
        Entity(
            kind=EntityKind(item["kind"]),
            name=item["name"],
            id=item.get("id", ""),
            part=Part(item["part"]),
            role=Role(item["role"]),
            country=item.get("country", ""),
            person=item.get("person", ""),
        )
        for item in values
    )


def serialize_event(event: EventReference) -> dict[str, str]:
    """Return a reference to an event as JSON, in the form of `homeroom alerts`."""
    return {"source": event.source, "log": event.log, "key": event.key, "time": format_utc(event.time)}


def read_event(value: dict[str, str]) -> EventReference:
    """Return a reference to an event from JSON."""
    time = datetime.fromisoformat(value["time"])
    return EventReference(source=value["source"], log=value["log"], key=value["key"], time=time)


def serialize_touch(touch: Touch) -> list[str]:
    """Return what joins an alert to others as JSON."""
    return [str(touch.kind), touch.name, format_utc(touch.first), format_utc(touch.last)]


def read_touch(value: Sequence[str]) -> Touch:
    """Return what joins an alert to others from JSON."""
    kind, name, first, last = value
    return Touch(
        kind=EntityKind(kind), name=name, first=datetime.fromisoformat(first), last=datetime.fromisoformat(last)
    )


def format_utc(time: datetime) -> str:
    """Return a time in UTC with Z."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
