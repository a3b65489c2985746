"""Rows of rollouts: find one to change, refuse a change with what would fit, and write the audit trail."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from homeroom.apps.manage.rollouts.models import Rollout
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.domain.platform.district import District

DRAFT, PLANNED, APPROVED, RUNNING, DONE, STOPPED = "draft", "planned", "approved", "running", "done", "stopped"
ENDED_STATES = frozenset({DONE, STOPPED})
WAITING, STOPPING = "waiting", "stopping"
ACTIVE_RUNS = frozenset({WAITING, RUNNING, STOPPING})
"""States of a plan's run that is not over."""
COMPLETED, NO_ENTRY, LEFT_BEHIND = "done", "no_entry", "left_behind"
OUTCOMES = (COMPLETED, LEFT_BEHIND, NO_ENTRY)


class RolloutRefused(ValueError):
    """A change of a rollout is refused; the message has what would fit, and `field` names the form field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def create_public_id() -> str:
    """Return a new id of a rollout, which nobody can guess."""
    return f"rollout-{secrets.token_hex(8)}"


def get_rollout_row(district: District, public: str) -> Rollout:
    """Return the row of a rollout, locked; raise LookupError if the district has no such rollout."""
    row = Rollout.objects.of(district).select_for_update().filter(public=public).first()
    if row is None:
        raise LookupError(f"there is no rollout {public}")
    return row


def get_open_rollout(district: District, public: str) -> Rollout:
    """Return a rollout that has not ended, locked; raise LookupError, or RolloutRefused if it has ended."""
    row = get_rollout_row(district, public)
    if row.state in ENDED_STATES:
        raise RolloutRefused("state", f"the rollout is {row.state}; one that has not ended would fit")
    return row


def get_quiet_rollout(district: District, public: str) -> Rollout:
    """Return an open rollout that is not being planned; raise LookupError or RolloutRefused."""
    row = get_open_rollout(district, public)
    if row.plan_state in ACTIVE_RUNS:
        raise RolloutRefused("state", "it is being planned; wait for the plan, or stop it")
    return row


def record_change(
    rollout: Rollout,
    action: str,
    *,
    district: District,
    actor: str,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write one entry of the audit trail about a rollout."""
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action=action,
        subject_kind="rollout",
        subject=rollout.public,
        detail={"title": rollout.title, **(detail or {})},
    )
