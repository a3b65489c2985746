"""Rows of saved plans: find one to change, refuse a change with what would fit, and write the audit trail."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from homeroom.apps.manage.budget.models import BudgetPlan
from homeroom.apps.manage.budget.saved_problems import SavedProblem
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.domain.platform.district import District
from homeroom.ingest.contract.errors import Problem

FILES, EVIDENCE, CHANGE = "files", "evidence", "change"
WAITING, RUNNING, STOPPING = "waiting", "running", "stopping"
DONE, REFUSED, FAILED = "done", "refused", "failed"
ACTIVE_RUNS = frozenset({WAITING, RUNNING, STOPPING})
"""States of a run that is not over."""
MAX_TITLE = 200


class BudgetRefused(ValueError):
    """A change of a saved plan is refused; the message has what would fit, and `field` names the form field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def create_public_id() -> str:
    """Return a new id of a plan, which nobody can guess."""
    return f"plan-{secrets.token_hex(8)}"


def get_plan_row(district: District, public: str) -> BudgetPlan:
    """Return the row of a plan, locked; raise LookupError if the district has no such plan."""
    row = BudgetPlan.objects.of(district).select_for_update().filter(public=public).first()
    if row is None:
        raise LookupError(f"there is no plan {public}")
    return row


def get_saved_problem(row: BudgetPlan) -> SavedProblem:
    """Return the problem of a row."""
    return SavedProblem(content=row.problem, fleet=row.fleet, prices=row.prices, needs=row.needs)


def describe_problem(problem: Problem) -> str:
    """Return a problem of a saved plan as sentences for a page, on which its YAML has no lines."""
    is_list = problem.file.endswith(".csv")
    place = f"{problem.file}, line {problem.line}, {problem.field}" if is_list else problem.field or ""
    value = f" ({problem.value})" if problem.value else ""
    fits = f" Use: {problem.fits}." if problem.fits else ""
    return f"{place}: {problem.reason}{value}.{fits}"


def record_change(
    row: BudgetPlan,
    action: str,
    *,
    district: District,
    actor: str,
    at: datetime,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write one entry of the audit trail about a plan."""
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action=action,
        subject_kind="budget plan",
        subject=row.public,
        detail={"title": row.title, **(detail or {})},
    )
