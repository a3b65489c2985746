"""Types of weekly planning: jobs, people's hours, times outside class, and the planning rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil

from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.urgency import Danger


@dataclass(frozen=True, kw_only=True)
class PlanJob:
    """One action that closes all open findings of one control: one item to plan.

    `each` and `once` are minutes a subject and minutes to set up; jobs of one `setup` pay the largest `once` of those
    that are done, once. `who` is the role that does it, `assigned` the person that the team named. `quiet` must not
    disturb class. `begun` is a long job partly done in weeks before; the next flag marks a job that this week's plan
    already has. `danger` is set for an immediate danger, `pinned` where the team wants the job in this week.
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
    danger: Danger | None = None
    pinned: bool = False
    deferred_until: date | None = None

    @property
    def setup_minutes(self) -> int:
        """Minutes to set up, rounded up."""
        return ceil(round(self.once, 6))

    def compute_minutes(self, subjects: int) -> int:
        """Return the minutes for a number of subjects, rounded up, without set-up; at least one."""
        return max(1, ceil(round(self.each * subjects, 6)))

    @property
    def minutes(self) -> int:
        """Minutes for the entire job by itself, rounded up, set-up included."""
        return self.setup_minutes + self.compute_minutes(self.subjects)


@dataclass(frozen=True, kw_only=True)
class PersonCapacity:
    """One person's remaining minutes of the week, and those already spent on it.

    `role` is empty where hours are given for everybody together.
    """

    person: str
    role: str
    minutes: int
    spent: int = 0


@dataclass(frozen=True, kw_only=True)
class MaintenanceWindow:
    """A stretch of one day outside class, as minutes after midnight.

    `title` names a day without school.
    """

    day: date
    starts: int
    ends: int
    kind: str
    title: str = ""

    @property
    def minutes(self) -> int:
        """Length in minutes."""
        return self.ends - self.starts


BEFORE_SCHOOL, BETWEEN_CLASSES, AFTER_SCHOOL, NO_SCHOOL = "before", "between", "after", "no_school"


@dataclass(frozen=True, kw_only=True)
class EstimateLearning:
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

    def is_observed_on(self, day: date) -> bool:
        """Check whether it is observed on a day.

        A date on a Saturday is observed the day before, one on a Sunday the day after.
        """
        if not self.day:
            return (
                day.month == self.month
                and day.weekday() == self.weekday
                and self.nth in (_get_weekday_rank(day), _get_last_weekday_rank(day))
            )
        offsets = {4: (0, 1), 0: (0, -1)}.get(day.weekday(), (0,))
        observed_dates = [day + timedelta(days=offset) for offset in offsets]
        return any((observed.month, observed.day) == (self.month, self.day) for observed in observed_dates)


def _get_weekday_rank(day: date) -> int:
    return (day.day - 1) // 7 + 1


def _get_last_weekday_rank(day: date) -> int:
    return -1 if (day + timedelta(days=7)).month != day.month else 0


@dataclass(frozen=True, kw_only=True)
class PlanningRules:
    """The district's planning rules; minutes of a day are counted from midnight."""

    suggested_hours: float
    long_keeps: float
    day_starts: int
    day_ends: int
    quiet_before: int
    quiet_after: int
    learning: EstimateLearning
    due_days: Mapping[Severity, int] = field(default_factory=dict)
    holidays: tuple[Holiday, ...] = ()

    def is_holiday(self, day: date) -> bool:
        """Check whether nobody works on a day, whatever the calendar calls the weeks around it."""
        return any(holiday.is_observed_on(day) for holiday in self.holidays)
