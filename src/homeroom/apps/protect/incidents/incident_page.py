"""The query for the page of one incident: the newest lines of its timeline, its worst alerts, and how many there are.

An incident may have hundreds of alerts with thousands of events. What it names is read from all of them, the rest only
as far as it is shown; `queries.py` has it all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import IntegerField, QuerySet, TextField, Value
from django.db.models.functions import Cast

from homeroom.apps.protect.incidents.hold import read_held_alert
from homeroom.apps.protect.incidents.models import HeldAlert, HeldEvent, Incident, IncidentEntry
from homeroom.apps.protect.incidents.parties import IncidentParties, find_parties, parse_parties
from homeroom.apps.protect.incidents.queries import IncidentView, read_entry, view_row
from homeroom.apps.protect.incidents.records import MERGED
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.detections.alerts import EventReference
from homeroom.domain.protect.incidents.records import Author, IncidentAlert, IncidentEvent, TimelineEntry
from homeroom.engines.protect.incidents import build_timeline

LINES, ALERTS = 25, 10
"""Lines of the timeline and alerts that the page of an incident shows."""
PAGE = 50
"""Lines or alerts of a page of all of them."""
NEWEST_EVENTS = 2 * (LINES + 1)
"""Rows of events whose times are enough for the newest lines, unless many alerts name the same event."""
MAX_NARROWED = 500
"""Lines from the beginning or end of a long timeline up to which a page of it is looked for among some of them only."""
_RANKS: Mapping[str, int] = {severity.value: number for number, severity in enumerate(Severity)}
_LINE = ("at", "author", "key", "number", "source", "log")
_EVENT = ("source", "log", "key", "at", "what", "fires")
_ENTRY = ("at", "text", "kind", "reason", "written_by")


@dataclass(frozen=True, kw_only=True)
class CasePage:
    """An incident with some of its alerts, the worst first, and some lines of its timeline; whom all of it names.

    `keys` are the rows of all its alerts, the worst first, and `key` is its own row. `source` is all of it where that
    was read anyway, as of a proposed one, which has no rows. How many follow-ups are open is left to its tasks.
    """

    incident: IncidentView
    alerts_total: int
    key: int = 0
    keys: tuple[int, ...] = ()
    has_more_lines: bool
    is_complete: bool = False
    parties: IncidentParties
    source: IncidentView | None = None


@dataclass(frozen=True, kw_only=True)
class TimelinePage:
    """Some lines of a timeline in the order of time, and whether there are more beyond them."""

    lines: tuple[TimelineEntry, ...]
    has_more: bool


@dataclass(frozen=True, kw_only=True)
class AlertPage:
    """Some alerts of an incident, the worst first, and whether more follow."""

    alerts: tuple[IncidentAlert, ...]
    has_more: bool


def load_case_page(*, district: District, public: str, is_list: bool = False) -> CasePage | None:
    """Return what the page of an opened incident shows, or None; a merged one leads to the other.

    A page of one of its lists (`is_list`) shows neither the newest lines nor the worst alerts, so they are not read.
    """
    row = _find_row(district, public)
    if row is None:
        return None
    held = HeldAlert.objects.of(district).filter(incident=row.pk).order_by("fired_at", "pk")
    alerts = list(held.annotate(text=Cast("details", TextField())).values_list("pk", "severity", "text"))
    ordered = sorted(alerts, key=lambda alert: _RANKS[alert[1]])
    page = CasePage(
        incident=view_row(row, (), (), ()),
        alerts_total=len(alerts),
        key=row.pk,
        keys=tuple(key for key, _, _ in ordered),
        has_more_lines=False,
        parties=parse_parties(tuple(text for _, _, text in alerts)),
    )
    if is_list:
        return page
    timeline = _read_newest_lines(district, page) or _read_lines(district, page, newest=True, after=0, count=LINES)
    worst = _read_alerts(district, page.keys[:ALERTS])
    return replace(
        page,
        incident=replace(page.incident, alerts=worst, timeline=timeline.lines),
        has_more_lines=timeline.has_more,
    )


def build_case_page(view: IncidentView, *, complete: bool = False) -> CasePage:
    """Return what the page shows of an incident that is read already; all of its alerts and lines if `complete`."""
    alerts = _order_alerts(view)
    return CasePage(
        incident=replace(
            view,
            alerts=alerts if complete else alerts[:ALERTS],
            timeline=view.timeline if complete else view.timeline[-LINES:],
        ),
        alerts_total=len(alerts),
        has_more_lines=not complete and len(view.timeline) > LINES,
        is_complete=complete,
        source=view,
        parties=find_parties(view.alerts),
    )


def list_timeline_page(*, district: District, page: CasePage, after: int) -> TimelinePage:
    """Return the next 50 lines of the timeline, oldest first."""
    if page.source is not None:
        lines = page.source.timeline[after:]
        return TimelinePage(lines=lines[:PAGE], has_more=len(lines) > PAGE)
    return _read_lines(district, page, newest=False, after=after, count=PAGE)


def list_alert_page(*, district: District, page: CasePage, after: int) -> AlertPage:
    """Return the next 50 alerts of an incident, the worst first."""
    if page.source is not None:
        alerts = _order_alerts(page.source)[after:]
        return AlertPage(alerts=alerts[:PAGE], has_more=len(alerts) > PAGE)
    keys = page.keys[after:]
    return AlertPage(alerts=_read_alerts(district, keys[:PAGE]), has_more=len(keys) > PAGE)


def _order_alerts(view: IncidentView) -> tuple[IncidentAlert, ...]:
    """Return the alerts, the worst first, then those that fired first."""
    return tuple(sorted(view.alerts, key=lambda alert: (_RANKS[alert.severity.value], alert.fired_at)))


def _find_row(district: District, public: str) -> Incident | None:
    row = Incident.objects.of(district).filter(public=public).first()
    if row is not None and row.state == MERGED:
        return _find_row(district, row.merged_into)
    return row


def _read_alerts(district: District, keys: Sequence[int]) -> tuple[IncidentAlert, ...]:
    """Return the alerts of these rows, in that order."""
    rows = {row.pk: row for row in HeldAlert.objects.of(district).filter(pk__in=keys)} if keys else {}
    return tuple(read_held_alert(rows[key]) for key in keys if key in rows)


def _read_newest_lines(district: District, page: CasePage) -> TimelinePage | None:
    """Return the newest lines of the timeline; None if too many alerts name the same events to be sure of them."""
    newest_first = _filter_events(district, page.key).order_by("-at").values_list(*_EVENT)
    rows = [_build_event(*row) for row in newest_first[: NEWEST_EVENTS + 1]]
    edge = rows[-1].reference.time if len(rows) > NEWEST_EVENTS else None
    written = IncidentEntry.objects.of(district).filter(incident=page.key).order_by("-at", "-pk")
    entries = [read_entry(row) for row in written.values_list(*_ENTRY, named=True)[: LINES + 1]]
    lines = build_timeline(rows, reversed(entries))
    newest = [line for line in lines if edge is None or line.time > edge]  # of the edge's events some may not be read
    if edge is not None and len(newest) <= LINES:
        return None
    return TimelinePage(lines=tuple(newest[-LINES:]), has_more=len(newest) > LINES)


def _read_lines(district: District, page: CasePage, *, newest: bool, after: int, count: int) -> TimelinePage:
    """Return lines of the timeline: of all, only their times and keys are compared; texts are read of those shown."""
    keys = _read_line_keys(district, page, newest=newest, after=after, count=count + 1)
    shown = keys[:count]
    entries = _read_entries(district, [key.number for key in shown if key.author == Author.PERSON])
    lines = build_timeline(_iter_events(district, page.key, shown), entries)
    return TimelinePage(lines=lines, has_more=len(keys) > count)


def _read_entries(district: District, numbers: Sequence[int]) -> list[TimelineEntry]:
    if not numbers:
        return []
    rows = IncidentEntry.objects.of(district).filter(pk__in=numbers).order_by("at", "pk")
    return [read_entry(row) for row in rows.values_list(*_ENTRY, named=True)]


def _read_line_keys(district: District, page: CasePage, *, newest: bool, after: int, count: int) -> list[Any]:
    """Return what orders the lines after so many.

    Thousands of lines are not all compared for the first of them: those that are beyond some time are enough, unless
    so many alerts name the same events that there are too few of them.
    """
    order, end = [f"-{name}" if newest else name for name in _LINE], after + count
    if page.alerts_total > ALERTS and end <= MAX_NARROWED:
        times = _filter_events(district, page.key).order_by(order[0]).values_list("at", flat=True)
        edge = next(iter(times[2 * end : 2 * end + 1]), None)
        near = _list_line_keys(district, page.key, **{"at__gte" if newest else "at__lte": edge}) if edge else None
        keys = list(near.order_by(*order)[after:end]) if near is not None else []
        if len(keys) == count:
            return keys
    return list(_list_line_keys(district, page.key).order_by(*order)[after:end])


def _filter_events(district: District, key: int) -> QuerySet[HeldEvent]:
    held = HeldAlert.objects.of(district).filter(incident=key).values("pk")
    return HeldEvent.objects.of(district).filter(alert__in=held)


def _list_line_keys(district: District, key: int, **is_near: Any) -> QuerySet[Any, Any]:
    """Return what orders the lines of a timeline; an event that several alerts name is one line."""
    events = _filter_events(district, key).filter(**is_near).order_by()
    entries = IncidentEntry.objects.of(district).filter(incident=key, **is_near).order_by()
    empty_text = Value("", output_field=TextField())
    named = events.annotate(author=Value(str(Author.LOG)), number=Value(0))
    written = entries.annotate(author=Value(str(Author.PERSON)), key=empty_text, number=Cast("pk", IntegerField()))
    lines: QuerySet[Any, Any] = named.values_list(*_LINE, named=True)
    return lines.union(written.annotate(source=empty_text, log=empty_text).values_list(*_LINE, named=True))


def _iter_events(district: District, key: int, lines: Sequence[Any]) -> Iterator[IncidentEvent]:
    """Yield the events of these lines, as each alert of the incident names them."""
    wanted = {(line.source, line.log, line.key) for line in lines if line.author == Author.LOG}
    if not wanted:
        return
    times = [line.at for line in lines]
    events = _filter_events(district, key).filter(
        at__gte=min(times), at__lte=max(times), key__in={name for _, _, name in wanted}
    )
    for row in events.values_list(*_EVENT):
        if row[:3] in wanted:
            yield _build_event(*row)


def _build_event(source: str, log: str, key: str, at: datetime, what: str, fires: bool) -> IncidentEvent:
    reference = EventReference(source=source, log=log, key=key, time=at)
    return IncidentEvent(reference=reference, what=what, fires=fires)
