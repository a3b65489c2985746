"""What an incident is made of: its alerts, the events of its timeline, its moments and its state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.detections.alerts import Entity, EntityKind, EventReference

_SEVERITIES = tuple(Severity)


class IncidentState(StrEnum):
    """How far an incident is: proposed by Homeroom, opened by a person, contained, closed."""

    PROPOSED = "proposed"
    OPEN = "open"
    CONTAINED = "contained"
    CLOSED = "closed"


ACTIVE_STATES = (IncidentState.OPEN, IncidentState.CONTAINED)


class Moment(StrEnum):
    """The moments of an incident that figures and state duties are computed from, in their order."""

    FIRST_EVENT = "first_event"
    DETECTED = "detected"
    ACKNOWLEDGED = "acknowledged"
    CONTAINED = "contained"
    CLOSED = "closed"


class Author(StrEnum):
    """Where a line of a timeline comes from."""

    LOG = "log"
    PERSON = "person"


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentEvent:
    """An event of evidence in an incident: which one it is, and the title of the rule that fired on it or led there."""

    reference: EventReference
    what: str
    fires: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Touch:
    """Something that an alert is about, as other alerts may be, and from when to when."""

    kind: EntityKind
    name: str
    first: datetime
    last: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class DetectionLag:
    """When the firing event of an alert happened, reached Homeroom, and was judged; None where nobody recorded it.

    `missing_at` is the last fetch of its log before it arrived, which did not bring it.
    """

    event_at: datetime
    missing_at: datetime | None = None
    loaded_at: datetime | None = None
    judged_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentAlert:
    """An alert as an incident needs it. `touches` join it to others; `events` are those that it names.

    `incident` is the incident that a person put it into, or empty. `former` are ids that it had before late events
    changed its beginning.
    """

    id: str
    title: str
    severity: Severity
    fired_at: datetime
    first_seen: datetime
    last_seen: datetime
    rules: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    entities: tuple[Entity, ...] = ()
    why: tuple[str, ...] = ()
    means: str = ""
    first_step: str = ""
    playbook: str = ""
    events: tuple[IncidentEvent, ...] = ()
    touches: tuple[Touch, ...] = ()
    lag: DetectionLag | None = None
    incident: str = ""
    former: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ProposedIncident:
    """Alerts that share somebody or something within a day, in the order in which they were raised.

    `joins` are the ids of incidents that people opened and that these alerts belong to.
    """

    id: str
    title: str
    severity: Severity
    playbook: str
    alerts: tuple[IncidentAlert, ...]
    joins: tuple[str, ...] = ()

    @property
    def entities(self) -> tuple[Entity, ...]:
        """Return the entities of all its alerts, each once."""
        return unite_entities(self.alerts)

    @property
    def first_event_at(self) -> datetime:
        """Return the time of its first event."""
        return min(alert.first_seen for alert in self.alerts)


@dataclass(frozen=True, kw_only=True, slots=True)
class TimelineEntry:
    """A line of a timeline: an event of a log (`key` is evidence's), or what a person did or wrote."""

    time: datetime
    what: str
    author: Author
    key: str = ""
    by: str = ""
    kind: str = ""
    reason: str = ""


def choose_worst(severities: Iterable[Severity]) -> Severity:
    """Return the worst of severities; low if there is none."""
    return min(severities, key=_SEVERITIES.index, default=Severity.LOW)


class Naming(Protocol):
    """What names entities, as alerts do."""

    @property
    def entities(self) -> tuple[Entity, ...]:
        """Return whom or what it names."""


def unite_entities(alerts: Iterable[Naming]) -> tuple[Entity, ...]:
    """Return the entities of alerts, each once, in the order in which they appear."""
    united: dict[tuple[EntityKind, str], Entity] = {}
    for alert in alerts:
        for entity in alert.entities:
            united.setdefault((entity.kind, entity.id or entity.name.casefold()), entity)
    return tuple(united.values())
