"""The exact optimizer for jobs that share the same hours: a dynamic program over minutes, plus one long job.

The best selection is, in this order: 1. the risk of jobs that are due or in the plan already; 2. that a long job keeps
its share of the hours; 3. the risk removed. A job is long where it does not fit beside the share that is reserved for a
long job, and remains long until it is done. Only one long job is worked on at a time: with diminishing risk the last
subjects of a job count most, so that half of two jobs removes less risk than one complete job.

Risk removed by n of N subjects: risk(N) - risk(N - n), so that the weeks of a long job add up to its risk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

from homeroom.domain.planning import PlanJob
from homeroom.domain.risk import RiskTable, compute_risk
from homeroom.engines.plan.knapsack import KnapsackEntry, KnapsackSolution, solve_knapsack

IntArray = npt.NDArray[np.int64]
RISK_UNITS = 10**8
"""Risk is counted in integer units, about this many for all jobs together: sums are exact on every machine."""


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

    A due job that fits the week is not long.
    """
    available = budget.week if not job.quiet or budget.quiet is None else min(budget.week, budget.quiet)
    if is_mandatory(job):
        return job.minutes > available
    return job.begun or job.minutes > min(available, budget.week - budget.long_job_minutes)


def is_mandatory(job: PlanJob) -> bool:
    """Check whether the job must be in the plan if it fits: it is due, or is in the plan already."""
    return job.kept or job.due_on is not None


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
    job_value = _JobValue(table=table, scale=scale)
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


@dataclass(frozen=True, kw_only=True)
class _JobValue:
    """Risk in integer units; `long_share_bonus` and `mandatory_factor` outweigh all risk, in that order."""

    table: RiskTable
    scale: float

    long_share_bonus = 2 * RISK_UNITS
    mandatory_factor = 4 * RISK_UNITS

    def compute_job_value(self, job: PlanJob) -> int:
        """Return the value of the complete job."""
        plain = max(1, round(self.scale * _compute_risk(self.table, job, job.subjects)))
        return plain * (self.mandatory_factor + 1) if is_mandatory(job) else plain

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

    Those that are due or planned, else those in progress, else all.
    """
    for is_kind in (lambda job: is_mandatory(job), lambda job: job.begun, lambda _: True):
        if candidates := [job for job in long_jobs if is_kind(job)]:
            return sorted(candidates, key=lambda job: job.id)
    return []


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
