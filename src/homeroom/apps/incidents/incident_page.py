"""The query for the page of one incident: the newest lines of its timeline, its worst alerts, and how many there are.

An incident may have hundreds of alerts with thousands of events. What it names is read from all of them, the rest only
as far as it is shown; `queries.py` has it all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Case, IntegerField, QuerySet, TextField, Value, When
from django.db.models.functions import Cast

from homeroom.apps.incidents.hold import read_held_alert, read_held_event
from homeroom.apps.incidents.models import HeldAlert, HeldEvent, Incident, IncidentEntry
from homeroom.apps.incidents.parties import IncidentParties, find_parties, parse_parties
from homeroom.apps.incidents.queries import IncidentView, count_follow_ups, read_entry, view_row
from homeroom.apps.incidents.records import MERGED
from homeroom.domain.control_states import Severity
from homeroom.domain.district import District
from homeroom.domain.incidents.records import Author, IncidentAlert, TimelineEntry

LINES, ALERTS = 50, 20
"""Lines of the timeline and alerts that the page of an incident shows."""
PAGE = 50
"""Lines or alerts of a page of all of them."""
_RANKS = {severity: number for number, severity in enumerate(Severity)}
_LINE = ("at", "author", "key", "number", "source", "log")


@dataclass(frozen=True, kw_only=True)
class CasePage:
    """An incident with some of its alerts, the worst first, and some lines of its timeline; whom all of it names.

    `source` is all of it where that was read anyway, as of a proposed one.
    """

    incident: IncidentView
    alerts_total: int
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
    timeline, alerts = TimelinePage(lines=(), has_more=False), AlertPage(alerts=(), has_more=False)
    if not is_list:
        timeline = _read_lines(district, row, newest=True, after=0, count=LINES)
        alerts = _read_alerts(district, row, after=0, count=ALERTS)
    held = HeldAlert.objects.of(district).filter(incident=row)
    texts = held.order_by("fired_at", "pk").annotate(text=Cast("details", TextField())).values_list("text", flat=True)
    view = view_row(row, (), (), ())
    return CasePage(
        incident=replace(
            view,
            alerts=alerts.alerts,
            timeline=timeline.lines,
            open_follow_ups=count_follow_ups(district, [row.pk])[row.pk],
        ),
        alerts_total=held.count(),
        has_more_lines=timeline.has_more,
        parties=parse_parties(tuple(texts)),
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
    row = Incident.objects.of(district).get(public=page.incident.id)
    return _read_lines(district, row, newest=False, after=after, count=PAGE)


def list_alert_page(*, district: District, page: CasePage, after: int) -> AlertPage:
    """Return the next 50 alerts of an incident, the worst first."""
    if page.source is not None:
        alerts = _order_alerts(page.source)[after:]
        return AlertPage(alerts=alerts[:PAGE], has_more=len(alerts) > PAGE)
    row = Incident.objects.of(district).get(public=page.incident.id)
    return _read_alerts(district, row, after=after, count=PAGE)


def _order_alerts(view: IncidentView) -> tuple[IncidentAlert, ...]:
    """Return the alerts, the worst first, then those that fired first."""
    return tuple(sorted(view.alerts, key=lambda alert: (_RANKS[alert.severity], alert.fired_at)))


def _find_row(district: District, public: str) -> Incident | None:
    row = Incident.objects.of(district).filter(public=public).first()
    if row is not None and row.state == MERGED:
        return _find_row(district, row.merged_into)
    return row


def _read_alerts(district: District, row: Incident, *, after: int, count: int) -> AlertPage:
    ranks = [When(severity=str(severity), then=Value(rank)) for severity, rank in _RANKS.items()]
    rank = Case(*ranks, default=Value(len(ranks)), output_field=IntegerField())
    held = HeldAlert.objects.of(district).filter(incident=row).order_by(rank, "fired_at", "pk")
    alerts = tuple(map(read_held_alert, held[after : after + count + 1]))
    return AlertPage(alerts=alerts[:count], has_more=len(alerts) > count)


def _read_lines(district: District, row: Incident, *, newest: bool, after: int, count: int) -> TimelinePage:
    """Return lines of the timeline: of all, only their times and keys are compared; texts are read of those shown."""
    order = [f"-{name}" if newest else name for name in _LINE]
    keys = list(_list_line_keys(district, row).order_by(*order)[after : after + count + 1])
    shown = keys[:count]
    numbers = [key["number"] for key in shown if key["author"] == Author.PERSON]
    entries = IncidentEntry.objects.of(district).filter(pk__in=numbers).order_by("at", "pk")
    view = view_row(row, (), _read_events(district, row, shown), map(read_entry, entries))
    return TimelinePage(lines=view.timeline, has_more=len(keys) > count)


def _list_line_keys(district: District, row: Incident) -> QuerySet[Any, dict[str, Any]]:
    """Return what orders the lines of a timeline; an event that several alerts name is one line."""
    held = HeldAlert.objects.of(district).filter(incident=row).values("pk")
    events = HeldEvent.objects.of(district).filter(alert__in=held).order_by()
    entries = IncidentEntry.objects.of(district).filter(incident=row).order_by()
    empty_text = Value("", output_field=TextField())
    named = events.annotate(author=Value(str(Author.LOG)), number=Value(0))
    written = entries.annotate(author=Value(str(Author.PERSON)), key=empty_text, number=Cast("pk", IntegerField()))
    lines: QuerySet[Any, dict[str, Any]] = named.values(*_LINE)
    return lines.union(written.annotate(source=empty_text, log=empty_text).values(*_LINE))


def _read_events(district: District, row: Incident, lines: Sequence[dict[str, Any]]) -> Iterable[Any]:
    """Return the events of these lines, as each alert of the incident names them."""
    wanted = {(line["source"], line["log"], line["key"]) for line in lines if line["author"] == Author.LOG}
    if not wanted:
        return ()
    times = [line["at"] for line in lines]
    held = HeldAlert.objects.of(district).filter(incident=row).values("pk")
    events = HeldEvent.objects.of(district).filter(
        alert__in=held, at__gte=min(times), at__lte=max(times), key__in={key for _, _, key in wanted}
    )
    rows = (item for item in events.defer("row") if (item.source, item.log, item.key) in wanted)
    return tuple(map(read_held_event, rows))
