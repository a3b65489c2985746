"""History of policies over tenant settings: a row for each change, stored by each assessment of the district."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from homeroom.apps.protect.posture.models import SettingResult
from homeroom.apps.protect.posture.tenants.settings import PolicyResult
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import State

STATE_COLUMNS: Mapping[str, State] = {
    "passing": State.PASS,
    "failing": State.FAIL,
    "cannot_tell": State.CANNOT_TELL,
    "excepted": State.EXCEPTED,
}
"""The columns that count units, with the state that each counts."""


@dataclass(frozen=True, kw_only=True)
class PolicyChange:
    """State of a policy of one tenant from that day on."""

    day: date
    tenant: str
    state: State
    passing: int
    failing: int
    cannot_tell: int
    excepted: int


@transaction.atomic
def store_changes(*, district: District, today: date, lines: Sequence[PolicyResult]) -> int:
    """Store what changed since the last assessment and return how many policies changed.

    A second change on the same day replaces the first.
    """
    last = _load_last(district)
    changed = [line for line in lines if last.get((line.policy.id, line.tenant)) != _get_values(line)]
    for line in changed:
        SettingResult.objects.of(district).filter(policy=line.policy.id, tenant=line.tenant, day=today).delete()
    SettingResult.objects.bulk_create(
        SettingResult(
            district_id=district.pk, policy=line.policy.id, tenant=line.tenant, day=today, **_get_values(line)
        )
        for line in changed
    )
    return len(changed)


def list_policy_history(*, district: District, policy: str) -> tuple[PolicyChange, ...]:
    """Return every change of a policy, newest first."""
    rows = SettingResult.objects.of(district).filter(policy=policy).order_by("-day", "tenant")
    return tuple(
        PolicyChange(
            day=row.day,
            tenant=row.tenant,
            state=State(row.state),
            **{name: getattr(row, name) for name in STATE_COLUMNS},
        )
        for row in rows
    )


def _load_last(district: District) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the last stored values of each policy and tenant."""
    rows = SettingResult.objects.of(district).order_by("day")
    names = ("state", *STATE_COLUMNS)
    return {
        (row["policy"], row["tenant"]): {name: row[name] for name in names}
        for row in rows.values("policy", "tenant", *names)
    }


def _get_values(line: PolicyResult) -> dict[str, Any]:
    return {"state": str(line.state), **{name: line.counts.get(state, 0) for name, state in STATE_COLUMNS.items()}}
