"""Users of an attack simulation as Microsoft Graph returns them.

Source: learn.microsoft.com, Graph, userSimulationDetails and userSimulationEventInfo. The names of events are not
listed there; a name is read by its words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from homeroom.domain.teach.awareness.drill_events import DrillEventKind
from homeroom.ingest.drills.drill_events import (
    DrillFile,
    UnfitEvent,
    parse_address,
    parse_moment,
    parse_person,
    parse_text,
    require_moment,
)

WORDS = (
    ("reinforcement", None),
    ("training", None),
    ("notdeliver", DrillEventKind.BOUNCED),
    ("failed", DrillEventKind.BOUNCED),
    ("bounce", DrillEventKind.BOUNCED),
    ("deliver", DrillEventKind.DELIVERED),
    ("report", DrillEventKind.REPORTED),
    ("cred", DrillEventKind.POSTED),
    ("submit", DrillEventKind.POSTED),
    ("dataentered", DrillEventKind.POSTED),
    ("click", DrillEventKind.CLICKED),
    ("repl", DrillEventKind.REPLIED),
    ("attachment", DrillEventKind.CLICKED),
    ("open", DrillEventKind.OPENED),
    ("read", DrillEventKind.OPENED),
    ("sent", DrillEventKind.SENT),
)
"""Words of an event's name, the first that it has; None for what is not about the mail."""


def is_simulation_list(value: object) -> bool:
    """Check whether a JSON value is a list of users of a simulation."""
    users = value.get("value") if isinstance(value, Mapping) else None
    return isinstance(users, list) and any(isinstance(user, Mapping) and "simulationUser" in user for user in users)


def read_simulation_users(users: Sequence[Any], file: DrillFile, *, drill: str) -> None:
    """Add the events of users; `row` is the place of the user."""
    read_user_rows(((row, drill, user) for row, user in enumerate(users, start=1)), file)


def read_user_rows(users: Iterable[tuple[int, str, Any]], file: DrillFile) -> None:
    """Add the events of users, given with their places and simulations."""
    listed: dict[str, set[str]] = {}
    for row, drill, user in users:
        try:
            _add_user(user, row=row, drill=drill, file=file, listed=listed.setdefault(drill, set()))
        except UnfitEvent as error:
            file.reject(row, error)


def classify_event(name: str) -> DrillEventKind | None:
    """Return the kind of an event by the words of its name; None for what is not about the mail."""
    bare = "".join(filter(str.isalpha, name)).lower()
    return next((kind for word, kind in WORDS if word in bare), None)


def _add_user(user: Any, *, row: int, drill: str, file: DrillFile, listed: set[str]) -> None:
    simulated = user.get("simulationUser") if isinstance(user, Mapping) else None
    if not isinstance(simulated, Mapping):
        raise UnfitEvent("simulationUser", "is missing", "an object with simulationUser and simulationEvents")
    person = parse_person(simulated.get("email"), field_name="simulationUser.email")
    if person in listed:
        raise UnfitEvent("simulationUser.email", "is listed before", "each user once")
    listed.add(person)
    events = user.get("simulationEvents") or []
    if not isinstance(events, list):
        raise UnfitEvent("simulationEvents", "is no list", "a list of events")
    reported_at = parse_moment(user.get("reportedPhishDateTime"), field_name="reportedPhishDateTime")
    kinds = [kind for event in events if (kind := _try_event(event, row=row, drill=drill, person=person, file=file))]
    if reported_at is not None and DrillEventKind.REPORTED not in kinds:
        file.add(row=row, drill=drill, person=person, event=DrillEventKind.REPORTED, at=reported_at)


def _try_event(event: Any, *, row: int, drill: str, person: str, file: DrillFile) -> DrillEventKind | None:
    """Add an event and return its kind; add a problem where it does not fit."""
    try:
        if not isinstance(event, Mapping) or not isinstance(event.get("eventName"), str):
            raise UnfitEvent("simulationEvents.eventName", "is missing", "the name of the event")
        kind = classify_event(event["eventName"])
        if kind is None:
            return None
        at = require_moment(event.get("eventDateTime"), field_name="simulationEvents.eventDateTime")
        address = parse_address(event.get("ipAddress"), field_name="simulationEvents.ipAddress")
    except UnfitEvent as error:
        file.reject(row, error)
        return None
    agent = " ".join(filter(None, (parse_text(event.get(name)) for name in ("browser", "osPlatformDeviceDetails"))))
    file.add(row=row, drill=drill, person=person, event=kind, at=at, ip=address, agent=agent or None)
    return kind
