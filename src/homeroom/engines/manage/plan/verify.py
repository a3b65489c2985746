"""Verification of a finished plan against its rules, with no code in common with the optimizer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from math import ceil

from homeroom.domain.manage.planning import PlanJob
from homeroom.domain.protect.risk import RiskTable
from homeroom.engines.manage.plan.plan import PlanItem, PlanResult, TeamCapacity


def find_violations(
    plan: PlanResult, *, jobs: Iterable[PlanJob], capacity: TeamCapacity, week: date, table: RiskTable
) -> list[str]:
    """Return the violations of a plan, one sentence each; empty for a plan that keeps every rule."""
    open_jobs = [job for job in jobs if job.subjects > 0]
    return [
        *_check_jobs(plan, open_jobs, capacity),
        *_check_hours(plan, capacity),
        *_check_setups(plan, capacity),
        *_check_risk(plan, open_jobs, table),
        *_check_precedence(plan, capacity, week),
    ]


def _check_jobs(plan: PlanResult, open_jobs: list[PlanJob], capacity: TeamCapacity) -> Iterator[str]:
    planned_ids = sorted([item.job.id for item in plan.items] + [left_out.job.id for left_out in plan.left_out])
    if planned_ids != sorted(job.id for job in open_jobs):
        yield "not every job is either an item or left out, once"
    for item in plan.items:
        if not 0 <= item.subjects <= item.job.subjects:
            yield f"{item.job.id}: {item.subjects} of {item.job.subjects} subjects"
        needed_minutes = item.job.each * item.subjects + item.setup_minutes
        if item.minutes + 1e-6 < needed_minutes:
            yield f"{item.job.id}: {item.minutes} minutes cannot hold {needed_minutes}"
    if sum(not item.whole for item in plan.items) > len({capacity.get_role(item.job) for item in plan.items}):
        yield "more than one long job of a role is worked on"


def _check_hours(plan: PlanResult, capacity: TeamCapacity) -> Iterator[str]:
    used: dict[str, int] = {}
    quiet: dict[str, int] = {}
    for item in plan.items:
        role = capacity.get_role(item.job)
        used[role] = used.get(role, 0) + item.minutes
        quiet[role] = quiet.get(role, 0) + (item.minutes if item.job.quiet else 0)
        if sum(minutes for _, minutes in item.shares) != item.minutes:
            yield f"{item.job.id}: the people's minutes are not its minutes"
    for role, minutes in used.items():
        if minutes > sum(seat.minutes for seat in capacity.seats if seat.role == role):
            yield f"{role or 'everybody'}: {minutes} minutes are more than there are"
        if capacity.windows is not None and quiet[role] > (capacity.get_quiet_minutes(role) or 0):
            yield f"{role or 'everybody'}: {quiet[role]} quiet minutes are more than there are"


def _check_setups(plan: PlanResult, capacity: TeamCapacity) -> Iterator[str]:
    groups: dict[tuple[str, bool, str], list[PlanItem]] = {}
    for item in plan.items:
        groups.setdefault((capacity.get_role(item.job), item.job.quiet, item.job.setup), []).append(item)
    for (_, _, setup), items in groups.items():
        started = [item for item in items if item.subjects]
        owed = max((item.job.once for item in started), default=0.0)
        paid = sum(item.setup_minutes for item in items)
        if started and paid + 1e-6 < owed:
            yield f"set-up {setup}: {paid} of {owed} minutes are paid"


def _check_risk(plan: PlanResult, open_jobs: list[PlanJob], table: RiskTable) -> Iterator[str]:
    def compute_risk(job: PlanJob, subjects: int) -> float:
        exposure = table.exposure.get(job.area, table.exposure_otherwise)
        return float(table.severity[job.severity] * exposure * float(subjects) ** table.diminishing)

    planned_subjects = {item.job.id: item.subjects for item in plan.items}
    before = sum(compute_risk(job, job.subjects) for job in open_jobs)
    after = sum(compute_risk(job, job.subjects - planned_subjects.get(job.id, 0)) for job in open_jobs)
    if abs(before - plan.risk_before) > 1e-6 * max(1, before) or abs(after - plan.risk_after) > 1e-6 * max(1, before):
        yield f"risk {before} falls to {after}; the plan says {plan.risk_before} and {plan.risk_after}"
    if plan.risk_removed > plan.bound + 1e-6 * max(1, before):
        yield "the plan takes away more than its own bound"


def _check_precedence(plan: PlanResult, capacity: TeamCapacity, week: date) -> Iterator[str]:
    """Check that each urgent job is in the plan where it fits beside those that are at least as urgent.

    Quiet jobs are left to the optimizer's own test. Unfinished jobs of a higher level may keep a long job's share.
    """
    ends = week + timedelta(days=6)
    for left_out in plan.left_out:
        job, role = left_out.job, capacity.get_role(left_out.job)
        is_deferred = job.deferred_until is not None and job.deferred_until > ends
        level = _rank_precedence(job, ends)
        if level == _BY_RISK or is_deferred or (job.quiet and capacity.windows is not None):
            continue
        items = [item for item in plan.items if capacity.get_role(item.job) == role]
        first = [item.job for item in items if item.whole and _rank_precedence(item.job, ends) <= level]
        before = [other for other in _list_unfinished(plan, capacity, role) if _rank_precedence(other, ends) < level]
        reserved = ceil(capacity.get_week_minutes(role) * capacity.long_share) if before else 0
        partial_minutes = max((item.minutes for item in items if item.job in before), default=0)
        if _sum_minutes([*first, job]) + max(reserved, partial_minutes) <= capacity.get_minutes(role):
            yield f"{job.id} goes before what is planned, would fit, and is left out"


def _list_unfinished(plan: PlanResult, capacity: TeamCapacity, role: str) -> list[PlanJob]:
    """Return the jobs of a role that are not finished in the week."""
    jobs = [item.job for item in plan.items if not item.whole] + [left_out.job for left_out in plan.left_out]
    return [job for job in jobs if capacity.get_role(job) == role]


_BY_RISK = 4


def _rank_precedence(job: PlanJob, ends: date) -> int:
    """Return 0: pinned, 1: critical danger, 2: critical or due, 3: any other danger, 4: none of these."""
    if job.pinned:
        return 0
    if job.severity == "critical":
        return 1 if job.danger else 2
    if (job.due_on or date.max) <= ends:
        return 2
    return 3 if job.danger else _BY_RISK


def _sum_minutes(jobs: list[PlanJob]) -> int:
    """Return the minutes of these jobs if nothing else is done, each set-up paid once."""
    setup_minutes: dict[tuple[bool, str], int] = {}
    for job in jobs:
        setup_minutes[job.quiet, job.setup] = max(setup_minutes.get((job.quiet, job.setup), 0), job.setup_minutes)
    return sum(setup_minutes.values()) + sum(job.compute_minutes(job.subjects) for job in jobs)
