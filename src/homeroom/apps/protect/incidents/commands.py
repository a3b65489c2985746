"""Open, make, merge, split and close incidents. Each command writes the incident's timeline and the audit trail.

Alerts are passed in as they are now; `apps/protect/incidents/current_alerts.py` reads them and lets them know.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction

from homeroom.apps.protect.incidents.hold import ReadRows, hold_alerts, read_held_alert
from homeroom.apps.protect.incidents.legal_facts import merge_legal_facts
from homeroom.apps.protect.incidents.models import HeldAlert, Incident, IncidentEntry, IncidentFile, IncidentTask
from homeroom.apps.protect.incidents.records import (
    MERGED,
    IncidentRefused,
    check_member,
    clean_text,
    create_incident,
    get_active_incident,
    get_incident_row,
    mark,
    record_entry,
)
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.incidents.records import (
    ACTIVE_STATES,
    IncidentAlert,
    IncidentState,
    Moment,
    ProposedIncident,
    choose_worst,
)


@transaction.atomic
def open_incident(
    *, district: District, proposed: ProposedIncident, read_rows: ReadRows, actor: str, at: datetime
) -> str:
    """Open a proposed incident with copies of its alerts and events; return its id.

    Raise IncidentRefused if somebody opened it before, or if it belongs to one that is open.
    """
    if Incident.objects.of(district).filter(public=proposed.id).exists():
        raise IncidentRefused("id", f"{proposed.id} was opened before")
    incident = create_incident(
        district,
        title=proposed.title,
        severity=proposed.severity,
        actor=actor,
        at=at,
        public=proposed.id,
        playbook=proposed.playbook,
    )
    held = hold_alerts(incident, proposed.alerts, district=district, read_rows=read_rows)
    if not held:
        raise IncidentRefused("id", "its alerts belong to another incident; that one would fit")
    _mark_beginnings(incident, held, at=at)
    incident.save()
    record_entry(
        incident, "opened", "Opened.", district=district, actor=actor, at=at, detail={"alerts": [a.id for a in held]}
    )
    return incident.public


def _mark_beginnings(incident: Incident, alerts: Collection[IncidentAlert], *, at: datetime) -> None:
    """Mark the first event, the first alert and, by opening it, that somebody took notice."""
    detected = [alert.lag.judged_at if alert.lag and alert.lag.judged_at else alert.fired_at for alert in alerts]
    mark(incident, Moment.FIRST_EVENT, min(alert.first_seen for alert in alerts))
    mark(incident, Moment.DETECTED, min(detected))
    mark(incident, Moment.ACKNOWLEDGED, at)


@transaction.atomic
def make_incident(
    *,
    district: District,
    title: str,
    severity: str,
    text: str,
    actor: str,
    at: datetime,
    happened_at: datetime | None = None,
    playbook: str = "",
) -> str:
    """Make an incident by hand, as after a phone call; return its id. `text` is what somebody reported.

    Raise IncidentRefused.
    """
    if severity not in set(Severity):
        raise IncidentRefused("severity", f"{severity!r}; {', '.join(Severity)} would fit")
    first = min(happened_at or at, at)
    incident = create_incident(
        district, title=title, severity=severity, actor=actor, at=at, playbook=playbook, by_hand=True
    )
    mark(incident, Moment.FIRST_EVENT, first)
    mark(incident, Moment.DETECTED, at)
    mark(incident, Moment.ACKNOWLEDGED, at)
    incident.save()
    report = clean_text("text", text, required=True)
    record_entry(incident, "opened", report, district=district, actor=actor, at=at, happened_at=first)
    return incident.public


@transaction.atomic
def add_alerts(
    *,
    district: District,
    public: str,
    alerts: Iterable[IncidentAlert],
    read_rows: ReadRows,
    actor: str,
    at: datetime,
) -> tuple[str, ...]:
    """Add alerts to an open incident and return the ids of those that no incident had.

    Raise LookupError and IncidentRefused.
    """
    incident = get_active_incident(district, public)
    held = hold_alerts(incident, alerts, district=district, read_rows=read_rows)
    if not held:
        raise IncidentRefused("alerts", "each belongs to an incident already; others would fit")
    severity = choose_worst([Severity(incident.severity), *(alert.severity for alert in held)])
    incident.severity = severity
    first = min(alert.first_seen for alert in held)
    if Moment.FIRST_EVENT not in incident.moments or first < datetime.fromisoformat(incident.moments["first_event"]):
        mark(incident, Moment.FIRST_EVENT, first, replaces=True)
    incident.save()
    added = tuple(alert.id for alert in held)
    text = f"Added {', '.join(alert.title for alert in held)}."
    record_entry(incident, "joined", text, district=district, actor=actor, at=at, detail={"alerts": list(added)})
    return added


@transaction.atomic
def merge_incidents(*, district: District, public: str, other: str, actor: str, at: datetime) -> None:
    """Move all of another incident into this one; the other one stays as a pointer to it.

    Raise LookupError and IncidentRefused.
    """
    if public == other:
        raise IncidentRefused("other", "another incident would fit")
    incident, merged = get_active_incident(district, public), get_active_incident(district, other)
    HeldAlert.objects.of(district).filter(incident=merged).update(incident=incident)
    for model in (IncidentEntry, IncidentFile, IncidentTask):
        model.objects.of(district).filter(incident=merged).update(incident=incident)
    incident.severity = choose_worst([Severity(incident.severity), Severity(merged.severity)])
    incident.moments = _merge_moments(incident.moments, merged.moments)
    merge_legal_facts(district, into=incident, merged=merged)
    incident.save()
    merged.state, merged.merged_into = MERGED, incident.public
    merged.save()
    text = f"Merged with {merged.title} ({merged.public})."
    record_entry(incident, "merged", text, district=district, actor=actor, at=at, detail={"merged": merged.public})


def _merge_moments(first: dict[str, str], second: dict[str, str]) -> dict[str, str]:
    """Return the earliest of each moment, but containment only if both were contained, and then the later one."""
    times = {name: min(filter(None, (first.get(name), second.get(name)))) for name in first | second}
    if Moment.CONTAINED in times:
        both = [moments[Moment.CONTAINED] for moments in (first, second) if Moment.CONTAINED in moments]
        if len(both) == 2:
            times[Moment.CONTAINED] = max(both)
        else:
            del times[Moment.CONTAINED]
    return times


@transaction.atomic
def split_incident(
    *, district: District, public: str, alerts: Collection[str], title: str, actor: str, at: datetime
) -> str:
    """Move some alerts of an incident into a new one, and return its id.

    Raise LookupError, and IncidentRefused unless some of its alerts move and some stay.
    """
    incident = get_active_incident(district, public)
    rows = HeldAlert.objects.of(district).filter(incident=incident)
    moving = list(rows.filter(alert__in=list(alerts)))
    if not moving or len(moving) == rows.count():
        raise IncidentRefused("alerts", "some of its alerts, but not all, would fit")
    moved = [read_held_alert(row) for row in moving]
    split = create_incident(
        district,
        title=title,
        severity=choose_worst(alert.severity for alert in moved),
        actor=actor,
        at=at,
        playbook=next((alert.playbook for alert in moved if alert.playbook), ""),
    )
    _mark_beginnings(split, moved, at=at)
    split.save()
    HeldAlert.objects.of(district).filter(pk__in=[row.pk for row in moving]).update(incident=split)
    detail = {"alerts": [alert.id for alert in moved], "from": incident.public, "into": split.public}
    text = f"Split: {', '.join(alert.title for alert in moved)}."
    for row in (incident, split):
        record_entry(row, "split", text, district=district, actor=actor, at=at, detail=detail)
    return split.public


@transaction.atomic
def change_details(
    *, district: District, public: str, title: str, owner: str, severity: str, actor: str, at: datetime
) -> None:
    """Set the title, owner and severity of an open incident. Raise LookupError and IncidentRefused."""
    incident = get_active_incident(district, public)
    if severity not in set(Severity):
        raise IncidentRefused("severity", f"{severity!r}; {', '.join(Severity)} would fit")
    values = {
        "title": clean_text("title", title, required=True),
        "owner": check_member(district, owner),
        "severity": severity,
    }
    changes = {name: value for name, value in values.items() if getattr(incident, name) != value}
    if not changes:
        return
    for name, value in changes.items():
        setattr(incident, name, value)
    incident.save()
    text = ", ".join(f"{name}: {value or 'nobody'}" for name, value in changes.items())
    record_entry(incident, "details", text, district=district, actor=actor, at=at, detail=changes)


@transaction.atomic
def mark_moment(
    *, district: District, public: str, moment: str, happened_at: datetime, reason: str, actor: str, at: datetime
) -> None:
    """Set or correct the time of a moment, with a reason. Raise LookupError and IncidentRefused."""
    incident = get_active_incident(district, public)
    if moment not in set(Moment) or moment == Moment.CLOSED:
        raise IncidentRefused(
            "moment", f"{moment!r}; {', '.join(item for item in Moment if item != 'closed')} would fit"
        )
    if happened_at > at:
        raise IncidentRefused("happened_at", "a time in the past would fit")
    mark(incident, Moment(moment), happened_at, replaces=True)
    if moment == Moment.CONTAINED:
        incident.state = IncidentState.CONTAINED
    incident.save()
    record_entry(
        incident,
        "moment",
        moment,
        district=district,
        actor=actor,
        at=at,
        happened_at=happened_at,
        reason=clean_text("reason", reason, required=True),
        detail={"moment": moment, "time": happened_at.isoformat()},
    )


@transaction.atomic
def declare_incident(
    *, district: District, public: str, declared_as: str, counsel: str, reason: str, actor: str, at: datetime
) -> None:
    """Record the word that a person uses for the incident, with the name of the counsel who advised.

    Homeroom has no such word: what an incident is called has consequences in law. Raise LookupError and
    IncidentRefused.
    """
    incident = get_incident_row(district, public)
    if incident.state == MERGED:
        raise IncidentRefused("state", "the incident was merged; the other one would fit")
    if not actor:
        raise IncidentRefused("actor", "a person declares it, signed in to Homeroom")
    incident.declared_as = clean_text("declared_as", declared_as, required=True)[:200]
    incident.counsel = clean_text("counsel", counsel, required=True)[:200]
    incident.declared_by, incident.declared_at = actor, at
    incident.save()
    text = f"Declared as {incident.declared_as}; counsel: {incident.counsel}."
    record_entry(
        incident,
        "declared",
        text,
        district=district,
        actor=actor,
        at=at,
        reason=clean_text("reason", reason, required=True),
        detail={"counsel": incident.counsel},
    )


@transaction.atomic
def close_incident(*, district: District, public: str, reason: str, actor: str, at: datetime) -> tuple[str, ...]:
    """Close an incident with what came of it; return the ids of its alerts.

    Follow-up that is open stays in the weekly plan. Raise LookupError, and IncidentRefused while a task of the first
    hour is open.
    """
    incident = get_active_incident(district, public)
    open_tasks = IncidentTask.objects.of(district).filter(incident=incident, state="open")
    first = open_tasks.filter(phase="first_hour").count()
    if first:
        raise IncidentRefused(
            "state", f"{first} first-hour tasks are open; do them, or give the reason why they do not apply"
        )
    incident.state = IncidentState.CLOSED
    mark(incident, Moment.CONTAINED, at)
    mark(incident, Moment.CLOSED, at, replaces=True)
    incident.save()
    text, follow_ups = clean_text("reason", reason, required=True), open_tasks.count()
    if follow_ups:
        text = f"{text} Follow-up tasks that stay in the weekly plan: {follow_ups}."
    record_entry(incident, "closed", text, district=district, actor=actor, at=at, detail={"follow_ups": follow_ups})
    return tuple(HeldAlert.objects.of(district).filter(incident=incident).values_list("alert", flat=True))


@transaction.atomic
def reopen_incident(*, district: District, public: str, reason: str, actor: str, at: datetime) -> None:
    """Open a closed incident again. Raise LookupError and IncidentRefused."""
    incident = get_incident_row(district, public)
    if incident.state in ACTIVE_STATES or incident.state == MERGED:
        raise IncidentRefused("state", f"the incident is {incident.state}; one that is closed would fit")
    incident.state = IncidentState.OPEN
    incident.moments = {
        name: time for name, time in incident.moments.items() if name not in (Moment.CONTAINED, Moment.CLOSED)
    }
    incident.save()
    text = clean_text("reason", reason, required=True)
    record_entry(incident, "reopened", text, district=district, actor=actor, at=at)
