"""The query for a page of the list of incidents: a line each, without their alerts, events and entries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from homeroom.apps.protect.incidents.models import HeldAlert, Incident
from homeroom.apps.protect.incidents.queries import count_follow_ups, read_moments
from homeroom.apps.protect.incidents.records import MERGED
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.incidents.records import IncidentState, Moment, ProposedIncident

PAGE = 25


@dataclass(frozen=True, kw_only=True)
class IncidentLine:
    """An incident of the list: how many alerts it has, when its first event was, and what it belongs to."""

    id: str
    title: str
    severity: Severity
    state: IncidentState
    alerts: int
    first_event_at: datetime | None
    owner: str = ""
    joins: tuple[str, ...] = ()
    open_follow_ups: int = 0


@dataclass(frozen=True, kw_only=True)
class IncidentPage:
    """Some incidents of the list, and whether more follow."""

    incidents: tuple[IncidentLine, ...]
    has_more: bool


def list_incident_page(
    *, district: District, proposed: Sequence[ProposedIncident], state: IncidentState | None, after: int
) -> IncidentPage:
    """Return the next 50 incidents of a state, or of all states: the proposed ones, then those people opened.

    `proposed` are those that are proposed now, newest last; they count only where the state is none or proposed.
    """
    first = [] if state not in (None, IncidentState.PROPOSED) else list(reversed(proposed))
    shown = first[after : after + PAGE + 1]
    rows = Incident.objects.of(district).exclude(state=MERGED).order_by("-made_at", "-pk")
    if state is not None:
        rows = rows.filter(state=str(state))
    start = max(0, after - len(first))
    opened = [] if state == IncidentState.PROPOSED else list(rows[start : start + PAGE + 1 - len(shown)])
    lines = (*map(_build_proposed_line, shown), *_build_lines(district, opened))
    return IncidentPage(incidents=lines[:PAGE], has_more=len(lines) > PAGE)


def _build_proposed_line(proposal: ProposedIncident) -> IncidentLine:
    return IncidentLine(
        id=proposal.id,
        title=proposal.title,
        severity=proposal.severity,
        state=IncidentState.PROPOSED,
        alerts=len(proposal.alerts),
        first_event_at=proposal.first_event_at,
        joins=proposal.joins,
    )


def _build_lines(district: District, rows: Sequence[Incident]) -> list[IncidentLine]:
    keys = [row.pk for row in rows]
    held = HeldAlert.objects.of(district).filter(incident__in=keys).order_by().values("incident")
    alerts = Counter(dict(held.annotate(number=Count("pk")).values_list("incident", "number")))
    follow_ups = count_follow_ups(district, keys)
    return [
        IncidentLine(
            id=row.public,
            title=row.title,
            severity=Severity(row.severity),
            state=IncidentState(row.state),
            alerts=alerts[row.pk],
            first_event_at=read_moments(row).get(Moment.FIRST_EVENT),
            owner=row.owner,
            open_follow_ups=follow_ups[row.pk],
        )
        for row in rows
    ]
