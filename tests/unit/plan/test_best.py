"""The choice is the best one: no subset, and no split with a long job, that keeps the rules takes more risk away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from math import ceil, floor

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from homeroom.domain.risk import risk
from homeroom.domain.states import Severity
from homeroom.domain.work import Job
from homeroom.engines.plan.checking import violations
from homeroom.engines.plan.engine import plan
from homeroom.engines.plan.plan import Plan
from tests.unit.plan.cases import TABLE, WEEK, days, job, team

pytestmark = pytest.mark.scale

Worth = tuple[float, bool, float]
"""What is best, in order: risk of what is due or kept, whether a long job keeps its share, risk taken away."""

DUE = st.sampled_from([None, None, None, days(3), days(30)])


@st.composite
def weeks(draw: st.DrawFn, most: int = 9) -> tuple[list[Job], int, int | None]:
    count = draw(st.integers(1, most))
    jobs = [
        job(
            f"{n:02}",
            severity=draw(st.sampled_from(Severity)),
            area=draw(st.sampled_from(["", "identity"])),
            subjects=draw(st.integers(1, 12)),
            each=draw(st.sampled_from([0.5, 1, 2, 3.5])),
            once=draw(st.sampled_from([0, 0, 3, 7.5])),
            setup=draw(st.sampled_from(["x", "y", f"{n}"])),
            due_on=draw(DUE),
            quiet=draw(st.sampled_from([False, False, False, True])),
            begun=draw(st.sampled_from([False, False, True])),
            kept=draw(st.sampled_from([False, False, False, True])),
        )
        for n in range(count)
    ]
    minutes = draw(st.integers(0, 45))
    return jobs, minutes, draw(st.sampled_from([None, 0, minutes // 3, minutes]))


def weight(one: Job, done: int) -> float:
    def of(subjects: int) -> float:
        return risk(TABLE, severity=one.severity, area=one.area, subjects=subjects)

    return of(one.subjects) - of(one.subjects - done)


def bound(one: Job) -> bool:
    return one.kept or (one.due_on is not None and one.due_on <= days(6))


def is_long(one: Job, minutes: int, quiet: int | None) -> bool:
    alone = minutes if quiet is None or not one.quiet else min(minutes, quiet)
    if bound(one):
        return one.minutes > alone
    return one.begun or one.minutes > min(alone, minutes - ceil(minutes / 4))


def cost(whole: Sequence[Job], long: Job | None, spent: int) -> int:
    """All minutes: each set-up once, as far as the long job does not pay it."""
    once: dict[tuple[bool, str], int] = {}
    for one in whole:
        once[one.quiet, one.setup] = max(once.get((one.quiet, one.setup), 0), one.setup_minutes)
    if long and spent >= long.setup_minutes and (long.quiet, long.setup) in once:
        once[long.quiet, long.setup] = max(0, once[long.quiet, long.setup] - long.setup_minutes)
    return sum(once.values()) + sum(one.minutes_for(one.subjects) for one in whole) + spent


def done_in(long: Job, spent: int) -> int:
    left = spent - long.setup_minutes
    if left >= long.minutes_for(long.subjects):
        return long.subjects
    return max(0, min(long.subjects, floor(left / long.each + 1e-9)))


def splits(jobs: Sequence[Job], minutes: int, quiet: int | None) -> Iterator[tuple[Job | None, int, int, int | None]]:
    """(the long job, its minutes, its share, quiet minutes left) of every split that the rules allow."""
    yield None, 0, 1, quiet
    longs = [one for one in jobs if is_long(one, minutes, quiet)]
    share = ceil(minutes / 4)
    reach = {one.id: min(one.minutes, minutes) for one in longs}
    for one in longs:
        if one.quiet and quiet is not None:
            reach[one.id] = min(one.minutes, share, quiet)
    longs = [one for one in longs if reach[one.id] > 0]
    first = [one for one in longs if bound(one)] or [one for one in longs if one.begun] or longs
    for one in first:
        left = quiet - reach[one.id] if quiet is not None and one.quiet else quiet
        for spent in range(reach[one.id] + 1):
            yield one, spent, min(share, reach[one.id]), left


def brute(jobs: Sequence[Job], minutes: int, quiet: int | None) -> Worth:
    """The best by trying everything."""
    short = [one for one in jobs if not is_long(one, minutes, quiet)]
    best: Worth = (0.0, False, 0.0)
    subsets = [
        [one for one, taken in zip(short, bits, strict=True) if taken] for bits in product((0, 1), repeat=len(short))
    ]
    for long, spent, share, left in splits(jobs, minutes, quiet):
        for whole in subsets:
            if cost(whole, long, spent) > minutes:
                continue
            if left is not None and cost([one for one in whole if one.quiet], None, 0) > left + _paid(
                whole, long, spent
            ):
                continue
            best = max(best, worth(whole, long, spent, share))
    return best


def _paid(whole: Sequence[Job], long: Job | None, spent: int) -> int:
    quiet = [one for one in whole if one.quiet]
    return cost(quiet, None, 0) + spent - cost(quiet, long, spent) if long and long.quiet else 0


def worth(whole: Sequence[Job], long: Job | None, spent: int, share: int) -> Worth:
    done = done_in(long, spent) if long else 0
    due = sum(weight(one, one.subjects) for one in whole if bound(one))
    taken = sum(weight(one, one.subjects) for one in whole) + (weight(long, done) if long else 0.0)
    return (round(due, 3), long is not None and spent >= share, round(taken, 3))


def worth_of(made: Plan, minutes: int, quiet: int | None) -> Worth:
    whole = [item.job for item in made.items if not is_long(item.job, minutes, quiet)]
    long = next((item for item in made.items if is_long(item.job, minutes, quiet)), None)
    if long is None:
        return worth(whole, None, 0, 1)
    share = ceil(minutes / 4)
    reach = (
        min(long.job.minutes, minutes) if not long.job.quiet or quiet is None else min(long.job.minutes, share, quiet)
    )
    return worth(whole, long.job, long.minutes, min(share, reach))


def close(one: Worth, other: Worth) -> bool:
    return abs(one[0] - other[0]) < 0.01 and one[1] == other[1] and abs(one[2] - other[2]) < 0.01


@settings(max_examples=150)
@given(weeks())
@example(([job("a", subjects=40, once=3, setup="x"), job("b", subjects=5, once=3, setup="x")], 20, None))
@example(  # the long job's set-up saves the other one quiet minutes that it has not
    (
        [
            job("a", severity=Severity.CRITICAL, subjects=1, each=0.5, once=3, setup="x", quiet=True),
            job("b", severity=Severity.CRITICAL, subjects=1, each=3.5, once=3, setup="x", quiet=True),
        ],
        15,
        5,
    )
)
def test_no_other_choice_takes_more_risk_away(week: tuple[list[Job], int, int | None]):
    jobs, minutes, quiet = week
    made = plan(jobs, capacity=team(minutes, quiet=quiet), week=WEEK, table=TABLE, seconds=60)
    assert close(worth_of(made, minutes, quiet), brute(jobs, minutes, quiet))
    assert made.gap == 0


@settings(max_examples=8)
@given(weeks(most=15))
def test_of_fifteen_jobs_too(week: tuple[list[Job], int, int | None]):
    jobs, minutes, _ = week
    plain = [replace(one, begun=False, quiet=False) for one in jobs]
    made = plan(plain, capacity=team(minutes), week=WEEK, table=TABLE, seconds=60)
    assert close(worth_of(made, minutes, None), brute(plain, minutes, None))


@given(weeks(most=30))
def test_every_plan_passes_the_independent_check(week: tuple[list[Job], int, int | None]):
    jobs, minutes, quiet = week
    capacity = team(minutes, quiet=quiet)
    made = plan(jobs, capacity=capacity, week=WEEK, table=TABLE, seconds=60)
    assert violations(made, jobs=jobs, capacity=capacity, week=WEEK, table=TABLE) == []


@given(weeks(most=20), st.randoms())
def test_equal_input_in_any_order_gives_an_equal_plan(week: tuple[list[Job], int, int | None], random: object):
    jobs, minutes, quiet = week
    mixed = list(jobs)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    first, second = (
        plan(some, capacity=team(minutes, quiet=quiet), week=WEEK, table=TABLE, seconds=60) for some in (jobs, mixed)
    )
    assert (first.items, first.left_out, first.risk_after) == (second.items, second.left_out, second.risk_after)


def test_where_time_runs_out_the_plan_says_how_far_the_best_may_be():
    jobs = [job(f"{n}", subjects=n + 1) for n in range(30)]
    made = plan(jobs, capacity=team(60), week=WEEK, table=TABLE, seconds=0)
    assert made.gap > 0
    assert made.bound >= plan(jobs, capacity=team(60), week=WEEK, table=TABLE, seconds=60).taken
    assert violations(made, jobs=jobs, capacity=team(60), week=WEEK, table=TABLE) == []
