"""Incidents of a district together with its current alerts: what doors ask and do.

`queries.py` and `commands.py` take alerts as arguments; here they are those of the district, and they learn which
incident they belong to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from homeroom.apps.protect.detection.commands import assign_incident, close_alert
from homeroom.apps.protect.detection.queries import REAL
from homeroom.apps.protect.incidents import commands, queries
from homeroom.apps.protect.incidents.current_alerts import (
    find_current_alert,
    list_current_alerts,
    load_alerts,
    read_event_rows,
)
from homeroom.apps.protect.incidents.incident_list import IncidentPage, list_incident_page
from homeroom.apps.protect.incidents.incident_page import CasePage, build_case_page, load_case_page
from homeroom.apps.protect.incidents.proposals import find_proposal_outline, list_proposals
from homeroom.apps.protect.incidents.queries import IncidentView
from homeroom.apps.protect.incidents.records import IncidentRefused
from homeroom.domain.platform.district import District
from homeroom.domain.protect.incidents.records import IncidentAlert, IncidentState, ProposedIncident
from homeroom.engines.protect.incidents.propose import choose_playbook, compute_incident_id


def list_cases(*, district: District) -> tuple[IncidentView, ...]:
    """Return the incidents that are proposed from current alerts, then those that people opened, newest first."""
    return queries.list_incidents(district=district, alerts=list_current_alerts(district=district))


def list_case_page(*, district: District, state: IncidentState | None, after: int) -> IncidentPage:
    """Return the next 50 incidents of a state; of all states, the proposed ones are on top."""
    needs_proposals = state in (None, IncidentState.PROPOSED)
    proposed = list_proposals(district=district) if needs_proposals else ()
    return list_incident_page(district=district, proposed=proposed, state=state, after=after)


def find_case(*, district: District, public: str) -> IncidentView | None:
    """Return an incident by its id, opened or proposed, or None."""
    return queries.find_incident(district=district, public=public) or _find_proposed(district, public)


def find_case_page(
    *, district: District, public: str, complete: bool = False, is_list: bool = False
) -> CasePage | None:
    """Return what the page of an incident shows, or all of it, opened or proposed; None if there is none.

    A merged one leads to the other.
    """
    page = None if complete else load_case_page(district=district, public=public, is_list=is_list)
    if page is not None:
        return page
    view = find_case(district=district, public=public) if complete else _find_proposed(district, public)
    return build_case_page(view, complete=complete) if view is not None else None


def _find_proposed(district: District, public: str) -> IncidentView | None:
    """Return a proposed incident; of all the open alerts, only its own are read with their events."""
    proposal = find_proposal_outline(district=district, public=public)
    if proposal is None:
        return None
    alerts = load_alerts(district=district, alerts=[alert.id for alert in proposal.alerts])
    if not alerts:
        return None
    return queries.view_proposal(replace(proposal, alerts=alerts, playbook=choose_playbook(alerts)))


@transaction.atomic
def open_case(*, district: District, public: str, actor: str, at: datetime) -> str:
    """Open a proposed incident and return its id. Raise LookupError if it is not proposed, and IncidentRefused."""
    proposed = queries.find_proposal(district=district, public=public, alerts=list_current_alerts(district=district))
    if proposed is None:
        raise LookupError(f"{public} is not proposed")
    return _open(district, proposed, actor=actor, at=at)


@transaction.atomic
def open_case_from_alert(*, district: District, alert: str, actor: str, at: datetime) -> str:
    """Open an incident from one alert, with all that is proposed beside it; return its id.

    An alert that belongs to an incident leads to that one. Raise LookupError if there is no such alert.
    """
    current = find_current_alert(district=district, public=alert)
    if current is None:
        raise LookupError(f"there is no alert {alert}")
    if current.incident:
        return current.incident
    proposals = queries.propose_from_alerts(district=district, alerts=list_current_alerts(district=district))
    for proposed in proposals:
        if current.id in {item.id for item in proposed.alerts}:
            return _open(district, proposed, actor=actor, at=at)
    proposed = ProposedIncident(
        id=compute_incident_id(current.id),
        title=current.title,
        severity=current.severity,
        playbook=current.playbook,
        alerts=(current,),
    )
    return _open(district, proposed, actor=actor, at=at)


def _open(district: District, proposed: ProposedIncident, *, actor: str, at: datetime) -> str:
    held = read_event_rows(district=district, alerts=proposed.alerts)
    measured = ProposedIncident(
        id=proposed.id,
        title=proposed.title,
        severity=proposed.severity,
        playbook=proposed.playbook,
        alerts=tuple(map(held.measure, proposed.alerts)),
    )
    public = commands.open_incident(district=district, proposed=measured, read_rows=held.read, actor=actor, at=at)
    _assign(district, [alert.id for alert in proposed.alerts], public)
    return public


@transaction.atomic
def join_case(*, district: District, public: str, proposal: str, actor: str, at: datetime) -> None:
    """Add the alerts of a proposed incident to one that is open. Raise LookupError and IncidentRefused."""
    proposed = queries.find_proposal(district=district, public=proposal, alerts=list_current_alerts(district=district))
    if proposed is None:
        raise LookupError(f"{proposal} is not proposed")
    _join(district, public, proposed.alerts, actor=actor, at=at)


def _join(district: District, public: str, alerts: Sequence[IncidentAlert], *, actor: str, at: datetime) -> None:
    held = read_event_rows(district=district, alerts=alerts)
    added = commands.add_alerts(
        district=district,
        public=public,
        alerts=map(held.measure, alerts),
        read_rows=held.read,
        actor=actor,
        at=at,
    )
    _assign(district, added, public)


@transaction.atomic
def merge_cases(*, district: District, public: str, other: str, actor: str, at: datetime) -> None:
    """Move all of another incident into this one. Raise LookupError and IncidentRefused."""
    moved = queries.find_incident(district=district, public=other)
    commands.merge_incidents(district=district, public=public, other=other, actor=actor, at=at)
    _assign(district, [alert.id for alert in moved.alerts] if moved else (), public)


@transaction.atomic
def split_case(
    *, district: District, public: str, alerts: Collection[str], title: str, actor: str, at: datetime
) -> str:
    """Move some alerts into an incident of their own and return its id. Raise LookupError and IncidentRefused."""
    split = commands.split_incident(district=district, public=public, alerts=alerts, title=title, actor=actor, at=at)
    _assign(district, alerts, split)
    return split


@transaction.atomic
def close_case(*, district: District, public: str, reason: str, actor: str, at: datetime, verdict: str = REAL) -> None:
    """Close an incident and its alerts, as real or as a false alarm. Raise LookupError and IncidentRefused."""
    alerts = commands.close_incident(district=district, public=public, reason=reason, actor=actor, at=at)
    for alert in alerts:
        if find_current_alert(district=district, public=alert) is None:
            continue  # its log is older than its retention; the incident holds it
        try:
            close_alert(district=district, at=at, actor=actor, public=alert, verdict=verdict, reason=reason)
        except ValueError as error:
            raise IncidentRefused("reason", str(error)) from None


def _assign(district: District, alerts: Iterable[str], public: str) -> None:
    """Let the alerts know their incident; an alert that is gone is held by the incident alone."""
    for alert in alerts:
        if find_current_alert(district=district, public=alert) is not None:
            assign_incident(district=district, public=alert, incident=public)
