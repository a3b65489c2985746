"""A team's plan against "highest severity first" at equal hours, in invented districts, and how long 2,000 jobs take.

Each district has the shipped controls with numbers of open subjects of its own. Highest severity first works down the
list, most severe and then most subjects first, each job as far as the hours go. A second peer passes over what does not
fit whole: better in one week, and it never begins what is long. All pay a set-up once, have 18 hours a week and no
calendar, and are weighed by content/risk.yaml. `week` is one week; `choice` the same without the share that a long job
keeps, which is what the choice alone is worth; `quarter` is twelve weeks, one after the other, with nothing new opening.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from statistics import median

from bench.support.goals import Goal, exactly
from homeroom.domain.risk import risk
from homeroom.domain.states import Severity
from homeroom.domain.work import Job, Seat
from homeroom.engines.plan.checking import violations
from homeroom.engines.plan.engine import plan
from homeroom.engines.plan.plan import Capacity, Plan
from homeroom.library.controls import controls
from homeroom.library.planning import planning_rules
from homeroom.library.risk import risk_table

DISTRICTS, MANY, HOURS, WEEKS = 12, 2_000, 18, 12
WEEK = date(2026, 1, 12)
GOALS = {
    "districts": Goal(at_least=5),
    "week_ratio_median": Goal(at_least=1.2),
    "week_ratio_worst": Goal(at_least=1.0),
    "choice_over_passing_worst": Goal(at_least=1.0),
    "quarter_ratio_median": Goal(at_least=1.2),
    "quarter_over_passing_worst": Goal(at_least=1.0),
    "jobs": exactly(MANY),
    "seconds_many": Goal(at_most=2.0),
    "gap_worst": exactly(0),
    "rules_broken": exactly(0),
}
Done = tuple[dict[str, int], dict[str, float]]
"""By job, the subjects done and the set-up minutes paid."""


def measure(*, runs: int = 3) -> dict[str, float]:
    """Risk taken away by each and the ratios; `seconds_many` is the slowest of `runs`."""
    found: dict[str, float] = {"districts": DISTRICTS, "jobs": MANY}
    rows = []
    broken = gap = 0.0
    for seed in range(DISTRICTS):
        jobs = district(seed)
        row, wrong, far = compared(jobs)
        rows.append(row)
        broken, gap = broken + wrong, max(gap, far)
        found |= {f"{name}_takes_{seed}": row[name] for name in ("plan", "severity_first", "passing_over")}
    for name in ("week", "quarter"):
        found |= _ratios(f"{name}_ratio", [row[f"{name}_ratio"] for row in rows])
        found |= _ratios(f"{name}_over_passing", [row[f"{name}_over_passing"] for row in rows])
    found |= _ratios("choice_over_passing", [row["choice_over_passing"] for row in rows])
    many = repeated(MANY)
    timed = [planned(many) for _ in range(runs)]
    broken += sum(_wrong(one, many) for one in timed)
    slowest, far = max(one.seconds for one in timed), max(one.gap for one in timed)
    return found | {"seconds_many": slowest, "gap_worst": max(gap, far), "rules_broken": broken}


def compared(jobs: Sequence[Job]) -> tuple[dict[str, float], int, float]:
    """One district's figures, how many rules its plan breaks, and its gap."""
    best, alone = planned(jobs), planned(jobs, keeps=0.0)
    first, passing = (_taken(jobs, _down_the_list(jobs, passes_over=habit)[0]) for habit in (False, True))
    ours = lasting(jobs, lambda left: _of_plan(planned(left)))
    theirs = [
        lasting(jobs, lambda left, habit=habit: _down_the_list(left, passes_over=habit)) for habit in (False, True)
    ]  # type: ignore[misc]
    row = {
        "plan": best.taken,
        "severity_first": first,
        "passing_over": passing,
        "week_ratio": best.taken / first,
        "week_over_passing": best.taken / passing,
        "choice_over_passing": alone.taken / passing,
        "quarter_ratio": ours / theirs[0],
        "quarter_over_passing": ours / theirs[1],
    }
    return row, _wrong(best, jobs), best.gap


def planned(jobs: Sequence[Job], *, keeps: float | None = None) -> Plan:
    """The plan of one week."""
    return plan(jobs, capacity=_capacity(keeps), week=WEEK, table=risk_table())


def _capacity(keeps: float | None = None) -> Capacity:
    seat = Seat(person="", role="", minutes=HOURS * 60)
    return Capacity(seats=(seat,), windows=None, long_keeps=planning_rules().long_keeps if keeps is None else keeps)


def _wrong(made: Plan, jobs: Sequence[Job]) -> int:
    return len(violations(made, jobs=jobs, capacity=_capacity(), week=WEEK, table=risk_table()))


def _ratios(name: str, values: list[float]) -> dict[str, float]:
    return {f"{name}_worst": min(values), f"{name}_median": median(values)}


def district(seed: int) -> list[Job]:
    """The shipped controls in a district of its own size: two in three have something open, most of them little."""
    chance = random.Random(seed)
    size = 10 ** chance.uniform(1.5, 3.5)
    made = [_job(n, subjects=1 + round(size ** chance.random())) for n in range(len(controls()))]
    return [job for job in made if chance.random() < 0.67]


def repeated(count: int) -> list[Job]:
    """So many jobs: the shipped controls again and again, each time with other numbers and a set-up of its own."""
    chance = random.Random(count)
    kinds = len(controls())
    return [_job(n % kinds, subjects=1 + round(10 ** chance.uniform(0, 3)), name=f"{n // kinds}") for n in range(count)]


def _job(number: int, *, subjects: int, name: str = "") -> Job:
    control = controls()[number]
    return Job(
        id=f"{control.id}{name}",
        severity=control.severity,
        area=control.area,
        subjects=subjects,
        each=control.effort.minutes_per_subject,
        once=control.effort.minutes_once,
        setup=control.setup + name,
        who=control.who,
    )


def _down_the_list(jobs: Sequence[Job], *, passes_over: bool) -> Done:
    """A week of highest severity first."""
    ranks = list(Severity)
    paid: dict[str, float] = {}
    took: dict[str, int] = {}
    once_paid: dict[str, float] = {}
    left = float(HOURS * 60)
    for job in sorted(jobs, key=lambda one: (ranks.index(one.severity), -one.subjects, one.id)):
        once = max(0.0, job.once - paid.get(job.setup, 0.0))
        done = min(job.subjects, int((left - once) / job.each)) if job.each else job.subjects
        if left <= once or done <= 0 or (passes_over and done < job.subjects):
            continue
        paid[job.setup] = max(job.once, paid.get(job.setup, 0.0))
        left -= once + done * job.each
        took[job.id], once_paid[job.id] = done, job.once
    return took, once_paid


def _of_plan(made: Plan) -> Done:
    return (
        {item.job.id: item.subjects for item in made.items},
        {item.job.id: item.job.once if item.subjects else item.setup_minutes for item in made.items},
    )


def lasting(jobs: Sequence[Job], week: Callable[[Sequence[Job]], Done]) -> float:
    """The risk that so many weeks take away, nothing new opening."""
    left = {job.id: job for job in jobs}
    for _ in range(WEEKS):
        took, paid = week([job for job in left.values() if job.subjects])
        for name, minutes in paid.items():
            job = left[name]
            rest = job.subjects - took.get(name, 0)
            left[name] = replace(job, subjects=rest, once=max(0.0, job.once - minutes), begun=rest > 0)
    return _taken(jobs, {name: job.subjects - left[name].subjects for name, job in ((one.id, one) for one in jobs)})


def _taken(jobs: Sequence[Job], done: dict[str, int]) -> float:
    return sum(_risk(job, job.subjects) - _risk(job, job.subjects - done.get(job.id, 0)) for job in jobs)


def _risk(job: Job, subjects: int) -> float:
    return risk(risk_table(), severity=job.severity, area=job.area, subjects=subjects)
