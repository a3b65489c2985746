"""What pages ask about agents: which there are, when each was here, what they have not answered, and the secrets that hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q

from homeroom.apps.agents.models import Agent, EnrolSecret

QUIET = timedelta(days=7)
SHOWN = 100


@dataclass(frozen=True, kw_only=True)
class Reporting:
    """One agent. `answered` counts the questions that it answered, `newest` is its newest answer's time."""

    id: int
    identifier: str
    name: str
    platform: str
    version: str
    enrolled_at: datetime
    seen_at: datetime
    answered: int
    newest: datetime | None


@dataclass(frozen=True, kw_only=True)
class Holding:
    """A secret that lets agents in."""

    id: int
    made_at: datetime
    made_by: str


@dataclass(frozen=True, kw_only=True)
class Agents:
    """All agents in numbers, and the first of them by name. `quiet` were not here for a week."""

    total: int
    quiet: int
    shown: tuple[Reporting, ...]
    secrets: tuple[Holding, ...]


def agents(*, district: Any, now: datetime, most: int = SHOWN) -> Agents:
    """The district's agents, those longest not seen first, and its secrets, newest first."""
    counted = Agent.objects.of(district).aggregate(
        total=Count("pk"), quiet=Count("pk", filter=Q(seen_at__lt=now - QUIET))
    )
    rows = Agent.objects.of(district).annotate(answered=Count("answers"), newest=Max("answers__at"))
    held = EnrolSecret.objects.of(district).filter(ended_at=None).order_by("-made_at", "-pk")
    return Agents(
        total=counted["total"],
        quiet=counted["quiet"],
        shown=tuple(_reporting(row) for row in rows.order_by("seen_at", "identifier")[:most]),
        secrets=tuple(Holding(id=row.pk, made_at=row.made_at, made_by=row.made_by) for row in held),
    )


def _reporting(row: Any) -> Reporting:
    return Reporting(
        id=row.pk,
        identifier=row.identifier,
        name=row.name,
        platform=row.platform,
        version=row.version,
        enrolled_at=row.enrolled_at,
        seen_at=row.seen_at,
        answered=row.answered,
        newest=row.newest,
    )
