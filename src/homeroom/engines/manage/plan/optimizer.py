"""The exact optimizer for jobs that share the same hours: a dynamic program over minutes, plus one long job.

Jobs are selected level by level: by their urgency down to the immediate dangers, then those that the plan has already,
then all others (`JobLevel`). Each level gets the selection that removes most of its risk in the minutes that the levels
above it leave, and of equal ones the shortest; so no cheap job takes the place of a critical one that fits.

A job is long where it does not fit beside the share that is reserved for a long job, and remains long until it is done.
Only one long job is worked on at a time: with diminishing risk the last subjects of a job count most, so that half of
two jobs removes less risk than one complete job. It is one of the highest level that has any; its share of the hours is
reserved for it before the levels below its own. Among the jobs that belong to no level the share goes before risk.

Risk removed by n of N subjects: risk(N) - risk(N - n), so that the weeks of a long job add up to its risk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

from homeroom.domain.manage.planning import PlanJob
from homeroom.domain.protect.risk import RiskTable, compute_risk
from homeroom.domain.protect.urgency import UrgencyLevel, classify_urgency
from homeroom.engines.manage.plan.knapsack import KnapsackEntry, KnapsackSolution, solve_knapsack

IntArray = npt.NDArray[np.int64]
RISK_UNITS = 10**8
"""Risk is counted in integer units, about this many for all jobs together: sums are exact on every machine."""


class JobLevel(IntEnum):
    """The level at which a job is selected: its urgency, and then whether this week's plan has it already."""

    PINNED = UrgencyLevel.PINNED
    CRITICAL_DANGER = UrgencyLevel.CRITICAL_DANGER
    CRITICAL = UrgencyLevel.CRITICAL
    DANGER = UrgencyLevel.DANGER
    IN_PLAN = UrgencyLevel.BY_RISK
    OTHER = UrgencyLevel.BY_RISK + 1


@dataclass(frozen=True, kw_only=True)
class MinuteBudget:
    """The minutes that the jobs share, and those among them outside class (None: unknown).

    `week` are the minutes of the full week, including spent ones: they decide which job is long, and the share that is
    reserved for a long job.
    """

    minutes: int
    week: int
    quiet: int | None
    long_share: float

    @property
    def long_job_minutes(self) -> int:
        """Return the minutes reserved for a long job."""
        return ceil(self.week * self.long_share)


@dataclass(frozen=True, kw_only=True)
class JobSelection:
    """The jobs that are done completely, and the long one with its minutes and subjects.

    `complete` unless time ran out.
    """

    full_jobs: tuple[PlanJob, ...] = ()
    long_job: PlanJob | None = None
    long_minutes: int = 0
    long_subjects: int = 0
    complete: bool = True


def is_long(job: PlanJob, budget: MinuteBudget) -> bool:
    """Check whether a job does not fit beside the share reserved for a long job, or is a long one in progress.

    A job of a level above the others that fits the week is not long.
    """
    available = budget.week if not job.quiet or budget.quiet is None else min(budget.week, budget.quiet)
    if has_precedence(job):
        return job.minutes > available
    return job.begun or job.minutes > min(available, budget.week - budget.long_job_minutes)


def classify_job(job: PlanJob) -> JobLevel:
    """Return the level of a job whose `due_on` is set only if it is due in this week."""
    urgency = classify_urgency(
        severity=job.severity, danger=job.danger, is_due=job.due_on is not None, is_pinned=job.pinned
    )
    if urgency == UrgencyLevel.BY_RISK:
        return JobLevel.IN_PLAN if job.kept else JobLevel.OTHER
    return JobLevel(urgency)


def has_precedence(job: PlanJob) -> bool:
    """Check whether the job goes before others whatever these remove: it is urgent, or is in the plan already."""
    return classify_job(job) != JobLevel.OTHER


def select_jobs(
    jobs: Sequence[PlanJob], *, budget: MinuteBudget, table: RiskTable, is_late: Callable[[], bool] = lambda: False
) -> JobSelection:
    """Return the best selection; of equal ones always the same.

    `due_on` must be set only in jobs that are due in this week. Time and memory grow with jobs times minutes; when
    `is_late` becomes true the remaining jobs, those of least risk per minute, are dropped.
    """
    scale = RISK_UNITS / max(1.0, sum(_compute_risk(table, job, job.subjects) for job in jobs))
    short_jobs = [job for job in jobs if not is_long(job, budget)]
    long_jobs = _select_long_candidates(
        [job for job in jobs if is_long(job, budget) and _get_max_long_minutes(job, budget) > 0]
    )
    job_value = _JobValue(
        table=table, scale=scale, fixed_ids=_fix_urgent_jobs(short_jobs, long_jobs, budget, table, scale, is_late)
    )
    jobs_by_id = {job.id: job for job in short_jobs}
    jobs_by_setup = _group_by_setup(short_jobs)
    base = _solve(short_jobs, budget, job_value, is_late)
    best, selection = (
        base.get_best_value(budget.minutes),
        JobSelection(full_jobs=tuple(base.list_selected(budget.minutes)), complete=base.complete),
    )
    for job in long_jobs:
        if is_late():
            return replace(selection, complete=False)
        for knapsack, minimum in _iterate_knapsacks(
            job,
            short_jobs,
            jobs_by_setup,
            budget,
            job_value,
            is_late,
            base,
            lambda value: value > best,  # noqa: B023
        ):
            value, minutes = _find_best_split(job, knapsack, minimum, budget, job_value)
            if value > best:
                best = value
                selection = JobSelection(
                    full_jobs=tuple(
                        jobs_by_id[job_entry.id] for job_entry in knapsack.list_selected(budget.minutes - minutes)
                    ),
                    long_job=job,
                    long_minutes=minutes,
                    long_subjects=int(_count_subjects(job, np.array([minutes]))[0]),
                    complete=knapsack.complete,
                )
    return selection


def compute_upper_bound(jobs: Sequence[PlanJob], *, minutes: int, table: RiskTable) -> float:
    """Return an upper bound of the risk that any plan of so many minutes removes.

    Jobs by risk per minute, without set-up, the last one in part.
    """
    rows = [(_compute_risk(table, job, job.subjects), job.compute_minutes(job.subjects)) for job in jobs]
    total, remaining = 0.0, minutes
    for weight, cost in sorted(rows, key=lambda row: -row[0] / row[1]):
        total += weight * min(1.0, remaining / cost)
        remaining -= min(remaining, cost)
    return total


def _fix_urgent_jobs(
    short_jobs: Sequence[PlanJob],
    long_jobs: Sequence[PlanJob],
    budget: MinuteBudget,
    table: RiskTable,
    scale: float,
    is_late: Callable[[], bool],
) -> frozenset[str]:
    """Return the ids of the jobs of the levels above the others that are in the plan, level by level."""
    long_level = min((classify_job(job) for job in long_jobs), default=JobLevel.OTHER)
    job_value, used_minutes = _JobValue(table=table, scale=scale), 0
    for level in (level for level in JobLevel if level != JobLevel.OTHER):
        entries = [job for job in short_jobs if job.id in job_value.fixed_ids or classify_job(job) == level]
        if len(entries) == len(job_value.fixed_ids):
            continue
        level_budget = budget
        if long_level < level:
            fixed_jobs = [job for job in entries if job.id in job_value.fixed_ids]
            level_budget = _reserve_long_share(budget, long_jobs, fixed_jobs=fixed_jobs, used_minutes=used_minutes)
        minutes = level_budget.minutes
        knapsack = _solve(entries, level_budget, job_value, is_late)
        used_minutes = knapsack.find_fewest_minutes(minutes)
        job_value = replace(job_value, fixed_ids=frozenset(job.id for job in knapsack.list_selected(used_minutes)))
    return job_value.fixed_ids


def _reserve_long_share(
    budget: MinuteBudget, long_jobs: Sequence[PlanJob], *, fixed_jobs: Sequence[PlanJob], used_minutes: int
) -> MinuteBudget:
    """Return what a long job's share leaves, of the quiet minutes as well if each candidate needs those.

    Never less than the fixed jobs use.
    """
    reserved = min(budget.long_job_minutes, max(_get_max_long_minutes(job, budget) for job in long_jobs))
    quiet = budget.quiet
    if quiet is not None and all(job.quiet for job in long_jobs):
        quiet = max(quiet - reserved, _count_minutes([job for job in fixed_jobs if job.quiet]))
    return replace(budget, minutes=max(budget.minutes - reserved, used_minutes), quiet=quiet)


def _count_minutes(jobs: Sequence[PlanJob]) -> int:
    """Return the minutes of jobs that are done together: of each set-up the largest, once."""
    setup_minutes: dict[tuple[Any, ...], int] = {}
    for job in jobs:
        setup_minutes[_get_setup_key(job)] = max(setup_minutes.get(_get_setup_key(job), 0), job.setup_minutes)
    return sum(setup_minutes.values()) + sum(job.compute_minutes(job.subjects) for job in jobs)


@dataclass(frozen=True, kw_only=True)
class _JobValue:
    """Risk in integer units; `long_share_bonus` and `fixed_factor` outweigh all risk, in that order.

    `fixed_ids` are jobs that fit together and are in the plan in any case.
    """

    table: RiskTable
    scale: float
    fixed_ids: frozenset[str] = frozenset()

    long_share_bonus = 2 * RISK_UNITS
    fixed_factor = 4 * RISK_UNITS

    def compute_job_value(self, job: PlanJob) -> int:
        """Return the value of the complete job."""
        plain = max(1, round(self.scale * _compute_risk(self.table, job, job.subjects)))
        return plain * (self.fixed_factor + 1) if job.id in self.fixed_ids else plain

    def compute_subjects_value(self, job: PlanJob, subjects: IntArray) -> IntArray:
        """Return the value of so many subjects of the job."""
        unit_risk, power = _compute_risk(self.table, job, 1), self.table.diminishing
        removed = float(job.subjects) ** power - (job.subjects - subjects.astype(float)) ** power
        units: IntArray = np.rint(self.scale * unit_risk * removed).astype(np.int64)
        return units


def _compute_risk(table: RiskTable, job: PlanJob, subjects: int) -> float:
    return compute_risk(table, severity=job.severity, area=job.area, subjects=subjects)


def _select_long_candidates(long_jobs: list[PlanJob]) -> list[PlanJob]:
    """Return the long jobs to choose among, by id.

    Those of the highest level; among the others those in progress, else all.
    """
    level = min((classify_job(job) for job in long_jobs), default=JobLevel.OTHER)
    candidates = [job for job in long_jobs if classify_job(job) == level]
    if level == JobLevel.OTHER:
        candidates = [job for job in candidates if job.begun] or candidates
    return sorted(candidates, key=lambda job: job.id)


def _get_max_long_minutes(job: PlanJob, budget: MinuteBudget) -> int:
    """Return the most minutes that the long job may take.

    At most its share, where it needs quiet time.
    """
    if job.quiet and budget.quiet is not None:
        return min(budget.long_job_minutes, budget.quiet, budget.minutes, job.minutes)
    return min(budget.minutes, job.minutes)


def _iterate_knapsacks(
    job: PlanJob,
    short_jobs: list[PlanJob],
    jobs_by_setup: Mapping[tuple[Any, ...], list[PlanJob]],
    budget: MinuteBudget,
    job_value: _JobValue,
    is_late: Callable[[], bool],
    knapsack: KnapsackSolution[PlanJob],
    is_better: Callable[[int], bool],
) -> Iterator[tuple[KnapsackSolution[PlanJob], int]]:
    """Yield knapsacks beside the long job, each with the long job's minutes from which it applies.

    The long job's set-up may serve other jobs too. That is computed only where it can be better (`is_better`): it saves
    at most the set-up's minutes, of the quiet ones as well, and those are no more than the long job's share. So the
    best value without the long job is an upper bound.
    """
    reserved = _get_max_long_minutes(job, budget) if job.quiet and budget.quiet is not None else 0
    narrower = replace(budget, quiet=budget.quiet - reserved) if budget.quiet is not None and reserved else budget
    without_setup = knapsack if narrower is budget else _solve(short_jobs, narrower, job_value, is_late)
    yield without_setup, 0
    setup = job.setup_minutes
    jobs_of_setup = jobs_by_setup.get(_get_setup_key(job), ())
    if (
        jobs_of_setup
        and 0 < setup <= _get_max_long_minutes(job, budget)
        and is_better(_find_best_split(job, knapsack, setup, budget, job_value, saved=setup)[0])
    ):
        cheaper_jobs = {
            job_entry.id: replace(job_entry, once=max(0, job_entry.setup_minutes - setup))
            for job_entry in jobs_of_setup
        }
        yield (
            _solve(
                [cheaper_jobs.get(job_entry.id, job_entry) for job_entry in short_jobs], narrower, job_value, is_late
            ),
            setup,
        )


def _find_best_split(
    job: PlanJob,
    knapsack: KnapsackSolution[PlanJob],
    minimum: int,
    budget: MinuteBudget,
    job_value: _JobValue,
    *,
    saved: int = 0,
) -> tuple[int, int]:
    """Return (value, minutes of the long job) of the best split; of equal ones the one that leaves no minute idle.

    `saved` minutes, at most `minimum`, are given to the jobs beside the long job.
    """
    minutes = np.arange(minimum, _get_max_long_minutes(job, budget) + 1)
    bonus = job_value.long_share_bonus * (minutes >= min(budget.long_job_minutes, _get_max_long_minutes(job, budget)))
    knapsack_values = knapsack.get_best_values(budget.minutes)[budget.minutes - minutes + saved]
    totals = knapsack_values + job_value.compute_subjects_value(job, _count_subjects(job, minutes)) + bonus
    position = len(totals) - 1 - int(np.argmax(totals[::-1]))
    return int(totals[position]), int(minutes[position])


def _count_subjects(job: PlanJob, minutes: IntArray) -> IntArray:
    """Return how many subjects are done in so many minutes of the job, set-up first."""
    for_subjects = np.maximum(minutes - job.setup_minutes, 0)
    is_complete = for_subjects >= job.compute_minutes(job.subjects)
    partial = np.minimum(np.floor(for_subjects / job.each + 1e-9), job.subjects) if job.each else np.zeros(len(minutes))
    return np.where(is_complete, job.subjects, partial).astype(np.int64)


def _get_setup_key(job: PlanJob) -> tuple[Any, ...]:
    return (not job.quiet, job.setup)


def _group_by_setup(jobs: list[PlanJob]) -> dict[tuple[Any, ...], list[PlanJob]]:
    """Group the jobs that have a set-up by that set-up."""
    groups: dict[tuple[Any, ...], list[PlanJob]] = {}
    for job in jobs:
        if job.once:
            groups.setdefault(_get_setup_key(job), []).append(job)
    return groups


def _solve(
    jobs: list[PlanJob], budget: MinuteBudget, job_value: _JobValue, is_late: Callable[[], bool]
) -> KnapsackSolution[PlanJob]:
    entries = [
        KnapsackEntry(
            payload=job,
            setup=_get_setup_key(job),
            setup_minutes=job.setup_minutes,
            minutes=job.compute_minutes(job.subjects),
            value=job_value.compute_job_value(job),
            quiet=job.quiet and budget.quiet is not None,
            key=job.id,
        )
        for job in jobs
    ]
    return solve_knapsack(
        entries, capacity=budget.minutes, quiet_capacity=min(budget.minutes, budget.quiet or 0), is_late=is_late
    )
