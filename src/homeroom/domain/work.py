"""What a team's week is made of: jobs, the people who give hours, quiet times, and the rules that planning follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil

from homeroom.domain.states import Severity


@dataclass(frozen=True, kw_only=True)
class Job:
    """One action that closes what is open under one control, in however many findings: one thing to plan.

    `each` and `once` are minutes a subject and minutes to set up; jobs of one `setup` pay the largest `once` of those that
    are done, once. `who` is the role that does it, `assigned` the person whom the team named. `quiet` must not disturb
    class. `begun` is a long job of which a part was done in weeks before, `kept` stands in this week's plan already.
    """

    id: str
    severity: Severity
    area: str
    subjects: int
    each: float
    once: float
    setup: str
    who: str = ""
    assigned: str = ""
    due_on: date | None = None
    quiet: bool = False
    begun: bool = False
    kept: bool = False
    deferred_until: date | None = None

    @property
    def setup_minutes(self) -> int:
        """Whole minutes to set up."""
        return ceil(round(self.once, 6))

    def minutes_for(self, subjects: int) -> int:
        """Whole minutes for so many subjects, set-up left out; at least one."""
        return max(1, ceil(round(self.each * subjects, 6)))

    @property
    def minutes(self) -> int:
        """Whole minutes for the whole job by itself, set-up included."""
        return self.setup_minutes + self.minutes_for(self.subjects)


@dataclass(frozen=True, kw_only=True)
class Seat:
    """One person's minutes that are left of the week, and those that were spent on it.

    `role` is empty where hours are given for everybody together.
    """

    person: str
    role: str
    minutes: int
    spent: int = 0


@dataclass(frozen=True, kw_only=True)
class Window:
    """A stretch of one day outside class, as minutes after midnight. `title` is what a day without school is called."""

    day: date
    starts: int
    ends: int
    kind: str
    title: str = ""

    @property
    def minutes(self) -> int:
        """How long it is."""
        return self.ends - self.starts


BEFORE, AFTER, NO_SCHOOL = "before", "after", "no_school"


@dataclass(frozen=True, kw_only=True)
class Learning:
    """How far recorded minutes move an estimate: as if `prior_weight` jobs had taken exactly what was estimated."""

    prior_weight: float
    least: float
    most: float


@dataclass(frozen=True, kw_only=True)
class Holiday:
    """A day that comes every year: the `day` of a month, or its `nth` weekday (Monday is 0; the last one is -1)."""

    month: int
    day: int = 0
    weekday: int = 0
    nth: int = 0

    def kept_on(self, day: date) -> bool:
        """Whether it is kept on that day: a date on a Saturday is kept the day before, one on a Sunday the day after."""
        if not self.day:
            return day.month == self.month and day.weekday() == self.weekday and self.nth in (_nth(day), _last(day))
        moved = {4: (0, 1), 0: (0, -1)}.get(day.weekday(), (0,))
        dates = [day + timedelta(days=away) for away in moved]
        return any((one.month, one.day) == (self.month, self.day) for one in dates)


def _nth(day: date) -> int:
    return (day.day - 1) // 7 + 1


def _last(day: date) -> int:
    return -1 if (day + timedelta(days=7)).month != day.month else 0


@dataclass(frozen=True, kw_only=True)
class PlanningRules:
    """The district's rules of planning; minutes of a day are counted from midnight."""

    suggested_hours: float
    long_keeps: float
    day_starts: int
    day_ends: int
    quiet_before: int
    quiet_after: int
    learning: Learning
    due_days: Mapping[Severity, int] = field(default_factory=dict)
    holidays: tuple[Holiday, ...] = ()

    def is_holiday(self, day: date) -> bool:
        """Whether nobody works on that day, whatever the calendar calls the weeks around it."""
        return any(one.kept_on(day) for one in self.holidays)
