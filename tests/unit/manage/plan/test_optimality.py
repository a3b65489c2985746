"""Test that no other subset of jobs, and no other split with a long job, removes more risk within the rules.

The rules go level by level: what the team pinned, critical dangers, critical or due jobs, other dangers, what the plan
has already, then the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import ceil, floor

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from homeroom.domain.manage.planning import PlanJob
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.risk import compute_risk
from homeroom.domain.protect.urgency import Danger
from homeroom.engines.manage.plan.engine import plan_week
from homeroom.engines.manage.plan.plan import PlanResult
from homeroom.engines.manage.plan.verify import find_violations
from tests.amounts import choose_amount
from tests.unit.manage.plan.cases import RISK_TABLE, WEEK, build_job, build_team, get_day

pytestmark = pytest.mark.scale

PlanScore = tuple[bool, float]
"""Score of a plan beside its urgent jobs: whether a long job has its share, and all risk removed."""
OTHERS = 5

DUE = st.sampled_from([None, None, None, get_day(3), get_day(30)])


@st.composite
def generate_week(draw: st.DrawFn, max_jobs: int = 9) -> tuple[list[PlanJob], int, int | None]:
    count = draw(st.integers(1, max_jobs))
    jobs = [
        build_job(
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
            danger=draw(st.sampled_from([None, None, None, *Danger])),
            pinned=draw(st.sampled_from([False, False, False, False, True])),
        )
        for n in range(count)
    ]
    minutes = draw(st.integers(0, 45))
    return jobs, minutes, draw(st.sampled_from([None, 0, minutes // 3, minutes]))


def compute_weight(job: PlanJob, done: int) -> float:
    def compute_for(subjects: int) -> float:
        return compute_risk(RISK_TABLE, severity=job.severity, area=job.area, subjects=subjects)

    return compute_for(job.subjects) - compute_for(job.subjects - done)


def rank_job(job: PlanJob) -> int:
    if job.pinned:
        return 0
    if job.severity == Severity.CRITICAL:
        return 1 if job.danger else 2
    if job.due_on is not None and job.due_on <= get_day(6):
        return 2
    if job.danger:
        return 3
    return 4 if job.kept else OTHERS


def is_long_job(job: PlanJob, minutes: int, quiet: int | None) -> bool:
    available = minutes if quiet is None or not job.quiet else min(minutes, quiet)
    if rank_job(job) < OTHERS:
        return job.minutes > available
    return job.begun or job.minutes > min(available, minutes - ceil(minutes / 4))


def compute_cost(chosen: Sequence[PlanJob], long_job: PlanJob | None, spent: int) -> int:
    """Return all minutes: each setup once, minus the setup that the long job pays."""
    setup_by_key: dict[tuple[bool, str], int] = {}
    for job in chosen:
        setup_by_key[job.quiet, job.setup] = max(setup_by_key.get((job.quiet, job.setup), 0), job.setup_minutes)
    if long_job and spent >= long_job.setup_minutes and (long_job.quiet, long_job.setup) in setup_by_key:
        setup_by_key[long_job.quiet, long_job.setup] = max(
            0, setup_by_key[long_job.quiet, long_job.setup] - long_job.setup_minutes
        )
    return sum(setup_by_key.values()) + sum(job.compute_minutes(job.subjects) for job in chosen) + spent


def count_done(long_job: PlanJob, spent: int) -> int:
    minutes_left = spent - long_job.setup_minutes
    if minutes_left >= long_job.compute_minutes(long_job.subjects):
        return long_job.subjects
    return max(0, min(long_job.subjects, floor(minutes_left / long_job.each + 1e-9)))


@dataclass(frozen=True)
class LongJobs:
    """The long jobs to choose among, each with the most minutes that it may take."""

    jobs: list[PlanJob]
    max_minutes: dict[str, int]
    share: int

    @property
    def rank(self) -> int:
        return min((rank_job(job) for job in self.jobs), default=OTHERS)


def list_long_jobs(jobs: Sequence[PlanJob], minutes: int, quiet: int | None) -> LongJobs:
    long_jobs = [job for job in jobs if is_long_job(job, minutes, quiet)]
    share = ceil(minutes / 4)
    max_minutes = {job.id: min(job.minutes, minutes) for job in long_jobs}
    for job in long_jobs:
        if job.quiet and quiet is not None:
            max_minutes[job.id] = min(job.minutes, share, quiet)
    long_jobs = [job for job in long_jobs if max_minutes[job.id] > 0]
    first = [job for job in long_jobs if rank_job(job) == min(rank_job(each) for each in long_jobs)]
    if first and rank_job(first[0]) == OTHERS:
        first = [job for job in first if job.begun] or first
    return LongJobs(first, max_minutes, share)


def iterate_splits(long_jobs: LongJobs, quiet: int | None) -> Iterator[tuple[PlanJob | None, int, int, int | None]]:
    """Yield (the long job, its minutes, its share, quiet minutes left) of every split that the rules allow."""
    yield None, 0, 1, quiet
    for job in long_jobs.jobs:
        max_minutes = long_jobs.max_minutes[job.id]
        quiet_left = quiet - max_minutes if quiet is not None and job.quiet else quiet
        for spent in range(max_minutes + 1):
            yield job, spent, min(long_jobs.share, max_minutes), quiet_left


def list_subsets(jobs: Sequence[PlanJob]) -> list[tuple[PlanJob, ...]]:
    choices = product((0, 1), repeat=len(jobs))
    return [tuple(job for job, is_chosen in zip(jobs, bits, strict=True) if is_chosen) for bits in choices]


def find_urgent_choices(
    short_jobs: Sequence[PlanJob], long_jobs: LongJobs, minutes: int, quiet: int | None
) -> set[tuple[PlanJob, ...]]:
    """Return every choice of urgent jobs that is best level by level, by trying every choice at each level."""
    choices: set[tuple[PlanJob, ...]] = {()}
    for rank in range(OTHERS):
        better: dict[tuple[float, int], set[tuple[PlanJob, ...]]] = {}
        for fixed in choices:
            minutes_left, quiet_left = minutes, quiet
            if long_jobs.rank < rank:
                reserved = min(long_jobs.share, max(long_jobs.max_minutes[job.id] for job in long_jobs.jobs))
                minutes_left = max(minutes - reserved, compute_cost(fixed, None, 0))
                if quiet is not None and all(job.quiet for job in long_jobs.jobs):
                    quiet_left = max(quiet - reserved, compute_cost([job for job in fixed if job.quiet], None, 0))
            for subset in list_subsets([job for job in short_jobs if rank_job(job) == rank]):
                chosen = (*fixed, *subset)
                cost = compute_cost(chosen, None, 0)
                quiet_cost = compute_cost([job for job in chosen if job.quiet], None, 0)
                if cost <= minutes_left and (quiet_left is None or quiet_cost <= quiet_left):
                    risk = round(sum(compute_weight(job, job.subjects) for job in subset), 3)
                    better.setdefault((risk, -cost), set()).add(chosen)
        choices = better[max(better)]
    return choices


def find_best_by_brute_force(
    jobs: Sequence[PlanJob], minutes: int, quiet: int | None
) -> list[tuple[frozenset[str], PlanScore]]:
    """Return each best choice of urgent jobs with the best score beside it, by trying every choice."""
    short_jobs = [job for job in jobs if not is_long_job(job, minutes, quiet)]
    long_jobs = list_long_jobs(jobs, minutes, quiet)
    return [
        (
            frozenset(job.id for job in fixed),
            find_best_beside(
                fixed, [job for job in short_jobs if job not in fixed], long_jobs, minutes=minutes, quiet=quiet
            ),
        )
        for fixed in find_urgent_choices(short_jobs, long_jobs, minutes, quiet)
    ]


def find_best_beside(
    fixed: Sequence[PlanJob], others: Sequence[PlanJob], long_jobs: LongJobs, *, minutes: int, quiet: int | None
) -> PlanScore:
    best: PlanScore = (False, 0.0)
    for long_job, spent, share, quiet_left in iterate_splits(long_jobs, quiet):
        for subset in list_subsets(others):
            chosen = [*fixed, *subset]
            if compute_cost(chosen, long_job, spent) > minutes:
                continue
            if quiet_left is not None and compute_cost(
                [job for job in chosen if job.quiet], None, 0
            ) > quiet_left + _compute_shared_setup(chosen, long_job, spent):
                continue
            best = max(best, score_choice(chosen, long_job, spent, share))
    return best


def _compute_shared_setup(chosen: Sequence[PlanJob], long_job: PlanJob | None, spent: int) -> int:
    quiet_jobs = [job for job in chosen if job.quiet]
    return (
        compute_cost(quiet_jobs, None, 0) + spent - compute_cost(quiet_jobs, long_job, spent)
        if long_job and long_job.quiet
        else 0
    )


def score_choice(chosen: Sequence[PlanJob], long_job: PlanJob | None, spent: int, share: int) -> PlanScore:
    done_subjects = count_done(long_job, spent) if long_job else 0
    risk_removed = sum(compute_weight(job, job.subjects) for job in chosen) + (
        compute_weight(long_job, done_subjects) if long_job else 0.0
    )
    return (long_job is not None and spent >= share, round(risk_removed, 3))


def score_plan(result: PlanResult, minutes: int, quiet: int | None) -> PlanScore:
    short_jobs = [item.job for item in result.items if not is_long_job(item.job, minutes, quiet)]
    long_item = next((item for item in result.items if is_long_job(item.job, minutes, quiet)), None)
    if long_item is None:
        return score_choice(short_jobs, None, 0, 1)
    share = ceil(minutes / 4)
    max_minutes = (
        min(long_item.job.minutes, minutes)
        if not long_item.job.quiet or quiet is None
        else min(long_item.job.minutes, share, quiet)
    )
    return score_choice(short_jobs, long_item.job, long_item.minutes, min(share, max_minutes))


def assert_best(result: PlanResult, jobs: Sequence[PlanJob], minutes: int, quiet: int | None) -> None:
    has_share, risk = score_plan(result, minutes, quiet)
    planned_ids = {item.job.id for item in result.items}
    best = find_best_by_brute_force(jobs, minutes, quiet)
    assert any(
        urgent_ids <= planned_ids and (has_share, True) == (best_share, abs(risk - best_risk) < 0.01)
        for urgent_ids, (best_share, best_risk) in best
    ), ((has_share, risk), sorted(planned_ids), best)


@settings(max_examples=choose_amount(brief=40, thorough=150))
@given(generate_week())
@example(([build_job("a", subjects=40, once=3, setup="x"), build_job("b", subjects=5, once=3, setup="x")], 20, None))
@example(  # the long job's set-up saves the other one quiet minutes that it has not
    (
        [
            build_job("a", severity=Severity.CRITICAL, subjects=1, each=0.5, once=3, setup="x", quiet=True),
            build_job("b", severity=Severity.CRITICAL, subjects=1, each=3.5, once=3, setup="x", quiet=True),
        ],
        15,
        5,
    )
)
def test_no_other_choice_takes_more_risk_away(week: tuple[list[PlanJob], int, int | None]):
    jobs, minutes, quiet = week
    result = plan_week(jobs, capacity=build_team(minutes, quiet=quiet), week=WEEK, table=RISK_TABLE, seconds=60)
    assert_best(result, jobs, minutes, quiet)
    assert result.gap == 0


@settings(max_examples=choose_amount(brief=3, thorough=8))
@given(generate_week(max_jobs=15))
def test_of_fifteen_jobs_too(week: tuple[list[PlanJob], int, int | None]):
    jobs, minutes, _ = week
    simple_jobs = [replace(job, begun=False, quiet=False) for job in jobs]
    result = plan_week(simple_jobs, capacity=build_team(minutes), week=WEEK, table=RISK_TABLE, seconds=60)
    assert_best(result, simple_jobs, minutes, None)


@given(generate_week(max_jobs=30))
def test_every_plan_passes_the_independent_check(week: tuple[list[PlanJob], int, int | None]):
    jobs, minutes, quiet = week
    capacity = build_team(minutes, quiet=quiet)
    result = plan_week(jobs, capacity=capacity, week=WEEK, table=RISK_TABLE, seconds=60)
    assert find_violations(result, jobs=jobs, capacity=capacity, week=WEEK, table=RISK_TABLE) == []


@given(generate_week(max_jobs=20), st.randoms())
def test_equal_input_in_any_order_gives_an_equal_plan(week: tuple[list[PlanJob], int, int | None], random: object):
    jobs, minutes, quiet = week
    shuffled = list(jobs)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first, second = (
        plan_week(job_list, capacity=build_team(minutes, quiet=quiet), week=WEEK, table=RISK_TABLE, seconds=60)
        for job_list in (jobs, shuffled)
    )
    assert (first.items, first.left_out, first.risk_after) == (second.items, second.left_out, second.risk_after)


def test_where_time_runs_out_the_plan_says_how_far_the_best_may_be():
    jobs = [build_job(f"{n}", subjects=n + 1) for n in range(30)]
    result = plan_week(jobs, capacity=build_team(60), week=WEEK, table=RISK_TABLE, seconds=0)
    assert result.gap > 0
    assert (
        result.bound >= plan_week(jobs, capacity=build_team(60), week=WEEK, table=RISK_TABLE, seconds=60).risk_removed
    )
    assert find_violations(result, jobs=jobs, capacity=build_team(60), week=WEEK, table=RISK_TABLE) == []
