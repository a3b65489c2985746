"""The exact choice among jobs that draw on the same hours: a dynamic programme over minutes, and beside it one long job.

What is best, in this order: 1. the risk of jobs that are due, or that stand in the plan already; 2. that a long job
keeps its share of the hours; 3. the risk that is taken away. A job is long where it does not fit beside the share that a
long job keeps, and stays so until it is done. One long job is worked on at a time: with diminishing risk the last subjects of a job weigh most, so
that half of two jobs takes less away than the whole of one.

Risk taken away by n of N subjects: risk(N) - risk(N - n), so that the weeks of a long job add up to its risk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

from homeroom.domain.risk import RiskTable, risk
from homeroom.domain.work import Job
from homeroom.engines.plan.filling import Entry, Filling, filled

Numbers = npt.NDArray[np.int64]
RESOLUTION = 10**8
"""Risk is counted in whole units, of which all jobs together have about this many: sums are exact, and equal on every machine."""


@dataclass(frozen=True, kw_only=True)
class Room:
    """The minutes that the jobs share, and those of them that lie outside class (None: nobody knows).

    `week` are the minutes of the whole week, of which some may be spent: what is long is measured by them, and so is the
    share that a long job keeps.
    """

    minutes: int
    week: int
    quiet: int | None
    long_keeps: float

    @property
    def share(self) -> int:
        """The minutes that a long job keeps."""
        return ceil(self.week * self.long_keeps)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The jobs that are done whole, and the long one with its minutes and subjects. `complete` unless time ran out."""

    whole: tuple[Job, ...] = ()
    long: Job | None = None
    long_minutes: int = 0
    long_subjects: int = 0
    complete: bool = True


def is_long(job: Job, room: Room) -> bool:
    """Whether the job does not fit beside the share that a long job keeps, or was begun as one and is not done yet.

    One that is due and fits the week is not long.
    """
    alone = room.week if not job.quiet or room.quiet is None else min(room.week, room.quiet)
    if is_bound(job):
        return job.minutes > alone
    return job.begun or job.minutes > min(alone, room.week - room.share)


def is_bound(job: Job) -> bool:
    """Whether the job must be in if it fits: it is due, or stands in the plan already."""
    return job.kept or job.due_on is not None


def choose(jobs: Sequence[Job], *, room: Room, table: RiskTable, late: Callable[[], bool] = lambda: False) -> Choice:
    """The best choice; of equal ones always the same. `due_on` stands only in jobs that are due in this week.

    Takes time and memory that grow with jobs times minutes; where `late` comes true the jobs that are left are not
    looked at, those of least risk a minute first to be dropped.
    """
    scale = RESOLUTION / max(1.0, sum(_risk(table, job, job.subjects) for job in jobs))
    whole = [job for job in jobs if not is_long(job, room)]
    longs = _foremost([job for job in jobs if is_long(job, room) and _reach(job, room) > 0])
    worth = _Worth(table=table, scale=scale)
    given = {job.id: job for job in whole}
    shared = _by_setup(whole)
    base = _filling(whole, room, worth, late)
    best, found = base.best(room.minutes), Choice(whole=tuple(base.taken(room.minutes)), complete=base.complete)
    for job in longs:
        if late():
            return replace(found, complete=False)
        for filling, least in _beside(job, whole, shared, room, worth, late, base, lambda value: value > best):  # noqa: B023
            value, minutes = _most(job, filling, least, room, worth)
            if value > best:
                best = value
                found = Choice(
                    whole=tuple(given[one.id] for one in filling.taken(room.minutes - minutes)),
                    long=job,
                    long_minutes=minutes,
                    long_subjects=int(_subjects_in(job, np.array([minutes]))[0]),
                    complete=filling.complete,
                )
    return found


def fraction_bound(jobs: Sequence[Job], *, minutes: int, table: RiskTable) -> float:
    """More risk than any plan of so many minutes takes away: jobs by risk a minute, set-up left out, the last one in part."""
    rows = [(_risk(table, job, job.subjects), job.minutes_for(job.subjects)) for job in jobs]
    total, left = 0.0, minutes
    for weight, cost in sorted(rows, key=lambda row: -row[0] / row[1]):
        total += weight * min(1.0, left / cost)
        left -= min(left, cost)
    return total


@dataclass(frozen=True, kw_only=True)
class _Worth:
    """Risk in whole units; `kept_share` and `bound` outweigh all risk, in that order."""

    table: RiskTable
    scale: float

    kept_share = 2 * RESOLUTION
    bound = 4 * RESOLUTION

    def of(self, job: Job) -> int:
        """What the whole job is worth."""
        plain = max(1, round(self.scale * _risk(self.table, job, job.subjects)))
        return plain * (self.bound + 1) if is_bound(job) else plain

    def part(self, job: Job, subjects: Numbers) -> Numbers:
        """What so many subjects of the job are worth."""
        one, power = _risk(self.table, job, 1), self.table.diminishing
        taken = float(job.subjects) ** power - (job.subjects - subjects.astype(float)) ** power
        units: Numbers = np.rint(self.scale * one * taken).astype(np.int64)
        return units


def _risk(table: RiskTable, job: Job, subjects: int) -> float:
    return risk(table, severity=job.severity, area=job.area, subjects=subjects)


def _foremost(longs: list[Job]) -> list[Job]:
    """The long jobs to choose among: those that are due or planned, else those that were begun, else all; by id."""
    for kind in (lambda job: is_bound(job), lambda job: job.begun, lambda _: True):
        if found := [job for job in longs if kind(job)]:
            return sorted(found, key=lambda job: job.id)
    return []


def _reach(job: Job, room: Room) -> int:
    """The most minutes that the long job may take: its share at most, where it must find a quiet time."""
    if job.quiet and room.quiet is not None:
        return min(room.share, room.quiet, room.minutes, job.minutes)
    return min(room.minutes, job.minutes)


def _beside(
    job: Job,
    whole: list[Job],
    shared: Mapping[tuple[Any, ...], list[Job]],
    room: Room,
    worth: _Worth,
    late: Callable[[], bool],
    base: Filling[Job],
    better: Callable[[int], bool],
) -> Iterator[tuple[Filling[Job], int]]:
    """What fits beside the long job, and from how many minutes of it on: its set-up may serve others too.

    That is looked at only where it can be `better`: it saves at most the set-up's minutes, of the quiet ones as well, and those
    are no more than the long job keeps. So what fits without the long job is the most that can be hoped for.
    """
    reserved = _reach(job, room) if job.quiet and room.quiet is not None else 0
    narrower = replace(room, quiet=room.quiet - reserved) if room.quiet is not None and reserved else room
    plain = base if narrower is room else _filling(whole, narrower, worth, late)
    yield plain, 0
    setup = job.setup_minutes
    served = shared.get(_setup(job), ())
    if served and 0 < setup <= _reach(job, room) and better(_most(job, base, setup, room, worth, saved=setup)[0]):
        eased = {one.id: replace(one, once=max(0, one.setup_minutes - setup)) for one in served}
        yield _filling([eased.get(one.id, one) for one in whole], narrower, worth, late), setup


def _most(job: Job, filling: Filling[Job], least: int, room: Room, worth: _Worth, *, saved: int = 0) -> tuple[int, int]:
    """(worth, minutes of the long job) of the best split; of equal ones the one that leaves no minute idle.

    `saved` minutes, at most `least`, are given to what stands beside the long job.
    """
    minutes = np.arange(least, _reach(job, room) + 1)
    kept = worth.kept_share * (minutes >= min(room.share, _reach(job, room)))
    beside = filling.bests(room.minutes)[room.minutes - minutes + saved]
    totals = beside + worth.part(job, _subjects_in(job, minutes)) + kept
    place = len(totals) - 1 - int(np.argmax(totals[::-1]))
    return int(totals[place]), int(minutes[place])


def _subjects_in(job: Job, minutes: Numbers) -> Numbers:
    """How many subjects are done in so many minutes of the job, set-up first."""
    for_subjects = np.maximum(minutes - job.setup_minutes, 0)
    whole = for_subjects >= job.minutes_for(job.subjects)
    some = np.minimum(np.floor(for_subjects / job.each + 1e-9), job.subjects) if job.each else np.zeros(len(minutes))
    return np.where(whole, job.subjects, some).astype(np.int64)


def _setup(job: Job) -> tuple[Any, ...]:
    return (not job.quiet, job.setup)


def _by_setup(jobs: list[Job]) -> dict[tuple[Any, ...], list[Job]]:
    """The jobs that have something to set up, by what it is."""
    found: dict[tuple[Any, ...], list[Job]] = {}
    for job in jobs:
        if job.once:
            found.setdefault(_setup(job), []).append(job)
    return found


def _filling(jobs: list[Job], room: Room, worth: _Worth, late: Callable[[], bool]) -> Filling[Job]:
    entries = [
        Entry(
            of=job,
            setup=_setup(job),
            once=job.setup_minutes,
            minutes=job.minutes_for(job.subjects),
            worth=worth.of(job),
            quiet=job.quiet and room.quiet is not None,
            key=job.id,
        )
        for job in jobs
    ]
    return filled(entries, room=room.minutes, quiet_room=min(room.minutes, room.quiet or 0), late=late)
