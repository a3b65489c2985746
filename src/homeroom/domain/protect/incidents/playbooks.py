"""Playbooks: what to do in the first hour of an incident, who decides what, and the tasks after that."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MAX_FIRST_HOUR = 10
"""Lines that somebody who never did this can follow."""


class ResponseRole(StrEnum):
    """Who does a task or decides something; in a small district one person has several roles."""

    TECHNICIAN = "technician"
    DIRECTOR = "director"
    SUPERINTENDENT = "superintendent"
    COUNSEL = "counsel"
    COMMUNICATIONS = "communications"
    PRINCIPAL = "principal"


@dataclass(frozen=True, kw_only=True)
class PlaybookTask:
    """Something to do, by whom, and about how many minutes it takes."""

    title: str
    role: ResponseRole
    minutes: int


@dataclass(frozen=True, kw_only=True)
class PlaybookDecision:
    """Something that one role decides, and on what."""

    title: str
    role: ResponseRole


@dataclass(frozen=True, kw_only=True)
class PlaybookSource:
    """Whose guidance a playbook follows, in our words."""

    name: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Playbook:
    """The playbook of one kind of incident. `first_hour` are its first lines, in order; `tasks` follow."""

    id: str
    title: str
    when: str
    first_hour: tuple[PlaybookTask, ...]
    decisions: tuple[PlaybookDecision, ...]
    tasks: tuple[PlaybookTask, ...]
    sources: tuple[PlaybookSource, ...]
