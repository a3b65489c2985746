"""Queries of the pages of alerts: a page of the queue, one alert with its events, and the line on Today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import F, QuerySet

from homeroom.apps.protect.detection.detection_rows import read_entities
from homeroom.apps.protect.detection.fold_alerts import RANKS
from homeroom.apps.protect.detection.models import StoredAlert, StoredDetection
from homeroom.apps.protect.detection.queries import PAGE, find_alert, list_detections
from homeroom.apps.protect.detection.rule_imports import list_district_imports
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.detections.alerts import OPEN_STATES, AlertState, Entity
from homeroom.library.protect.detections import list_shipped_ids
from homeroom.library.protect.playbooks import get_playbook
from homeroom.library.yaml_loader import BUILTIN_CONTENT

DIGEST = timedelta(days=7)
MAX_EVENTS = 50
MAX_COUNTED = 100
"""Today counts open alerts up to this many."""


class QueueView(StrEnum):
    """Which alerts a page of the queue lists; `low` are those of the last seven days that only the digest has."""

    OPEN = "open"
    EXPECTED = "expected"
    SUPPRESSED = "suppressed"
    CLOSED = "closed"
    LOW = "low"


_LINE_COLUMNS = ("public", "title", "severity", "state", "fired_at", "verdict", "reason", "acknowledged_by")
"""What a line of the queue shows, besides the entities."""


@dataclass(frozen=True, kw_only=True)
class AlertLine:
    """An alert of the queue, with who and what it is about."""

    alert: StoredAlert
    entities: tuple[Entity, ...]


@dataclass(frozen=True, kw_only=True)
class QueuePage:
    """Some alerts of the queue, and whether more follow."""

    lines: tuple[AlertLine, ...]
    has_more: bool


@dataclass(frozen=True, kw_only=True)
class AlertEvent:
    """An event of an alert: when, in which log, and the titles of the rules that it is evidence of."""

    time: datetime
    source: str
    log: str
    titles: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class FiredRule:
    """A rule that fired in an alert, and how often; one of another tool is not listed among the district's rules."""

    rule: str
    title: str
    level: str
    stage: str
    detections: int
    is_listed: bool


@dataclass(frozen=True, kw_only=True)
class AlertStory:
    """One alert with its entities, at most 50 events, the rules that fired, and the title of its playbook."""

    alert: StoredAlert
    entities: tuple[Entity, ...]
    events: tuple[AlertEvent, ...]
    rules: tuple[FiredRule, ...]
    playbook: str


@dataclass(frozen=True, kw_only=True)
class OpenAlerts:
    """How many alerts are open, of them how many nobody looks after, and the titles of the most urgent ones."""

    count: int
    new: int
    titles: tuple[str, ...]

    @property
    def untitled(self) -> int:
        """Return how many of those that the line is about it does not name."""
        return (self.new or self.count) - len(self.titles)

    @property
    def has_more(self) -> bool:
        """Return whether there are more than were counted."""
        return self.count >= MAX_COUNTED


def list_queue_page(*, district: District, view: QueueView, after: int, at: datetime) -> QueuePage:
    """Return the next 50 alerts of a view, the most urgent first; those that are done, the newest first."""
    rows = _filter_view(StoredAlert.objects.of(district), view, at=at)
    order = ("rank", "-fired_at", "pk") if view == QueueView.OPEN else ("-fired_at", "pk")
    keys = list(rows.order_by(*order).values_list("pk", flat=True)[after : after + PAGE + 1])
    page_rows = StoredAlert.objects.of(district).only(*_LINE_COLUMNS).annotate(named=F("details__entities"))
    by_key = page_rows.in_bulk(keys[:PAGE])  # the index alone gives the keys
    page = [by_key[key] for key in keys[:PAGE] if key in by_key]
    lines = tuple(AlertLine(alert=row, entities=read_entities(row.named)) for row in page)
    return QueuePage(lines=lines, has_more=len(keys) > PAGE)


def _filter_view(rows: QuerySet[StoredAlert], view: QueueView, *, at: datetime) -> QuerySet[StoredAlert]:
    if view == QueueView.LOW:
        return rows.filter(rank=RANKS[Severity.LOW], fired_at__gte=at - DIGEST)
    return _filter_states(rows, OPEN_STATES if view == QueueView.OPEN else (AlertState(view),))


def _filter_states(rows: QuerySet[StoredAlert], states: Iterable[AlertState]) -> QuerySet[StoredAlert]:
    """Return the alerts in one of the states that are more than low."""
    return rows.filter(state__in=[str(state) for state in states], rank__lt=RANKS[Severity.LOW])


def load_alert_story(*, district: District, public: str) -> AlertStory | None:
    """Return an alert by its id, or by one that it had before; None if there is none."""
    alert = find_alert(district=district, public=public)
    if alert is None:
        return None
    detections = list_detections(district=district, alert=alert.public)
    playbook = get_playbook(alert.details["playbook"])
    return AlertStory(
        alert=alert,
        entities=read_entities(alert.details["entities"]),
        events=_list_events(alert, detections),
        rules=_list_fired_rules(district, detections),
        playbook=playbook.title if playbook else "",
    )


def _list_events(alert: StoredAlert, detections: tuple[StoredDetection, ...]) -> tuple[AlertEvent, ...]:
    titles: dict[str, dict[str, None]] = {}
    for row in detections:
        for key in (row.event_key, *(event["key"] for event in row.events)):
            titles.setdefault(key, {})[row.title] = None
    return tuple(
        AlertEvent(
            time=datetime.fromisoformat(event["time"]),
            source=event["source"],
            log=event["log"],
            titles=tuple(titles.get(event["key"], ())),
        )
        for event in alert.details["events"][:MAX_EVENTS]
    )


def _list_fired_rules(district: District, detections: tuple[StoredDetection, ...]) -> tuple[FiredRule, ...]:
    listed = {*list_shipped_ids(BUILTIN_CONTENT), *(rule.id for rule in list_district_imports(district=district))}
    counts = Counter(row.rule for row in detections)
    last = {row.rule: row for row in detections}
    return tuple(
        FiredRule(
            rule=rule,
            title=row.title,
            level=row.level,
            stage=row.stage,
            detections=counts[rule],
            is_listed=rule in listed,
        )
        for rule, row in last.items()
    )


def summarize_open_alerts(*, district: District, titles: int = 2) -> OpenAlerts:
    """Return how many alerts are open, for the first line of Today."""
    rows = _filter_states(StoredAlert.objects.of(district), OPEN_STATES)
    entries = list(rows.order_by("rank", "-fired_at", "pk").values_list("state", "title")[:MAX_COUNTED])
    waiting = [title for state, title in entries if state == AlertState.NEW]
    shown = waiting or [title for _state, title in entries]
    return OpenAlerts(count=len(entries), new=len(waiting), titles=tuple(shown[:titles]))
