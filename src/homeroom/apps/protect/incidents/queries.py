"""Queries for incidents: the list with those that are proposed, one with all of it, and the figures of months."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import OuterRef, QuerySet, StringAgg, Subquery, TextField, Value
from django.db.models.functions import Cast, JSONArray

from homeroom.apps.protect.incidents.contacts import REPRINT_AFTER
from homeroom.apps.protect.incidents.hold import read_held_alert, read_held_event, read_lag
from homeroom.apps.protect.incidents.models import (
    HeldAlert,
    HeldEvent,
    Incident,
    IncidentEntry,
    IncidentFile,
    IncidentTask,
    SheetPrint,
)
from homeroom.apps.protect.incidents.records import MERGED
from homeroom.apps.protect.incidents.respond import AFTER, OPEN
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.detections.alerts import Entity
from homeroom.domain.protect.incidents.records import (
    ACTIVE_STATES,
    Author,
    IncidentAlert,
    IncidentEvent,
    IncidentState,
    Moment,
    ProposedIncident,
    TimelineEntry,
    unite_entities,
)
from homeroom.engines.protect.incidents import (
    IncidentMoments,
    MonthFigures,
    build_timeline,
    compute_month_figures,
    propose_incidents,
)

MAX_INCIDENTS = 500


@dataclass(frozen=True, kw_only=True)
class IncidentView:
    """An incident, proposed or opened by a person, with its alerts and its timeline."""

    id: str
    title: str
    severity: Severity
    state: IncidentState
    playbook: str
    alerts: tuple[IncidentAlert, ...]
    timeline: tuple[TimelineEntry, ...]
    moments: Mapping[Moment, datetime]
    owner: str = ""
    made_by: str = ""
    made_at: datetime | None = None
    by_hand: bool = False
    declared_as: str = ""
    declared_by: str = ""
    declared_at: datetime | None = None
    counsel: str = ""
    joins: tuple[str, ...] = ()
    open_follow_ups: int = 0

    @cached_property
    def entities(self) -> tuple[Entity, ...]:
        """Return the entities of its alerts, each once."""
        return unite_entities(self.alerts)

    @property
    def is_active(self) -> bool:
        """Check whether somebody works on it."""
        return self.state in ACTIVE_STATES


@dataclass(frozen=True, kw_only=True)
class TaskView:
    """A task of an incident."""

    number: int
    phase: str
    title: str
    role: str
    owner: str
    minutes: int
    actual: int | None
    state: str
    reason: str
    changed_by: str
    changed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class FileView:
    """A file of an incident, with who attached it and when."""

    number: int
    name: str
    sha256: str
    bytes: int
    note: str
    made_by: str
    made_at: datetime


def list_incidents(*, district: District, alerts: Iterable[IncidentAlert]) -> tuple[IncidentView, ...]:
    """Return the incidents that people opened, newest first, after those proposed from the alerts, newest first.

    `alerts` are those that are open now, those of incidents among them.
    """
    open_alerts = list(alerts)
    rows = list(Incident.objects.of(district).exclude(state=MERGED).order_by("-made_at", "-pk")[:MAX_INCIDENTS])
    proposed = propose_from_alerts(district=district, alerts=open_alerts)
    names = {former: alert.id for alert in open_alerts for former in alert.former}
    opened = (_rename_alerts(view, names) for view in _view_rows(district, rows))
    return (*map(view_proposal, reversed(proposed)), *opened)


def _rename_alerts(view: IncidentView, names: Mapping[str, str]) -> IncidentView:
    """Return an incident whose alerts have the ids that they have now."""
    if not any(alert.id in names for alert in view.alerts):
        return view
    return replace(view, alerts=tuple(replace(alert, id=names.get(alert.id, alert.id)) for alert in view.alerts))


def propose_from_alerts(*, district: District, alerts: Iterable[IncidentAlert]) -> tuple[ProposedIncident, ...]:
    """Return the incidents proposed from alerts, newest last; alerts of closed incidents belong to none any more."""
    open_alerts = list(alerts)
    names = {name: alert.id for alert in open_alerts for name in (alert.id, *alert.former)}
    held = {names[alert]: held_by for alert, held_by in load_memberships(district=district, names=names).items()}
    closed = {alert for alert, (_, state) in held.items() if state not in ACTIVE_STATES}
    return propose_incidents(
        (alert for alert in open_alerts if alert.id not in closed),
        incident_by_alert={alert: public for alert, (public, _) in held.items() if alert not in closed},
    )


def load_memberships(*, district: District, names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return the incident that each of these alerts belongs to, and its state; an alert of none is absent."""
    held = HeldAlert.objects.of(district).filter(alert__in=list(names))
    rows = held.values_list("alert", "incident__public", "incident__state")
    return {alert: (public, state) for alert, public, state in rows}


def read_membership_text(*, district: District) -> str:
    """Return the incidents of all alerts as one text, which changes with what `load_memberships` returns."""
    rows = HeldAlert.objects.of(district)
    membership = Cast(JSONArray("alert", "incident__public", "incident__state"), TextField())
    return rows.aggregate(text=StringAgg(membership, Value("\n")))["text"] or ""


def find_proposal(*, district: District, public: str, alerts: Iterable[IncidentAlert]) -> ProposedIncident | None:
    """Return the proposed incident of that id, or None."""
    return next((item for item in propose_from_alerts(district=district, alerts=alerts) if item.id == public), None)


def find_incident(*, district: District, public: str, alerts: Iterable[IncidentAlert] = ()) -> IncidentView | None:
    """Return an incident by its id, opened or proposed, or None; a merged one leads to the other."""
    row = Incident.objects.of(district).filter(public=public).first()
    if row is None:
        proposal = find_proposal(district=district, public=public, alerts=alerts)
        return view_proposal(proposal) if proposal else None
    if row.state == MERGED:
        return find_incident(district=district, public=row.merged_into)
    return _view_rows(district, [row])[0]


def list_tasks(*, district: District, public: str) -> tuple[TaskView, ...]:
    """Return the tasks of an incident in their order."""
    names = ("phase", "title", "role", "owner", "minutes", "actual", "state", "reason", "changed_by", "changed_at")
    rows = IncidentTask.objects.of(district).filter(incident__public=public).order_by("position", "pk")
    return tuple(TaskView(number=row.pk, **{name: getattr(row, name) for name in names}) for row in rows)


def list_files(*, district: District, public: str) -> tuple[FileView, ...]:
    """Return the files of an incident, oldest first."""
    names = ("name", "sha256", "bytes", "note", "made_by", "made_at")
    rows = IncidentFile.objects.of(district).filter(incident__public=public).order_by("pk")
    return tuple(FileView(number=row.pk, **{name: getattr(row, name) for name in names}) for row in rows)


@dataclass(frozen=True, kw_only=True)
class IncidentReminders:
    """What Today asks about incidents: how many somebody works on, and whether the sheet is printed again."""

    active: int
    reprint: bool


def get_reminders(*, district: District, at: datetime) -> IncidentReminders:
    """Return what Today asks about incidents, by one query."""
    active = (
        Incident.objects.of(district).filter(state__in=ACTIVE_STATES).values_list(Value("incident"), "made_at", "pk")
    )
    prints = SheetPrint.objects.of(district).values_list(Value("print"), "printed_at", "pk")
    rows = list(active.union(prints))
    printed = [time for kind, time, _ in rows if kind == "print"]
    return IncidentReminders(
        active=sum(kind == "incident" for kind, _, _ in rows),
        reprint=bool(printed) and at - max(printed) > REPRINT_AFTER,
    )


def get_month_report(*, district: District) -> tuple[MonthFigures, ...]:
    """Return the figures of the incidents that people opened, by month, newest first; one query reads them."""
    first = HeldAlert.objects.of(district).filter(incident=OuterRef("pk")).order_by("fired_at", "pk")
    opened = Incident.objects.of(district).exclude(state=MERGED).order_by("-made_at").only("moments")
    rows: QuerySet[Any, Any] = opened.annotate(
        fired_at=Subquery(first.values("fired_at")[:1]), lag=Subquery(first.values("details__lag")[:1])
    )
    return compute_month_figures(
        IncidentMoments(moments=read_moments(row), lag=read_lag(row.lag or {}, event_at=row.fired_at))
        for row in rows[:MAX_INCIDENTS]
    )


def view_proposal(proposal: ProposedIncident) -> IncidentView:
    """Return a proposed incident as one that nobody opened yet."""
    return IncidentView(
        id=proposal.id,
        title=proposal.title,
        severity=proposal.severity,
        state=IncidentState.PROPOSED,
        playbook=proposal.playbook,
        alerts=proposal.alerts,
        timeline=build_timeline(event for alert in proposal.alerts for event in alert.events),
        moments={
            Moment.FIRST_EVENT: proposal.first_event_at,
            Moment.DETECTED: min(
                alert.lag.judged_at if alert.lag and alert.lag.judged_at else alert.fired_at
                for alert in proposal.alerts
            ),
        },
        joins=proposal.joins,
    )


def _view_rows(district: District, rows: list[Incident]) -> tuple[IncidentView, ...]:
    """Return the views of incidents; their alerts, events and entries are read at once."""
    keys = [row.pk for row in rows]
    alerts: dict[int, list[HeldAlert]] = {}
    for alert in HeldAlert.objects.of(district).filter(incident__in=keys).order_by("fired_at", "pk"):
        alerts.setdefault(alert.incident_id, []).append(alert)
    events: dict[int, list[IncidentEvent]] = {}
    held = [alert.pk for members in alerts.values() for alert in members]
    for event in HeldEvent.objects.of(district).filter(alert__in=held).defer("row").select_related("alert"):
        events.setdefault(event.alert.incident_id, []).append(read_held_event(event))
    entries: dict[int, list[TimelineEntry]] = {}
    for entry in IncidentEntry.objects.of(district).filter(incident__in=keys).order_by("at", "pk"):
        entries.setdefault(entry.incident_id, []).append(read_entry(entry))
    follow_ups = count_follow_ups(district, keys)
    return tuple(
        replace(
            view_row(row, alerts.get(row.pk, []), events.get(row.pk, []), entries.get(row.pk, [])),
            open_follow_ups=follow_ups[row.pk],
        )
        for row in rows
    )


def count_follow_ups(district: District, keys: Iterable[int]) -> Counter[int]:
    """Return how many tasks for after the incident are open, by the key of the incident."""
    open_tasks = IncidentTask.objects.of(district).filter(incident__in=keys, phase=AFTER, state=OPEN)
    return Counter(open_tasks.values_list("incident", flat=True))


def view_row(
    row: Incident, alerts: Iterable[HeldAlert], events: Iterable[IncidentEvent], entries: Iterable[TimelineEntry]
) -> IncidentView:
    """Return an incident with these of its alerts, and a timeline of these events and entries."""
    names = ("title", "playbook", "owner", "made_by", "made_at", "by_hand")
    declared = ("declared_as", "declared_by", "declared_at", "counsel")
    return IncidentView(
        id=row.public,
        severity=Severity(row.severity),
        state=IncidentState(row.state),
        alerts=tuple(map(read_held_alert, alerts)),
        timeline=build_timeline(events, entries),
        moments=read_moments(row),
        **{name: getattr(row, name) for name in (*names, *declared)},
    )


def read_moments(row: Incident) -> dict[Moment, datetime]:
    """Return the moments that somebody recorded."""
    return {moment: datetime.fromisoformat(row.moments[moment]) for moment in Moment if moment in row.moments}


def read_entry(row: Any) -> TimelineEntry:
    """Return what a person did or wrote, a row of IncidentEntry or some of its columns, as a line of the timeline."""
    return TimelineEntry(
        time=row.at, what=row.text, author=Author.PERSON, by=row.written_by, kind=row.kind, reason=row.reason
    )
