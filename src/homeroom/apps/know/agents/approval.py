"""Let computers in that wait, keep them out, and end the key of one that is in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from homeroom.apps.know.agents.models import Agent, EnrollSecret, WaitingAgent
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.domain.platform.district import District

EXPECTING = timedelta(hours=24)
_MAX_NAMES = 500  # that one entry of the audit trail names


def confirm_agents(
    *, district: District, actor: str, at: datetime, numbers: Collection[int] | None = None, expects_more: bool = False
) -> int:
    """Let waiting computers in, those with these numbers or all; return how many.

    With `expects_more`, their secrets let in further new computers for a day. One that was kept out comes in only by
    its number.
    """
    with transaction.atomic():
        rows = list(_select_waiting(district, numbers).select_for_update().order_by("pk"))
        for row in rows:
            values = {"platform": row.platform, "name": row.name, "version": row.version, "secret": row.secret}
            Agent.objects.of(district).update_or_create(
                district_id=district.pk,
                identifier=row.identifier,
                defaults=values | {"key_hash": row.key_hash, "is_key_used": False, "enrolled_at": at, "seen_at": at},
            )
        WaitingAgent.objects.of(district).filter(pk__in=[row.pk for row in rows]).delete()
        secret_ids = {row.secret_id for row in rows if row.secret_id}
        if expects_more:
            active = EnrollSecret.objects.of(district).filter(pk__in=secret_ids, ended_at=None)
            active.update(open_until=at + EXPECTING)
        detail = {"expects more": True} if expects_more else {}
        _record(district, rows, actor=actor, at=at, action="approve agents", detail=detail)
    return len(rows)


def deny_agents(*, district: District, actor: str, at: datetime, numbers: Collection[int] | None = None) -> int:
    """Keep waiting computers out, those with these numbers or all, until a person lets them in; return how many."""
    with transaction.atomic():
        rows = list(_select_waiting(district, numbers).filter(is_denied=False).select_for_update().order_by("pk"))
        denied = WaitingAgent.objects.of(district).filter(pk__in=[row.pk for row in rows])
        denied.update(is_denied=True, key_hash="")
        _record(district, rows, actor=actor, at=at, action="block agents", detail={})
    return len(rows)


def block_agent(*, district: District, number: int, actor: str, at: datetime) -> bool:
    """End the key of a computer that is in, delete its answers, and keep it out; return whether there was one."""
    with transaction.atomic():
        agent = Agent.objects.of(district).filter(pk=number).first()
        if agent is None:
            return False
        values: dict[str, Any] = {"platform": agent.platform, "name": agent.name, "version": agent.version}
        WaitingAgent.objects.of(district).update_or_create(
            district_id=district.pk,
            identifier=agent.identifier,
            defaults=values | {"key_hash": "", "asked_at": at, "is_known": True, "is_denied": True},
        )
        agent.delete()
        record_audit_entry(district=district, at=at, actor=actor, action="block agents", subject=str(number))
    return True


def _select_waiting(district: District, numbers: Collection[int] | None) -> Any:
    waiting = WaitingAgent.objects.of(district)
    return waiting.filter(is_denied=False) if numbers is None else waiting.filter(pk__in=list(numbers))


def _record(
    district: District, rows: list[WaitingAgent], *, actor: str, at: datetime, action: str, detail: dict[str, Any]
) -> None:
    if rows:
        names = [row.identifier for row in rows[:_MAX_NAMES]]
        values = {"agents": len(rows), "identifiers": names, **detail}
        record_audit_entry(district=district, at=at, actor=actor, action=action, detail=values)
