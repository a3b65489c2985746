"""Queries for agents: which ones exist, when each reported last, unanswered questions, and active secrets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q

from homeroom.apps.know.agents.models import Agent, EnrollSecret, WaitingAgent
from homeroom.domain.platform.district import District

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
    """An active enroll secret, and how many computers came in with it; more than its limits wait for a person."""

    id: int
    made_at: datetime
    made_by: str
    max_hosts: int
    max_per_hour: int
    open_until: datetime | None
    enrolled: int


@dataclass(frozen=True, kw_only=True)
class WaitingHost:
    """One computer that waits for a person, or is kept out; `is_known` if one with its identifier is in already."""

    id: int
    identifier: str
    name: str
    platform: str
    address: str
    asked_at: datetime
    tries: int
    is_known: bool


@dataclass(frozen=True, kw_only=True)
class AgentOverview:
    """Totals over all agents, and the first of them.

    `quiet` have not reported for a week. `waiting` counts those that wait for a person, `denied` those kept out.
    """

    total: int
    quiet: int
    shown: tuple[AgentStatus, ...]
    secrets: tuple[ActiveSecret, ...]
    waiting: int
    denied: int
    shown_waiting: tuple[WaitingHost, ...]
    shown_denied: tuple[WaitingHost, ...]


def get_agent_overview(*, district: District, now: datetime, limit: int = MAX_SHOWN) -> AgentOverview:
    """Return the district's agents, longest unseen first, and its active secrets, newest first."""
    totals = Agent.objects.of(district).aggregate(
        total=Count("pk"), quiet=Count("pk", filter=Q(seen_at__lt=now - QUIET_AFTER))
    )
    rows = Agent.objects.of(district).annotate(answered=Count("answers"), newest=Max("answers__at"))
    active_secrets = EnrollSecret.objects.of(district).filter(ended_at=None).order_by("-made_at", "-pk")
    counted_secrets = active_secrets.annotate(enrolled=Count("agents"))
    waiting = WaitingAgent.objects.of(district).order_by("asked_at", "pk")
    counts = waiting.aggregate(
        waiting=Count("pk", filter=Q(is_denied=False)), denied=Count("pk", filter=Q(is_denied=True))
    )
    return AgentOverview(
        total=totals["total"],
        quiet=totals["quiet"],
        shown=tuple(_build_status(row) for row in rows.order_by("seen_at", "identifier")[:limit]),
        secrets=tuple(_build_secret(row, now=now) for row in counted_secrets),
        waiting=counts["waiting"],
        denied=counts["denied"],
        shown_waiting=tuple(map(_build_waiting_host, waiting.filter(is_denied=False)[:limit])),
        shown_denied=tuple(map(_build_waiting_host, waiting.filter(is_denied=True)[:limit])),
    )


def _build_secret(row: Any, *, now: datetime) -> ActiveSecret:
    return ActiveSecret(
        id=row.pk,
        made_at=row.made_at,
        made_by=row.made_by,
        max_hosts=row.max_hosts,
        max_per_hour=row.max_per_hour,
        open_until=row.open_until if row.open_until and row.open_until > now else None,
        enrolled=row.enrolled,
    )


def _build_waiting_host(row: WaitingAgent) -> WaitingHost:
    return WaitingHost(
        id=row.pk,
        identifier=row.identifier,
        name=row.name,
        platform=row.platform,
        address=row.address,
        asked_at=row.asked_at,
        tries=row.tries,
        is_known=row.is_known,
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
