"""Runs of the refresh planner: asked for on a page, run by a worker, and written as the plan of a saved problem.

A run is safe to repeat after its worker was killed: it writes its plan at once, and only if no other run was asked for
since.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from typing import Protocol

from django.db import transaction

from homeroom.apps.manage.budget.figures import build_figures
from homeroom.apps.manage.budget.models import BudgetPlan
from homeroom.apps.manage.budget.records import (
    ACTIVE_RUNS,
    DONE,
    FAILED,
    REFUSED,
    RUNNING,
    STOPPING,
    WAITING,
    BudgetRefused,
    describe_problem,
    get_plan_row,
    get_saved_problem,
    record_change,
)
from homeroom.apps.manage.budget.refresh_documents import build_refresh_document, convert_number
from homeroom.apps.manage.budget.saved_problems import list_amounts, read_saved_problem
from homeroom.domain.manage.refresh.plan import RefreshPlan
from homeroom.domain.manage.refresh.problem import RefreshProblem
from homeroom.domain.manage.refresh.watch import PlanStep, RefreshWatch
from homeroom.domain.platform.district import District
from homeroom.ingest.contract.errors import FileRefused

MAX_SECONDS = 600
MAX_PROBLEMS = 20
POLL_SECONDS = 1.0


class RefreshPlanner(Protocol):
    """What makes a plan of a problem: `plan_refresh`."""

    def __call__(
        self, problem: RefreshProblem, *, seconds: float, level: str | None, watch: RefreshWatch
    ) -> RefreshPlan:
        """Return the best plan that is found."""


@transaction.atomic
def request_run(*, district: District, public: str, seconds: int, level: str, actor: str, at: datetime) -> int:
    """Ask for a plan, with the level of a fund unless it is empty; return the number of the run, for the queue.

    Raise LookupError, and BudgetRefused if it is being planned already or the fund has no yearly amounts.
    """
    row = get_plan_row(district, public)
    if row.run_state in ACTIVE_RUNS:
        raise BudgetRefused("state", "it is being planned already")
    if not 1 <= seconds <= MAX_SECONDS:
        raise BudgetRefused("seconds", f"{seconds} seconds; 1 to {MAX_SECONDS} would fit")
    yearly = list_amounts(get_saved_problem(row))
    if level and level not in yearly:
        raise BudgetRefused("level", f"{level} has no yearly amounts; {', '.join(yearly) or 'no fund'} would fit")
    row.run_number += 1
    row.run_state, row.run_step, row.run_problems = WAITING, {}, []
    row.run_request, row.run_requested_at = {"seconds": seconds, "level": level}, at
    row.save(update_fields=["run_number", "run_state", "run_step", "run_problems", "run_request", "run_requested_at"])
    detail = {"seconds": seconds, **({"level": level} if level else {})}
    record_change(row, "plan budget", district=district, actor=actor, at=at, detail=detail)
    return row.run_number


@transaction.atomic
def stop_run(*, district: District, public: str, actor: str, at: datetime) -> None:
    """Ask a run to end with the best plan so far; one that waits, or that does not end, is given up.

    Raise LookupError, and BudgetRefused if none is under way.
    """
    row = get_plan_row(district, public)
    if row.run_state not in ACTIVE_RUNS:
        raise BudgetRefused("state", "it is not being planned")
    if row.run_state == RUNNING:
        row.run_state = STOPPING
    else:
        row.run_state, row.run_number = DONE if row.document else "", row.run_number + 1
    row.save(update_fields=["run_state", "run_number"])
    record_change(row, "stop planning budget", district=district, actor=actor, at=at)


def run_planner(
    *,
    district: District,
    public: str,
    number: int,
    seconds: float,
    level: str,
    plan: RefreshPlanner,
    now: Callable[[], datetime],
) -> None:
    """Plan a saved problem and write its plan, unless the run was replaced or is over."""
    rows = BudgetPlan.objects.of(district).filter(public=public, run_number=number)
    row = rows.filter(run_state__in=ACTIVE_RUNS).first()
    if row is None:
        return
    rows.filter(run_state=WAITING).update(run_state=RUNNING)
    try:
        problem = read_saved_problem(get_saved_problem(row))
        planned = plan(problem, seconds=seconds, level=level or None, watch=_RunWatch(district, public, number))
    except FileRefused as error:
        problems = [describe_problem(item) for item in error.problems[:MAX_PROBLEMS]]
        rows.update(run_state=REFUSED, run_problems=problems, run_step={})
        return
    except Exception:
        rows.update(run_state=FAILED, run_step={})
        raise
    document = build_refresh_document(planned)
    with transaction.atomic():
        if rows.select_for_update().filter(run_state__in=ACTIVE_RUNS).exists():
            at = now()
            rows.update(
                run_state=DONE,
                run_step={},
                document=document,
                figures=build_figures(document, problem),
                planned_at=at,
            )
            detail = {"weighted": document["weighted"], "past support": document["past_support"]}
            record_change(row, "write budget plan", district=district, actor="", at=at, detail=detail)


def fail_killed_run(*, district: District, public: str, number: int) -> None:
    """Mark a run as failed that killed its worker each time."""
    rows = BudgetPlan.objects.of(district).filter(public=public, run_number=number, run_state__in=ACTIVE_RUNS)
    rows.update(run_state=FAILED, run_step={})


class _RunWatch:
    """The row of a run as the planner sees it: whether it is to stop, and how far it is."""

    def __init__(self, district: District, public: str, number: int) -> None:
        self._rows = BudgetPlan.objects.of(district).filter(public=public, run_number=number)
        self._polled_at = 0.0
        self._is_stopped = False

    def is_stopped(self) -> bool:
        """Return True once somebody asked to stop, or for another run; the row is read once a second."""
        if not self._is_stopped and time.monotonic() - self._polled_at >= POLL_SECONDS:
            self._polled_at = time.monotonic()
            self._is_stopped = not self._rows.filter(run_state=RUNNING).exists()
        return self._is_stopped

    def report(self, step: PlanStep, weighted: Fraction | None) -> None:
        """Write the step and the best W so far."""
        best = None if weighted is None else convert_number(weighted)
        self._rows.update(run_step={"step": str(step), "weighted": best})
