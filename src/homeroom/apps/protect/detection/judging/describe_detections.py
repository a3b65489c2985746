"""Make of what rules found the detections that are stored: with entities and sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from homeroom.apps.protect.detection.judging.alert_rules import AlertRules, AlertTexts
from homeroom.domain.protect.detections.alerts import Entity, EntityKind, EventReference, FoldedDetection
from homeroom.domain.protect.detections.detections import Detection
from homeroom.domain.protect.detections.district_fields import DISTRICT_FIELDS, PREFIX
from homeroom.domain.protect.detections.events import LogEvent
from homeroom.engines.protect.enrich.detection_entities import list_entities
from homeroom.engines.protect.enrich.event_enricher import EventEnricher
from homeroom.engines.protect.enrich.parties import find_parties, list_party_fields
from homeroom.engines.protect.enrich.sentences import describe_test, list_sentences

MAX_EVENTS = 50
MAX_ENTITIES = 100


def describe_detection(detection: Detection, *, rules: AlertRules, enricher: EventEnricher) -> FoldedDetection | None:
    """Return the detection of a rule about single events; None if its event has no time or key."""
    event, texts = detection.event, rules.get_texts(detection.rule)
    if event.time is None or not event.key:
        return None
    entities = list_entities(event, knowledge=enricher.knowledge, fields=texts.entities)
    return build_detection(
        rule=detection.rule.id,
        texts=texts,
        event=event,
        matched=detection.matched,
        entities=entities,
        enricher=enricher,
    )


def describe_correlation(
    detection: Detection,
    *,
    events: Sequence[LogEvent],
    events_total: int,
    rules: AlertRules,
    enricher: EventEnricher,
) -> FoldedDetection:
    """Return the detection of a correlation; `events` are the last of those in its window."""
    texts = rules.get_texts(detection.rule)
    entities = unite_entities(
        list_entities(event, knowledge=enricher.knowledge, fields=texts.entities)
        for event in (detection.event, *reversed(events))
    )
    return build_detection(
        rule=detection.rule.id,
        texts=texts,
        event=detection.event,
        matched=detection.matched,
        entities=entities,
        enricher=enricher,
        events=tuple(build_reference(event) for event in events),
        events_total=events_total,
    )


def build_detection(
    *,
    rule: str,
    texts: AlertTexts,
    event: LogEvent,
    matched: Mapping[str, Any],
    entities: tuple[Entity, ...],
    enricher: EventEnricher,
    events: tuple[EventReference, ...] = (),
    events_total: int = 1,
) -> FoldedDetection:
    """Return a detection with the texts of its rule and the sentences of its event."""
    return FoldedDetection(
        rule=rule,
        title=texts.title,
        level=texts.level,
        stage=texts.stage,
        event=build_reference(event),
        entities=entities,
        why=list_sentences(
            title=texts.title,
            event=event,
            matched=matched,
            entities=entities,
            enricher=enricher,
            events_total=events_total,
        ),
        means=texts.means,
        first_step=texts.first_step,
        playbook=texts.playbook,
        events=events,
        events_total=events_total,
        always_alerts=texts.always_alerts,
        canary=find_touched_canary(event, enricher),
        planned_test=describe_test(event, enricher),
    )


def find_touched_canary(event: LogEvent, enricher: EventEnricher) -> str:
    """Return the value of the canary that an enriched event touches; empty if it touches none."""
    canary = enricher.find_canary(event, find_parties(event)) if event.fields.get("district.canary") else None
    return canary.value if canary else ""


def build_reference(event: LogEvent) -> EventReference:
    """Return the reference to an event of evidence; its file is the source and log."""
    assert event.time is not None
    source, _, log = event.file.partition("/")
    return EventReference(source=source, log=log, key=event.key, time=event.time)


def unite_entities(parts: Iterable[Sequence[Entity]]) -> tuple[Entity, ...]:
    """Return each entity once, the first of each at most so many."""
    entities: dict[tuple[EntityKind, str], Entity] = {}
    for part in parts:
        for entity in part:
            entities.setdefault((entity.kind, entity.id or entity.name.casefold()), entity)
    return tuple(entities.values())[:MAX_ENTITIES]


def list_shown_fields(rules: AlertRules) -> dict[str, frozenset[str]]:
    """Return by base rule the fields of its events that alerts of its correlations show."""
    common = {*(f"{PREFIX}{field.name}" for field in DISTRICT_FIELDS), *list_party_fields()}
    shown: dict[str, set[str]] = {}
    for correlation in rules.rules.correlations:
        hints = rules.get_texts(correlation.heading).entities
        names = common | {name for fields in hints.values() for name in fields}
        for base in correlation.correlation.rules:
            shown.setdefault(base, set()).update(names)
    return {rule: frozenset(names) for rule, names in shown.items()}
