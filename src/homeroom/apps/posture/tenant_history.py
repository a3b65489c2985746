"""How policies over tenant settings stood over time: a row where one changed, kept by each judgement of the district."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from homeroom.apps.posture.models import SettingResult
from homeroom.apps.posture.tenants import Line
from homeroom.domain.states import State

NUMBERS: Mapping[str, State] = {
    "passing": State.PASS,
    "failing": State.FAIL,
    "cannot_tell": State.CANNOT_TELL,
    "excepted": State.EXCEPTED,
}
"""The columns that count units, with the state that each counts."""


@dataclass(frozen=True, kw_only=True)
class Stood:
    """How a policy of one tenant stood from that day on."""

    day: date
    tenant: str
    state: State
    passing: int
    failing: int
    cannot_tell: int
    excepted: int


@transaction.atomic
def remember(*, district: Any, today: date, lines: Sequence[Line]) -> int:
    """Keeps what changed since the last judgement; gives how many policies did. A second one of a day takes its place."""
    last = _last(district)
    changed = [line for line in lines if last.get((line.policy.id, line.tenant)) != _values(line)]
    for line in changed:
        SettingResult.objects.of(district).filter(policy=line.policy.id, tenant=line.tenant, day=today).delete()
    SettingResult.objects.bulk_create(
        SettingResult(district=district, policy=line.policy.id, tenant=line.tenant, day=today, **_values(line))
        for line in changed
    )
    return len(changed)


def history(*, district: Any, policy: str) -> tuple[Stood, ...]:
    """Every change of a policy, the newest first."""
    rows = SettingResult.objects.of(district).filter(policy=policy).order_by("-day", "tenant")
    return tuple(
        Stood(day=row.day, tenant=row.tenant, state=State(row.state), **{name: getattr(row, name) for name in NUMBERS})
        for row in rows
    )


def _last(district: Any) -> dict[tuple[str, str], dict[str, Any]]:
    """What was kept last of each policy and tenant."""
    rows = SettingResult.objects.of(district).order_by("day")
    names = ("state", *NUMBERS)
    return {
        (row["policy"], row["tenant"]): {name: row[name] for name in names}
        for row in rows.values("policy", "tenant", *names)
    }


def _values(line: Line) -> dict[str, Any]:
    return {"state": str(line.state), **{name: line.counts.get(state, 0) for name, state in NUMBERS.items()}}
