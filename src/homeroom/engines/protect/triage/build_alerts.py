"""Alerts made of stories, each with what a person has to know of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.detections.alerts import (
    Alert,
    AlertState,
    Entity,
    EntityKind,
    EventReference,
    FoldedDetection,
    Part,
    TriageTable,
    compute_alert_id,
)
from homeroom.engines.protect.triage.fold import fold_detections, is_personal, list_rules
from homeroom.engines.protect.triage.rank import iter_entities, rank_story, score_detection

MAX_EVENTS = 50
MAX_ENTITIES = 60
MAX_SENTENCES = 12
_PART_ORDER = {Part.VICTIM: 0, Part.ACTOR: 1, Part.OTHER: 2}
_KIND_ORDER = {kind: number for number, kind in enumerate(EntityKind)}


def build_alerts(detections: Iterable[FoldedDetection], *, table: TriageTable) -> list[Alert]:
    """Return the alerts of detections, ordered by their first ones.

    What was expected, is suppressed or is a planned test is folded by itself, so that it hides nothing. Canaries and
    new super administrators are never expected or suppressed.
    """
    of_state: dict[tuple[AlertState, bool], list[FoldedDetection]] = {}
    for detection in detections:
        of_state.setdefault((find_state(detection), bool(detection.planned_test)), []).append(detection)
    alerts = [
        _build_alert(story, state=state, table=table)
        for (state, _is_test), members in of_state.items()
        for story in fold_detections(members, shared_names=table.shared_names)
    ]
    return sorted(alerts, key=lambda alert: (alert.fired_at, alert.id))


def find_state(detection: FoldedDetection) -> AlertState:
    """Return the state of an alert of such detections before anybody looked at it."""
    if detection.always_alerts:
        return AlertState.NEW
    if detection.expected:
        return AlertState.EXPECTED
    return AlertState.SUPPRESSED if detection.suppressed else AlertState.NEW


def _build_alert(story: Sequence[FoldedDetection], *, state: AlertState, table: TriageTable) -> Alert:
    points = {detection.id: score_detection(detection, table=table) for detection in story}
    leading = max(story, key=lambda item: (item.always_alerts, points[item.id]))  # the first of those that are equal
    times = [event.time for detection in story for event in (detection.event, *detection.events)]
    reasons = {AlertState.EXPECTED: story[0].expected, AlertState.SUPPRESSED: story[0].suppressed}
    entities = _unite_entities(story)
    return Alert(
        id=compute_alert_id(story[0].id),
        severity=rank_story(story, table=table),
        title=_build_title(leading, shared_names=table.shared_names),
        detections=tuple(story),
        rules=list_rules(story),
        stages=tuple(dict.fromkeys(detection.stage for detection in story if detection.stage)),
        entities=entities[:MAX_ENTITIES],
        why=tuple(dict.fromkeys(line for item in (leading, *story) for line in item.why))[:MAX_SENTENCES],
        means=leading.means,
        first_step=leading.first_step,
        playbook=leading.playbook,
        first_seen=min(times),
        fired_at=find_fired_at(story, table=table),
        last_seen=max(times),
        events=choose_events(story),
        events_total=_count_events(story),
        state=state,
        reason=reasons.get(state, "") or story[0].planned_test,
    )


def find_fired_at(story: Sequence[FoldedDetection], *, table: TriageTable) -> datetime:
    """Return when a story rose above low, or began if it never does: what is added never makes it less urgent."""
    if rank_story(story, table=table) == Severity.LOW:
        return story[0].event.time
    number = bisect_left(
        range(1, len(story) + 1), True, key=lambda count: rank_story(story[:count], table=table) != Severity.LOW
    )
    return story[number].event.time


def _build_title(detection: FoldedDetection, *, shared_names: frozenset[str]) -> str:
    """Return the rule's title with its victim, else who acts, else the host, the app or the address."""
    named = sorted(
        (
            entity
            for entity in detection.entities
            if (entity.kind != EntityKind.ADDRESS or entity.part != Part.OTHER)
            and (entity.kind != EntityKind.ACCOUNT or is_personal(entity, shared_names=shared_names))
        ),
        key=lambda entity: (_KIND_ORDER[entity.kind], _PART_ORDER[entity.part]),
    )
    return f"{detection.title}: {named[0].label}" if named else detection.title


def choose_events(story: Sequence[FoldedDetection]) -> tuple[EventReference, ...]:
    """Return at most 50 events in the order of time: those that fired first of all, then those that led there."""
    fired = dict.fromkeys(detection.event for detection in story)
    others = dict.fromkeys(event for detection in story for event in detection.events if event not in fired)
    chosen = [*list(fired)[:MAX_EVENTS], *others][:MAX_EVENTS]
    return tuple(sorted(chosen, key=lambda event: (event.time, event.key)))


def _count_events(story: Sequence[FoldedDetection]) -> int:
    """Return how many different events there are; of a correlation with more than it names, its own count."""
    listed = {(event.source, event.key) for item in story for event in (item.event, *item.events)}
    beyond = sum(max(0, item.events_total - max(1, len(item.events))) for item in story)
    return len(listed) + beyond


def _unite_entities(story: Sequence[FoldedDetection]) -> tuple[Entity, ...]:
    """Return each entity of a story once; who is a victim somewhere and acts elsewhere is shown as acting."""
    united: dict[tuple[EntityKind, str], Entity] = {}
    for entity in iter_entities(story):
        key = (entity.kind, entity.id or entity.name.casefold())
        before = united.get(key)
        if before is None:
            united[key] = entity
        elif before.part != Part.ACTOR and entity.part != Part.OTHER:
            united[key] = replace(before, part=entity.part)
    return tuple(sorted(united.values(), key=lambda item: (_KIND_ORDER[item.kind], item.part == Part.OTHER)))
