"""Alerts: detections of one story, folded, with who and what they are about.

A detection's identity is the rule and the key of the event it fired on. The id of an alert is made of its first
detection, so that it is the same in each run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from homeroom.domain.protect.control_states import Severity

type DetectionId = tuple[str, str]
"""The rule's id and the event's key."""


class AlertState(StrEnum):
    """What became of an alert."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    IN_INCIDENT = "in_incident"
    CLOSED = "closed"
    EXPECTED = "expected"
    SUPPRESSED = "suppressed"


OPEN_STATES = (AlertState.NEW, AlertState.ACKNOWLEDGED, AlertState.IN_INCIDENT)


class EntityKind(StrEnum):
    """What an entity of an alert is."""

    ACCOUNT = "account"
    DEVICE = "device"
    HOST = "host"
    ADDRESS = "address"
    APP = "app"
    FILE = "file"


class Role(StrEnum):
    """Whose account it is, or what a host does."""

    SUPER_ADMINISTRATOR = "super_administrator"
    ADMINISTRATOR = "administrator"
    STAFF = "staff"
    STUDENT = "student"
    SERVICE = "service"
    DOMAIN_CONTROLLER = "domain_controller"
    SERVER = "server"
    UNKNOWN = "unknown"


class Part(StrEnum):
    """What an entity does in the story: it acts, it is acted on, or it is merely named."""

    ACTOR = "actor"
    VICTIM = "victim"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True, slots=True)
class Entity:
    """Somebody or something in an alert: `name` as logs have it, `id` Homeroom's public id or empty.

    `person` is the number of the person whose account it is, empty where nobody was found, as of shared and service
    accounts: so the accounts of one person in several directories are of one story.
    """

    kind: EntityKind
    name: str
    id: str = ""
    part: Part = Part.OTHER
    role: Role = Role.UNKNOWN
    country: str = ""
    person: str = ""

    @property
    def label(self) -> str:
        """Return what to call it in a sentence: a student by id, never by name."""
        if self.kind == EntityKind.ACCOUNT and self.role == Role.STUDENT:
            return f"student {self.id}" if self.id else "a student"
        return self.name


@dataclass(frozen=True, kw_only=True, slots=True)
class EventReference:
    """An event of evidence."""

    source: str
    log: str
    key: str
    time: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class FoldedDetection:
    """A detection as it is folded.

    `always_alerts` marks canaries and new super administrators. `expected` and `suppressed` are the reasons why nobody
    is alerted, or empty. `events` are those of a correlation, the firing one among them. `canary` is the value of
    the canary that was touched, `planned_test` a sentence if it was in a test of it.
    """

    rule: str
    title: str
    level: str
    stage: str
    event: EventReference
    entities: tuple[Entity, ...] = ()
    why: tuple[str, ...] = ()
    means: str = ""
    first_step: str = ""
    playbook: str = ""
    events: tuple[EventReference, ...] = ()
    events_total: int = 1
    always_alerts: bool = False
    expected: str = ""
    suppressed: str = ""
    canary: str = ""
    planned_test: str = ""

    @property
    def id(self) -> DetectionId:
        """Return the identity of the detection."""
        return self.rule, self.event.key


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """Detections of one story, in the order of time."""

    id: str
    severity: Severity
    title: str
    detections: tuple[FoldedDetection, ...]
    rules: tuple[str, ...]
    stages: tuple[str, ...]
    entities: tuple[Entity, ...]
    why: tuple[str, ...]
    means: str
    first_step: str
    playbook: str
    first_seen: datetime
    fired_at: datetime
    last_seen: datetime
    events: tuple[EventReference, ...]
    events_total: int
    state: AlertState = AlertState.NEW
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TriageTable:
    """What makes an alert urgent: points by level, stage, role and reach, and the severity of a sum.

    `levels` and `stages` are points of a detection, `roles` those of its most important entity, `reach` those of the
    number of accounts and hosts, by the least number. `severities` has the least sum of each severity, worst first.
    `shared_names` are accounts that everybody acts as. `remote_tools` are how the names of programs begin that open a
    computer from outside.
    """

    levels: Mapping[str, int]
    stages: Mapping[str, int]
    roles: Mapping[Role, int]
    reach: Mapping[int, int]
    several_stages: Mapping[int, int]
    severities: Mapping[Severity, int]
    students_alone_reach: int
    shared_names: frozenset[str] = frozenset()
    remote_tools: tuple[str, ...] = ()


def compute_alert_id(detection: DetectionId) -> str:
    """Return the id of the alert whose first detection this is."""
    digest = hashlib.blake2b("\x00".join(detection).encode(), digest_size=8).hexdigest()
    return f"alert-{digest}"
