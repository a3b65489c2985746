"""Queries for agents: which ones exist, when each reported last, unanswered questions, and active secrets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q

from homeroom.apps.agents.models import Agent, EnrolSecret
from homeroom.domain.district import District

QUIET_AFTER = timedelta(days=7)
MAX_SHOWN = 100


@dataclass(frozen=True, kw_only=True)
class AgentStatus:
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
class ActiveSecret:
    """An active enroll secret."""

    id: int
    made_at: datetime
    made_by: str


@dataclass(frozen=True, kw_only=True)
class AgentOverview:
    """Totals over all agents, and the first of them.

    `quiet` have not reported for a week.
    """

    total: int
    quiet: int
    shown: tuple[AgentStatus, ...]
    secrets: tuple[ActiveSecret, ...]


def get_agent_overview(*, district: District, now: datetime, limit: int = MAX_SHOWN) -> AgentOverview:
    """Return the district's agents, longest unseen first, and its active secrets, newest first."""
    totals = Agent.objects.of(district).aggregate(
        total=Count("pk"), quiet=Count("pk", filter=Q(seen_at__lt=now - QUIET_AFTER))
    )
    rows = Agent.objects.of(district).annotate(answered=Count("answers"), newest=Max("answers__at"))
    active_secrets = EnrolSecret.objects.of(district).filter(ended_at=None).order_by("-made_at", "-pk")
    return AgentOverview(
        total=totals["total"],
        quiet=totals["quiet"],
        shown=tuple(_build_status(row) for row in rows.order_by("seen_at", "identifier")[:limit]),
        secrets=tuple(ActiveSecret(id=row.pk, made_at=row.made_at, made_by=row.made_by) for row in active_secrets),
    )


def _build_status(row: Any) -> AgentStatus:
    return AgentStatus(
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
