"""A team's plan against "highest severity first" at equal hours, and the time for 2,000 jobs.

Each generated district has the shipped controls with its own numbers of open subjects. Highest severity first works
down the list, most severe and then most subjects first, each job as far as the hours go. A second peer skips a job that
does not fit completely: better in one week, and it never begins a long job. All pay a setup once, have 18 hours a week
and no calendar, and are weighed by content/risk.yaml. `week` is one week; `choice` the same without the share reserved
for long jobs, which is what the choice alone is worth; `quarter` is twelve weeks, one after the other, with nothing new
opening. Immediate dangers are planned as any other work of their severity here, since they go first by rule whatever
risk they remove; `dangers_first` is what a week with that rule removes of a week without it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from statistics import median

from bench.support.goals import Goal, require_exactly
from homeroom.domain.manage.planning import PersonCapacity, PlanJob
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.risk import compute_risk
from homeroom.engines.manage.plan.engine import plan_week
from homeroom.engines.manage.plan.plan import PlanResult, TeamCapacity
from homeroom.engines.manage.plan.verify import find_violations
from homeroom.library.manage.planning import load_planning_rules
from homeroom.library.protect.controls import load_controls
from homeroom.library.protect.risk import load_risk_table

DISTRICTS, JOB_COUNT, HOURS, WEEKS = 12, 2_000, 18, 12
DIGITS = 9
"""Sums of the same risks in another order differ in the last digits."""
WEEK = date(2026, 1, 12)
GOALS = {
    "districts": Goal(at_least=5),
    "week_ratio_median": Goal(at_least=1.2),
    "week_ratio_worst": Goal(at_least=1.0),
    "choice_over_passing_worst": Goal(at_least=1.0),
    "quarter_ratio_median": Goal(at_least=1.2),
    "quarter_over_passing_worst": Goal(at_least=1.0),
    "jobs": require_exactly(JOB_COUNT),
    "seconds_many": Goal(at_most=2.0),
    "gap_worst": require_exactly(0),
    "rules_broken": require_exactly(0),
}
WorkDone = tuple[dict[str, int], dict[str, float]]
"""By job, the subjects done and the set-up minutes paid."""


def measure(*, runs: int = 3) -> dict[str, float]:
    """Return the risk that each method removes, and the ratios; `seconds_many` is the slowest of `runs`."""
    figures: dict[str, float] = {"districts": DISTRICTS, "jobs": JOB_COUNT}
    rows = []
    broken = gap = 0.0
    for seed in range(DISTRICTS):
        jobs = generate_district_jobs(seed)
        row, violation_count, district_gap = compare_methods(jobs)
        rows.append(row)
        broken, gap = broken + violation_count, max(gap, district_gap)
        figures |= {f"{name}_takes_{seed}": row[name] for name in ("plan", "severity_first", "passing_over")}
    for name in ("week", "quarter"):
        figures |= _summarize_ratios(f"{name}_ratio", [row[f"{name}_ratio"] for row in rows])
        figures |= _summarize_ratios(f"{name}_over_passing", [row[f"{name}_over_passing"] for row in rows])
    for name in ("choice_over_passing", "dangers_first"):
        figures |= _summarize_ratios(name, [row[name] for row in rows])
    large_job_list = generate_many_jobs(JOB_COUNT)
    large_plans = [build_week_plan(large_job_list) for _ in range(runs)]
    broken += sum(_count_violations(large_plan, large_job_list) for large_plan in large_plans)
    slowest, district_gap = (
        max(large_plan.seconds for large_plan in large_plans),
        max(large_plan.gap for large_plan in large_plans),
    )
    return figures | {"seconds_many": slowest, "gap_worst": max(gap, district_gap), "rules_broken": broken}


def compare_methods(jobs: Sequence[PlanJob]) -> tuple[dict[str, float], int, float]:
    """Return one district's figures, how many rules its plan breaks, and its gap."""
    week_plan, choice_only_plan = build_week_plan(jobs), build_week_plan(jobs, long_share=0.0)
    dangers = {control.id: control.danger for control in load_controls()}
    dangers_first = build_week_plan([replace(job, danger=dangers[job.id]) for job in jobs])
    first, passing = (
        _sum_risk_removed(jobs, _simulate_severity_first(jobs, skips_partial=skips)[0]) for skips in (False, True)
    )
    plan_quarter = simulate_weeks(jobs, lambda left: _get_planned_work(build_week_plan(left)))
    peer_quarters = [
        simulate_weeks(jobs, lambda left, skips=skips: _simulate_severity_first(left, skips_partial=skips))
        for skips in (False, True)
    ]  # type: ignore[misc]
    row = {
        "plan": week_plan.risk_removed,
        "severity_first": first,
        "passing_over": passing,
        "week_ratio": week_plan.risk_removed / first,
        "week_over_passing": week_plan.risk_removed / passing,
        "choice_over_passing": round(choice_only_plan.risk_removed / passing, DIGITS),
        "dangers_first": dangers_first.risk_removed / week_plan.risk_removed,
        "quarter_ratio": plan_quarter / peer_quarters[0],
        "quarter_over_passing": plan_quarter / peer_quarters[1],
    }
    return row, _count_violations(week_plan, jobs), week_plan.gap


def build_week_plan(jobs: Sequence[PlanJob], *, long_share: float | None = None) -> PlanResult:
    """Return the plan of one week."""
    return plan_week(jobs, capacity=_build_capacity(long_share), week=WEEK, table=load_risk_table())


def _build_capacity(long_share: float | None = None) -> TeamCapacity:
    seat = PersonCapacity(person="", role="", minutes=HOURS * 60)
    return TeamCapacity(
        seats=(seat,), windows=None, long_share=load_planning_rules().long_keeps if long_share is None else long_share
    )


def _count_violations(week_plan: PlanResult, jobs: Sequence[PlanJob]) -> int:
    return len(find_violations(week_plan, jobs=jobs, capacity=_build_capacity(), week=WEEK, table=load_risk_table()))


def _summarize_ratios(name: str, values: list[float]) -> dict[str, float]:
    return {f"{name}_worst": min(values), f"{name}_median": median(values)}


def generate_district_jobs(seed: int) -> list[PlanJob]:
    """Generate a district's jobs from the shipped controls: two in three have open subjects, most of them few."""
    chance = random.Random(seed)
    size = 10 ** chance.uniform(1.5, 3.5)
    jobs = [_build_job(n, subjects=1 + round(size ** chance.random())) for n in range(len(load_controls()))]
    return [job for job in jobs if chance.random() < 0.67]


def generate_many_jobs(count: int) -> list[PlanJob]:
    """Generate `count` jobs: the shipped controls repeated, each time with other numbers and a setup of its own."""
    chance = random.Random(count)
    kinds = len(load_controls())
    return [
        _build_job(n % kinds, subjects=1 + round(10 ** chance.uniform(0, 3)), name=f"{n // kinds}")
        for n in range(count)
    ]


def _build_job(number: int, *, subjects: int, name: str = "") -> PlanJob:
    control = load_controls()[number]
    return PlanJob(
        id=f"{control.id}{name}",
        severity=control.severity,
        area=control.area,
        subjects=subjects,
        each=control.effort.minutes_per_subject,
        once=control.effort.minutes_once,
        setup=control.setup + name,
        who=control.who,
    )


def _simulate_severity_first(jobs: Sequence[PlanJob], *, skips_partial: bool) -> WorkDone:
    """Return the work done in a week of highest severity first."""
    ranks = list(Severity)
    paid: dict[str, float] = {}
    subjects_done: dict[str, int] = {}
    once_paid: dict[str, float] = {}
    left = float(HOURS * 60)
    for job in sorted(jobs, key=lambda candidate: (ranks.index(candidate.severity), -candidate.subjects, candidate.id)):
        once = max(0.0, job.once - paid.get(job.setup, 0.0))
        done = min(job.subjects, int((left - once) / job.each)) if job.each else job.subjects
        if left <= once or done <= 0 or (skips_partial and done < job.subjects):
            continue
        paid[job.setup] = max(job.once, paid.get(job.setup, 0.0))
        left -= once + done * job.each
        subjects_done[job.id], once_paid[job.id] = done, job.once
    return subjects_done, once_paid


def _get_planned_work(week_plan: PlanResult) -> WorkDone:
    return (
        {item.job.id: item.subjects for item in week_plan.items},
        {item.job.id: item.job.once if item.subjects else item.setup_minutes for item in week_plan.items},
    )


def simulate_weeks(jobs: Sequence[PlanJob], work_week: Callable[[Sequence[PlanJob]], WorkDone]) -> float:
    """Return the risk that WEEKS weeks remove, with nothing new opening."""
    left = {job.id: job for job in jobs}
    for _ in range(WEEKS):
        subjects_done, paid = work_week([job for job in left.values() if job.subjects])
        for name, minutes in paid.items():
            job = left[name]
            rest = job.subjects - subjects_done.get(name, 0)
            left[name] = replace(job, subjects=rest, once=max(0.0, job.once - minutes), begun=rest > 0)
    return _sum_risk_removed(
        jobs, {name: job.subjects - left[name].subjects for name, job in ((original.id, original) for original in jobs)}
    )


def _sum_risk_removed(jobs: Sequence[PlanJob], done: dict[str, int]) -> float:
    return sum(
        _compute_risk(job, job.subjects) - _compute_risk(job, job.subjects - done.get(job.id, 0)) for job in jobs
    )


def _compute_risk(job: PlanJob, subjects: int) -> float:
    return compute_risk(load_risk_table(), severity=job.severity, area=job.area, subjects=subjects)
