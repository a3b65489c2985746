"""Plans one week: chooses jobs role by role, then says who does each, when, and what waiting costs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from time import perf_counter

from homeroom.domain.risk import RiskTable, risk
from homeroom.domain.work import Job
from homeroom.engines.plan.choosing import Choice, Room, choose, fraction_bound, is_long
from homeroom.engines.plan.handing import handed_out, scheduled
from homeroom.engines.plan.plan import Capacity, Item, LeftOut, Plan, Why, in_order

SECONDS = 1.5


def plan(jobs: Iterable[Job], *, capacity: Capacity, week: date, table: RiskTable, seconds: float = SECONDS) -> Plan:
    """The best week that begins on the Monday `week`; with equal input the same plan.

    Only where choosing takes longer than `seconds` are jobs dropped unseen; `gap` then says how far the best may be.
    """
    begun = perf_counter()
    listed = sorted((job for job in jobs if job.subjects > 0), key=lambda job: job.id)
    ends = week + timedelta(days=6)
    open_now = [_due_by(job, ends) for job in listed if not _deferred(job, ends)]
    items: list[Item] = []
    bound = 0.0
    for role in sorted({capacity.pool_of(job) for job in open_now}):
        mine = [job for job in open_now if capacity.pool_of(job) == role]
        chosen = choose(mine, room=_room(capacity, role), table=table, late=lambda: perf_counter() - begun > seconds)
        made = _items(chosen, table)
        taken = sum(item.risk for item in made)
        bound += taken if chosen.complete else fraction_bound(mine, minutes=capacity.of(role), table=table)
        items += handed_out(in_order(made), capacity.people(role))
    ordered = scheduled(in_order(items), capacity)
    before = sum(_risk(table, job, job.subjects) for job in listed)
    return Plan(
        items=_with_days(ordered, listed),
        left_out=_left_out(listed, ordered, capacity, ends, table),
        minutes=sum(item.minutes for item in ordered),
        hours=capacity.minutes / 60,
        risk_before=before,
        risk_after=before - sum(item.risk for item in ordered),
        bound=bound,
        seconds=perf_counter() - begun,
    )


def _room(capacity: Capacity, role: str) -> Room:
    return Room(
        minutes=capacity.of(role),
        week=capacity.week(role),
        quiet=capacity.quiet(role),
        long_keeps=capacity.long_keeps,
    )


def _due_by(job: Job, ends: date) -> Job:
    """The job, its deadline kept only where it falls in the week or before."""
    return job if job.due_on is None or job.due_on <= ends else replace(job, due_on=None)


def _deferred(job: Job, ends: date) -> bool:
    return job.deferred_until is not None and job.deferred_until > ends


def _risk(table: RiskTable, job: Job, subjects: int) -> float:
    return risk(table, severity=job.severity, area=job.area, subjects=subjects)


def _items(chosen: Choice, table: RiskTable) -> list[Item]:
    """The chosen jobs with their minutes; the set-up is paid by the job of most risk among those that share it."""
    made = [_item(job, job.subjects, table) for job in chosen.whole]
    paid = {}
    if long := chosen.long:
        setup = min(long.setup_minutes, chosen.long_minutes)
        paid[_setup(long)] = setup if setup == long.setup_minutes else 0
        made.append(replace(_item(long, chosen.long_subjects, table), minutes=chosen.long_minutes, setup_minutes=setup))
    for key in sorted({_setup(job) for job in chosen.whole}):
        sharing = [item for item in in_order(made) if _setup(item.job) == key and item.job is not chosen.long]
        once = max(item.job.setup_minutes for item in sharing) - paid.get(key, 0)
        if once > 0:
            first = sharing[0]
            made[made.index(first)] = replace(first, minutes=first.minutes + once, setup_minutes=once)
    return made


def _item(job: Job, subjects: int, table: RiskTable) -> Item:
    taken = _risk(table, job, job.subjects) - _risk(table, job, job.subjects - subjects)
    return Item(job=job, subjects=subjects, minutes=job.minutes_for(subjects), setup_minutes=0, risk=taken)


def _setup(job: Job) -> tuple[bool, str]:
    return (job.quiet, job.setup)


def _with_days(items: Sequence[Item], listed: Sequence[Job]) -> tuple[Item, ...]:
    """The items with their jobs as they were given, later deadlines included."""
    given = {job.id: job for job in listed}
    return tuple(replace(item, job=given[item.job.id]) for item in items)


def _left_out(
    listed: Sequence[Job], items: Sequence[Item], capacity: Capacity, ends: date, table: RiskTable
) -> tuple[LeftOut, ...]:
    """The jobs that are not in the plan, by the risk that stays; what is left of a long one stands with its item."""
    there = {item.job.id for item in items}
    rooms = {role: _room(capacity, role) for role in sorted({capacity.pool_of(job) for job in listed})}
    taken = {
        role: any(is_long(_due_by(one.job, ends), room) for one in items if capacity.pool_of(one.job) == role)
        for role, room in rooms.items()
    }
    left = [
        LeftOut(
            job=job,
            why=_why(job, rooms[capacity.pool_of(job)], ends, other=taken[capacity.pool_of(job)]),
            risk=_risk(table, job, job.subjects),
            misses=job.due_on is not None and job.due_on <= ends,
        )
        for job in listed
        if job.id not in there
    ]
    return tuple(sorted(left, key=lambda one: (-round(one.risk, 6), one.job.id)))


def _why(job: Job, room: Room, ends: date, *, other: bool) -> Why:
    """Why a job waits; `other` says that another long job of its role is worked on."""
    if _deferred(job, ends):
        return Why.DEFERRED
    if not room.week:
        return Why.NOBODY
    if not room.minutes:
        return Why.NO_ROOM
    if job.quiet and room.quiet is not None and room.quiet < min(job.minutes, room.share):
        return Why.NO_QUIET_TIME
    return Why.LONG_ONE_FIRST if other and is_long(_due_by(job, ends), room) else Why.NO_ROOM
