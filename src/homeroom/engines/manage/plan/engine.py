"""The planner of one week: selects jobs role by role, then assigns people and times, and lists what waits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from time import perf_counter

from homeroom.domain.manage.planning import PlanJob
from homeroom.domain.protect.risk import RiskTable, compute_risk
from homeroom.domain.protect.urgency import UrgencyLevel
from homeroom.engines.manage.plan.assignment import assign_people, schedule_quiet_times
from homeroom.engines.manage.plan.optimizer import JobSelection, MinuteBudget, compute_upper_bound, is_long, select_jobs
from homeroom.engines.manage.plan.plan import (
    LeftOutJob,
    PlanItem,
    PlanResult,
    TeamCapacity,
    WaitReason,
    build_job_key,
    sort_items,
)

TIME_LIMIT_SECONDS = 1.5


def plan_week(
    jobs: Iterable[PlanJob],
    *,
    capacity: TeamCapacity,
    week: date,
    table: RiskTable,
    seconds: float = TIME_LIMIT_SECONDS,
) -> PlanResult:
    """Return the best plan of the week that begins on the Monday `week`; with equal input the same plan.

    Jobs are dropped only where the selection takes longer than `seconds`; `gap` then states how far the best plan may
    be.
    """
    started_at = perf_counter()
    all_jobs = sorted((job for job in jobs if job.subjects > 0), key=lambda job: job.id)
    ends = week + timedelta(days=6)
    schedulable = [_drop_later_deadline(job, ends) for job in all_jobs if not _is_deferred(job, ends)]
    items: list[PlanItem] = []
    bound = 0.0
    for role in sorted({capacity.get_role(job) for job in schedulable}):
        role_jobs = [job for job in schedulable if capacity.get_role(job) == role]
        selection = select_jobs(
            role_jobs,
            budget=_build_budget(capacity, role),
            table=table,
            is_late=lambda: perf_counter() - started_at > seconds,
        )
        role_items = _build_items(selection, table)
        risk_removed = sum(item.risk for item in role_items)
        bound += (
            risk_removed
            if selection.complete
            else compute_upper_bound(role_jobs, minutes=capacity.get_minutes(role), table=table)
        )
        items += assign_people(sort_items(role_items, table=table), capacity.get_seats(role))
    ordered = schedule_quiet_times(sort_items(items, table=table), capacity)
    before = sum(_compute_risk(table, job, job.subjects) for job in all_jobs)
    return PlanResult(
        items=_restore_deadlines(ordered, all_jobs),
        left_out=_list_left_out(all_jobs, ordered, capacity, ends, table),
        minutes=sum(item.minutes for item in ordered),
        hours=capacity.minutes / 60,
        risk_before=before,
        risk_after=before - sum(item.risk for item in ordered),
        bound=bound,
        seconds=perf_counter() - started_at,
    )


def _build_budget(capacity: TeamCapacity, role: str) -> MinuteBudget:
    return MinuteBudget(
        minutes=capacity.get_minutes(role),
        week=capacity.get_week_minutes(role),
        quiet=capacity.get_quiet_minutes(role),
        long_share=capacity.long_share,
    )


def _drop_later_deadline(job: PlanJob, ends: date) -> PlanJob:
    """Return the job without its deadline if that falls after the week."""
    return job if job.due_on is None or job.due_on <= ends else replace(job, due_on=None)


def _is_deferred(job: PlanJob, ends: date) -> bool:
    return job.deferred_until is not None and job.deferred_until > ends


def _compute_risk(table: RiskTable, job: PlanJob, subjects: int) -> float:
    return compute_risk(table, severity=job.severity, area=job.area, subjects=subjects)


def _build_items(selection: JobSelection, table: RiskTable) -> list[PlanItem]:
    """Return the selected jobs with their minutes.

    A set-up is paid by the most urgent job among those that share it.
    """
    items = [_build_item(job, job.subjects, table) for job in selection.full_jobs]
    paid_setups = {}
    if long := selection.long_job:
        setup = min(long.setup_minutes, selection.long_minutes)
        paid_setups[_get_setup_key(long)] = setup if setup == long.setup_minutes else 0
        items.append(
            replace(
                _build_item(long, selection.long_subjects, table), minutes=selection.long_minutes, setup_minutes=setup
            )
        )
    for key in sorted({_get_setup_key(job) for job in selection.full_jobs}):
        sharing = [
            item
            for item in sort_items(items, table=table)
            if _get_setup_key(item.job) == key and item.job is not selection.long_job
        ]
        setup_minutes = max(item.job.setup_minutes for item in sharing) - paid_setups.get(key, 0)
        if setup_minutes > 0:
            first = sharing[0]
            items[items.index(first)] = replace(
                first, minutes=first.minutes + setup_minutes, setup_minutes=setup_minutes
            )
    return items


def _build_item(job: PlanJob, subjects: int, table: RiskTable) -> PlanItem:
    risk_removed = _compute_risk(table, job, job.subjects) - _compute_risk(table, job, job.subjects - subjects)
    return PlanItem(
        job=job,
        subjects=subjects,
        minutes=job.compute_minutes(subjects),
        setup_minutes=0,
        risk=risk_removed,
        urgency=UrgencyLevel(build_job_key(job, table=table)[0]),
    )


def _get_setup_key(job: PlanJob) -> tuple[bool, str]:
    return (job.quiet, job.setup)


def _restore_deadlines(items: Sequence[PlanItem], all_jobs: Sequence[PlanJob]) -> tuple[PlanItem, ...]:
    """Restore the jobs' original deadlines, later ones included."""
    jobs_by_id = {job.id: job for job in all_jobs}
    return tuple(replace(item, job=jobs_by_id[item.job.id]) for item in items)


def _list_left_out(
    all_jobs: Sequence[PlanJob], items: Sequence[PlanItem], capacity: TeamCapacity, ends: date, table: RiskTable
) -> tuple[LeftOutJob, ...]:
    """Return the jobs that are not in the plan, most urgent first.

    The rest of a long job is part of its item.
    """
    planned_ids = {item.job.id for item in items}
    budgets = {role: _build_budget(capacity, role) for role in sorted({capacity.get_role(job) for job in all_jobs})}
    has_long_job = {
        role: any(
            is_long(_drop_later_deadline(entry.job, ends), budget)
            for entry in items
            if capacity.get_role(entry.job) == role
        )
        for role, budget in budgets.items()
    }
    left_out = [
        LeftOutJob(
            job=job,
            reason=_explain_wait(
                job, budgets[capacity.get_role(job)], ends, has_long_job=has_long_job[capacity.get_role(job)]
            ),
            risk=_compute_risk(table, job, job.subjects),
            misses=job.due_on is not None and job.due_on <= ends,
            urgency=UrgencyLevel(build_job_key(_drop_later_deadline(job, ends), table=table)[0]),
        )
        for job in all_jobs
        if job.id not in planned_ids
    ]
    return tuple(
        sorted(
            left_out,
            key=lambda entry: (build_job_key(_drop_later_deadline(entry.job, ends), table=table), entry.job.id),
        )
    )


def _explain_wait(job: PlanJob, budget: MinuteBudget, ends: date, *, has_long_job: bool) -> WaitReason:
    """Return the reason why a job waits; `has_long_job` means that another long job of its role is in progress."""
    if _is_deferred(job, ends):
        return WaitReason.DEFERRED
    if not budget.week:
        return WaitReason.NOBODY
    if not budget.minutes:
        return WaitReason.NO_ROOM
    if job.quiet and budget.quiet is not None and budget.quiet < min(job.minutes, budget.long_job_minutes):
        return WaitReason.NO_QUIET_TIME
    return (
        WaitReason.LONG_ONE_FIRST
        if has_long_job and is_long(_drop_later_deadline(job, ends), budget)
        else WaitReason.NO_ROOM
    )
