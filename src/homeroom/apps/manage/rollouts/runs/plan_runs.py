"""Runs of the planner for a rollout: asked for on a page, run by a worker, and written as the rollout's visits.

A run is safe to repeat after its worker was killed: it writes all its visits at once, and only if no other run was
asked for since.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import msgspec
from django.db import transaction

from homeroom.apps.manage.rollouts.models import Rollout, RolloutVisit
from homeroom.apps.manage.rollouts.records import (
    ACTIVE_RUNS,
    NO_ENTRY,
    RUNNING,
    STOPPING,
    WAITING,
    RolloutRefused,
    get_open_rollout,
    get_rollout_row,
    record_change,
)
from homeroom.apps.manage.rollouts.runs.write_plan import write_plan
from homeroom.apps.manage.rollouts.specs.plan_documents import FORMAT, build_moment
from homeroom.apps.manage.rollouts.specs.spec_documents import describe_problem, write_spec
from homeroom.apps.manage.rollouts.specs.spec_files import load_spec
from homeroom.domain.manage.rollouts.plan import RolloutPlan
from homeroom.domain.manage.rollouts.spec import RolloutSpec
from homeroom.domain.platform.district import District
from homeroom.ingest.contract.errors import FileRefused

MAX_SECONDS = 600
MAX_PROBLEMS = 20
POLL_SECONDS = 1.0
SPEC_NAME, EARLIER_NAME = "SPEC.yaml", "OLD.json"


class PlannedSpec(Protocol):
    """A spec and its plan."""

    @property
    def spec(self) -> RolloutSpec:
        """The spec as it was read."""

    @property
    def plan(self) -> RolloutPlan:
        """The best plan."""


class SpecPlanner(Protocol):
    """What makes a plan of a spec file: `plan_spec_file`."""

    def __call__(
        self,
        path: Path,
        *,
        seconds: float,
        is_late: Callable[[], bool],
        report: Callable[[RolloutPlan], None],
        earlier_plan: Path | None = None,
        at: str | None = None,
    ) -> PlannedSpec:
        """Return the spec and its plan."""


@transaction.atomic
def request_plan(*, district: District, public: str, seconds: int, keep: bool, actor: str, at: datetime) -> int:
    """Ask for a plan; return the number of the run, for the worker's queue.

    With `keep` what began and what is locked stays, and the fewest visits move. Raise LookupError, and RolloutRefused
    if it is being planned already.
    """
    rollout = get_open_rollout(district, public)
    if rollout.plan_state in ACTIVE_RUNS:
        raise RolloutRefused("state", "it is being planned already")
    if not 1 <= seconds <= MAX_SECONDS:
        raise RolloutRefused("seconds", f"{seconds} seconds; 1 to {MAX_SECONDS} would fit")
    rollout.plan_number += 1
    rollout.plan_state, rollout.plan_step, rollout.plan_problems = WAITING, "", []
    rollout.plan_request, rollout.plan_requested_at = {"seconds": seconds, "keep": keep}, at
    fields = ["plan_number", "plan_state", "plan_step", "plan_problems", "plan_request", "plan_requested_at"]
    rollout.save(update_fields=fields)
    detail = {"seconds": seconds, "keeps what began": keep}
    record_change(rollout, "plan rollout", district=district, actor=actor, at=at, detail=detail)
    return rollout.plan_number


@transaction.atomic
def stop_plan(*, district: District, public: str, actor: str, at: datetime) -> None:
    """Ask a run to end with the best plan so far; one that waits, or that does not end, is given up.

    Raise LookupError, and RolloutRefused if none is under way.
    """
    rollout = get_rollout_row(district, public)
    if rollout.plan_state not in ACTIVE_RUNS:
        raise RolloutRefused("state", "it is not being planned")
    if rollout.plan_state == RUNNING:
        rollout.plan_state = STOPPING
    else:
        rollout.plan_state, rollout.plan_number = "", rollout.plan_number + 1
    rollout.save(update_fields=["plan_state", "plan_number"])
    record_change(rollout, "stop planning", district=district, actor=actor, at=at)


def run_plan(
    *,
    district: District,
    public: str,
    number: int,
    seconds: float,
    keep: bool,
    plan: SpecPlanner,
    now: Callable[[], datetime],
) -> None:
    """Plan a rollout and write its visits, unless the run was replaced or is over."""
    rows = Rollout.objects.of(district).filter(public=public, plan_number=number)
    if not rows.filter(plan_state__in=ACTIVE_RUNS).update(plan_step="") or rows.get().state == "stopped":
        return
    rows.filter(plan_state=WAITING).update(plan_state=RUNNING)
    try:
        with TemporaryDirectory(prefix="homeroom-rollout-") as folder:
            outcome = _plan_in_folder(
                Path(folder), district, public, number=number, seconds=seconds, keep=keep, plan=plan, at=now()
            )
    except FileRefused as error:
        problems = [describe_problem(problem) for problem in error.problems[:MAX_PROBLEMS]]
        rows.update(plan_state="refused", plan_problems=problems, plan_step="")
        return
    except Exception:
        rows.update(plan_state="failed", plan_step="")
        raise
    with transaction.atomic():
        if rows.select_for_update().filter(plan_state__in=ACTIVE_RUNS).exists():
            write_plan(district=district, public=public, spec=outcome.spec, plan=outcome.plan, at=now())


def fail_killed_plan(*, district: District, public: str, number: int) -> None:
    """Mark a run as failed that killed its worker each time."""
    rows = Rollout.objects.of(district).filter(public=public, plan_number=number, plan_state__in=ACTIVE_RUNS)
    rows.update(plan_state="failed", plan_step="")


def _plan_in_folder(
    folder: Path,
    district: District,
    public: str,
    *,
    number: int,
    seconds: float,
    keep: bool,
    plan: SpecPlanner,
    at: datetime,
) -> PlannedSpec:
    path = folder / SPEC_NAME
    write_spec(path, district=district, public=public)
    run = _RunState(district, public, number)
    earlier = _write_earlier_plan(folder / EARLIER_NAME, load_spec(path), district, public) if keep else None
    return plan(
        path,
        seconds=seconds,
        is_late=run.is_stopped,
        report=run.report,
        earlier_plan=earlier,
        at=at.isoformat() if earlier else None,
    )


class _RunState:
    """The row of a run as the planner sees it: whether it is to stop, and how far it is."""

    def __init__(self, district: District, public: str, number: int) -> None:
        self._rows = Rollout.objects.of(district).filter(public=public, plan_number=number)
        self._polled_at = 0.0
        self._is_stopped = False

    def is_stopped(self) -> bool:
        """Return True once somebody asked to stop, or for another run; the row is read once a second."""
        if not self._is_stopped and time.monotonic() - self._polled_at >= POLL_SECONDS:
            self._polled_at = time.monotonic()
            self._is_stopped = not self._rows.filter(plan_state=RUNNING).exists()
        return self._is_stopped

    def report(self, plan: RolloutPlan) -> None:
        """Write the figures of the best plan so far."""
        figures = plan.objective
        parts = [f"{len(plan.visits):,} visits", f"{figures.disrupted_minutes:,} class minutes"]
        if figures.finished_on:
            parts.append(f"the last on {figures.finished_on}")
        self._rows.update(plan_step=", ".join(parts))


def _write_earlier_plan(path: Path, spec: RolloutSpec, district: District, public: str) -> Path | None:
    """Write the visits as a plan to keep; None if there are none. A visit that found the door closed is not kept."""
    rooms = {room.id for room in spec.rooms}
    people = {person.id for person in spec.team}
    rows = RolloutVisit.objects.of(district).filter(rollout__public=public, room__in=rooms).exclude(outcome=NO_ENTRY)
    visits = [_build_visit(row, spec) for row in rows if row.outcome or set(row.people) <= people]
    if not visits:
        return None
    path.write_bytes(msgspec.json.encode({"format": FORMAT, "visits": visits}))
    return path


def _build_visit(row: RolloutVisit, spec: RolloutSpec) -> dict[str, Any]:
    return {
        "room": row.room,
        "people": row.people,
        "starts": build_moment(row.day, row.starts, spec).isoformat(),
        "ends": build_moment(row.day, row.ends, spec).isoformat(),
        "class_minutes": row.class_minutes,
        "locked": row.locked or bool(row.outcome) or row.began_at is not None,
    }
