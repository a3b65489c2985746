"""Checks a finished plan against its rules, by arithmetic of its own: shares no code with what chose it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from homeroom.domain.risk import RiskTable
from homeroom.domain.work import Job
from homeroom.engines.plan.plan import Capacity, Item, Plan


def violations(plan: Plan, *, jobs: Iterable[Job], capacity: Capacity, week: date, table: RiskTable) -> list[str]:
    """What is wrong with the plan, a sentence each; empty for a plan that keeps every rule."""
    given = [job for job in jobs if job.subjects > 0]
    return [
        *_sets(plan, given, capacity),
        *_hours(plan, capacity),
        *_setups(plan, capacity),
        *_sums(plan, given, table),
        *_deadlines(plan, capacity, week),
    ]


def _sets(plan: Plan, given: list[Job], capacity: Capacity) -> Iterator[str]:
    told = sorted([item.job.id for item in plan.items] + [one.job.id for one in plan.left_out])
    if told != sorted(job.id for job in given):
        yield "not every job is either an item or left out, once"
    for item in plan.items:
        if not 0 <= item.subjects <= item.job.subjects:
            yield f"{item.job.id}: {item.subjects} of {item.job.subjects} subjects"
        least = item.job.each * item.subjects + item.setup_minutes
        if item.minutes + 1e-6 < least:
            yield f"{item.job.id}: {item.minutes} minutes cannot hold {least}"
    if sum(not item.whole for item in plan.items) > len({capacity.pool_of(item.job) for item in plan.items}):
        yield "more than one long job of a role is worked on"


def _hours(plan: Plan, capacity: Capacity) -> Iterator[str]:
    used: dict[str, int] = {}
    quiet: dict[str, int] = {}
    for item in plan.items:
        role = capacity.pool_of(item.job)
        used[role] = used.get(role, 0) + item.minutes
        quiet[role] = quiet.get(role, 0) + (item.minutes if item.job.quiet else 0)
        if sum(minutes for _, minutes in item.shares) != item.minutes:
            yield f"{item.job.id}: the people's minutes are not its minutes"
    for role, minutes in used.items():
        if minutes > sum(seat.minutes for seat in capacity.seats if seat.role == role):
            yield f"{role or 'everybody'}: {minutes} minutes are more than there are"
        if capacity.windows is not None and quiet[role] > (capacity.quiet(role) or 0):
            yield f"{role or 'everybody'}: {quiet[role]} quiet minutes are more than there are"


def _setups(plan: Plan, capacity: Capacity) -> Iterator[str]:
    groups: dict[tuple[str, bool, str], list[Item]] = {}
    for item in plan.items:
        groups.setdefault((capacity.pool_of(item.job), item.job.quiet, item.job.setup), []).append(item)
    for (_, _, setup), items in groups.items():
        begun = [item for item in items if item.subjects]
        owed = max((item.job.once for item in begun), default=0.0)
        paid = sum(item.setup_minutes for item in items)
        if begun and paid + 1e-6 < owed:
            yield f"set-up {setup}: {paid} of {owed} minutes are paid"


def _sums(plan: Plan, given: list[Job], table: RiskTable) -> Iterator[str]:
    def weight(job: Job, subjects: int) -> float:
        exposure = table.exposure.get(job.area, table.exposure_otherwise)
        return float(table.severity[job.severity] * exposure * float(subjects) ** table.diminishing)

    done = {item.job.id: item.subjects for item in plan.items}
    before = sum(weight(job, job.subjects) for job in given)
    after = sum(weight(job, job.subjects - done.get(job.id, 0)) for job in given)
    if abs(before - plan.risk_before) > 1e-6 * max(1, before) or abs(after - plan.risk_after) > 1e-6 * max(1, before):
        yield f"risk {before} falls to {after}; the plan says {plan.risk_before} and {plan.risk_after}"
    if plan.taken > plan.bound + 1e-6 * max(1, before):
        yield "the plan takes away more than its own bound"


def _deadlines(plan: Plan, capacity: Capacity, week: date) -> Iterator[str]:
    """A job that is due must be in where it fits beside all that is in because it is due or was planned."""
    ends = week + timedelta(days=6)
    for one in plan.left_out:
        job, role = one.job, capacity.pool_of(one.job)
        waits = job.deferred_until is not None and job.deferred_until > ends
        if job.due_on is None or job.due_on > ends or waits or (job.quiet and capacity.windows is not None):
            continue
        bound = [
            item.job
            for item in plan.items
            if capacity.pool_of(item.job) == role and (item.job.kept or (item.job.due_on or date.max) <= ends)
        ]
        if _alone([*bound, job]) <= capacity.of(role):
            yield f"{job.id} is due on {job.due_on}, would fit, and is left out"


def _alone(jobs: list[Job]) -> int:
    """The minutes of these jobs if nothing else is done, each set-up paid once."""
    once: dict[tuple[bool, str], int] = {}
    for job in jobs:
        once[job.quiet, job.setup] = max(once.get((job.quiet, job.setup), 0), job.setup_minutes)
    return sum(once.values()) + sum(job.minutes_for(job.subjects) for job in jobs)
