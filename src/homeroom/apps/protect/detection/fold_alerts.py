"""Fold stored detections into stored alerts: those of the time around what is new, whole stories at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from homeroom.apps.protect.detection.detection_rows import (
    read_detection,
    read_entities,
    serialize_entity,
    serialize_event,
    serialize_touch,
)
from homeroom.apps.protect.detection.models import StoredAlert, StoredDetection
from homeroom.apps.protect.exceptions.queries import DetectionSuppression, list_detection_suppressions
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.detections.alerts import Alert, AlertState, Entity, FoldedDetection
from homeroom.domain.protect.detections.expected_activity import ExpectedActivity
from homeroom.engines.protect.incidents import find_touches
from homeroom.engines.protect.triage import ExpectedActivities, build_alerts
from homeroom.engines.protect.triage.fold import STORY_GAP
from homeroom.library.protect.triage.triage_table import load_triage_table

RANKS = {severity: number for number, severity in enumerate(Severity)}
_HUMAN_ORDER = (AlertState.IN_INCIDENT, AlertState.ACKNOWLEDGED, AlertState.NEW, AlertState.CLOSED)
_ROWS = 500
_PEOPLE_FIELDS = ("incident", "acknowledged_by", "acknowledged_at", "closed_by", "closed_at", "verdict", "closed_rules")


@dataclass(frozen=True, kw_only=True)
class FoldOutcome:
    """Ids of the alerts in the queue that a fold made, which were not there before."""

    new: tuple[str, ...] = ()


def fold_alerts(
    *,
    district: District,
    expected: Iterable[ExpectedActivity],
    since: datetime,
    until: datetime,
    at: datetime,
) -> FoldOutcome:
    """Fold the detections of a time, and of all stories that reach into it, in one transaction."""
    with transaction.atomic():
        first, last = _widen_span(district, since, until)
        rows = list(StoredDetection.objects.of(district).filter(at__gte=first, at__lte=last).order_by("at", "pk"))
        reasons = _ReasonFinder(district, expected)
        alerts = build_alerts((reasons.read(row) for row in rows), table=load_triage_table())
        before = StoredAlert.objects.of(district).filter(began_at__gte=first, ended_at__lte=last)
        return _store_alerts(district, rows, alerts, before={row.public: row for row in before}, at=at)


def _widen_span(district: District, since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """Return the time from the beginning to the end of all stories that could join with one of the given time."""
    first, last = since, until
    while True:
        near = StoredAlert.objects.of(district).filter(ended_at__gte=first - STORY_GAP, began_at__lte=last + STORY_GAP)
        spans = list(near.values_list("began_at", "ended_at"))
        wider = (min([first, *(began for began, _end in spans)]), max([last, *(ended for _began, ended in spans)]))
        if wider == (first, last):
            return wider
        first, last = wider


class _ReasonFinder:
    """Why detections alert nobody: announced work, and suppressions."""

    def __init__(self, district: District, expected: Iterable[ExpectedActivity]) -> None:
        self._expected = ExpectedActivities(expected, timezone=district.timezone)
        self._suppressions = list_detection_suppressions(district=district)
        self._zone = ZoneInfo(district.timezone)

    def read(self, row: StoredDetection) -> FoldedDetection:
        """Return a stored detection with the reasons."""
        entities = read_entities(row.entities)
        activity = self._expected.find(entities, at=row.at)
        return read_detection(
            row,
            expected=activity.reason if activity else "",
            suppressed=find_suppression(row, entities, self._suppressions, zone=self._zone),
        )


def find_suppression(
    row: StoredDetection, entities: Sequence[Entity], suppressions: Iterable[DetectionSuppression], *, zone: ZoneInfo
) -> str:
    """Return the reason of the suppression that covers a detection; empty if none does."""
    names = {(str(entity.kind), entity.name.casefold()) for entity in entities}
    day = row.at.astimezone(zone).date()
    return next((item.reason for item in suppressions if item.covers(rule=row.rule, day=day, names=names)), "")


def _store_alerts(
    district: District,
    rows: Sequence[StoredDetection],
    alerts: Sequence[Alert],
    *,
    before: Mapping[str, StoredAlert],
    at: datetime,
) -> FoldOutcome:
    """Store the alerts of a time, and delete those of before that are none any more."""
    by_id = {(row.rule, row.event_key): row for row in rows}
    moved: list[StoredDetection] = []
    stored, fresh = [], []
    for alert in alerts:
        members = [by_id[item.id] for item in alert.detections]
        sources = [before[public] for public in dict.fromkeys(row.alert for row in members) if public in before]
        has_new_always = any(row.always and not row.alert for row in members)
        row = _build_row(district, alert, sources, at=at, has_new_always=has_new_always)
        stored.append(row)
        if not sources and row.state == AlertState.NEW and row.severity != Severity.LOW:
            fresh.append(row.public)
        for member in members:
            if member.alert != alert.id:
                member.alert = alert.id
                moved.append(member)
    _write(district, stored, gone=set(before) - {row.public for row in stored})
    for start in range(0, len(moved), _ROWS):
        StoredDetection.objects.of(district).bulk_update(moved[start : start + _ROWS], ["alert"])
    return FoldOutcome(new=tuple(fresh))


def _write(district: District, stored: Sequence[StoredAlert], *, gone: set[str]) -> None:
    fields = [
        field.name for field in StoredAlert._meta.concrete_fields if field.name not in ("id", "district", "public")
    ]
    for start in range(0, len(stored), _ROWS):
        StoredAlert.objects.bulk_create(
            stored[start : start + _ROWS],
            update_conflicts=True,
            unique_fields=["district", "public"],
            update_fields=fields,
        )
    StoredAlert.objects.of(district).filter(public__in=gone).delete()


def _build_row(
    district: District, alert: Alert, sources: Sequence[StoredAlert], *, at: datetime, has_new_always: bool
) -> StoredAlert:
    """Return an alert as a row; what people did about those that it was before stays."""
    lead = min(sources, key=lambda row: _order_state(row.state), default=None)
    row = StoredAlert(
        district_id=district.pk,
        public=alert.id,
        former=_list_former(alert, sources),
        folded_state=alert.state,
        state=alert.state,
        severity=alert.severity,
        rank=RANKS[alert.severity],
        title=alert.title,
        rules=list(alert.rules),
        stages=list(alert.stages),
        first_seen=alert.first_seen,
        fired_at=alert.fired_at,
        last_seen=alert.last_seen,
        began_at=alert.detections[0].event.time,
        ended_at=alert.detections[-1].event.time,
        events_total=alert.events_total,
        details=_build_details(alert),
        touches=[
            serialize_touch(touch) for touch in find_touches(alert, shared_names=load_triage_table().shared_names)
        ],
        reason=alert.reason,
        made_at=min([at, *(source.made_at for source in sources)]),
    )
    if lead is not None:
        _apply_human_state(row, lead, has_new_always=has_new_always)
    return row


def _apply_human_state(row: StoredAlert, lead: StoredAlert, *, has_new_always: bool) -> None:
    """Give an alert what people did about it.

    A closed one opens again if another rule fires, it gets worse, or what always alerts was detected once more.
    """
    for name in _PEOPLE_FIELDS:
        setattr(row, name, getattr(lead, name))
    if lead.state == AlertState.CLOSED:
        is_more = has_new_always or not set(row.rules) <= set(lead.closed_rules) or row.rank < lead.rank
        if not is_more:
            row.state, row.reason = AlertState.CLOSED, lead.reason
        else:
            row.reason = "It was closed, and more happened since."
    elif lead.state in (AlertState.ACKNOWLEDGED, AlertState.IN_INCIDENT) and row.folded_state == AlertState.NEW:
        row.state = lead.state


def _order_state(state: str) -> int:
    return _HUMAN_ORDER.index(AlertState(state)) if state in _HUMAN_ORDER else len(_HUMAN_ORDER)


def _list_former(alert: Alert, sources: Sequence[StoredAlert]) -> list[str]:
    names = dict.fromkeys(name for row in sources for name in (*row.former, row.public))
    return [name for name in names if name != alert.id]


def _build_details(alert: Alert) -> dict[str, Any]:
    return {
        "entities": [serialize_entity(entity) for entity in alert.entities],
        "why": list(alert.why),
        "means": alert.means,
        "first_step": alert.first_step,
        "playbook": alert.playbook,
        "events": [serialize_event(event) for event in alert.events],
    }


def hash_expected(expected: Iterable[ExpectedActivity]) -> str:
    """Return a hash of announced work, which changes with it."""
    text = repr(sorted((sorted(asdict(item).items(), key=lambda pair: pair[0]) for item in expected), key=repr))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def compute_refold_start(until: datetime) -> datetime:
    """Return from when on alerts are folded again after the announced work changed."""
    return until - timedelta(days=90)
