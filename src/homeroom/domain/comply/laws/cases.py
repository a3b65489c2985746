"""Cases that ask for the deadlines of duties, and their answers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from homeroom.domain.comply.laws.moments import CaseMoment

YES, NO, CANNOT_TELL = "yes", "no", "cannot tell"
APPLIES: Mapping[bool | None, str] = {True: YES, False: NO, None: CANNOT_TELL}


@dataclass(frozen=True, kw_only=True)
class SchoolDayList:
    """The school days of a district, in order, and the first and last day that its calendar reaches."""

    first_day: date
    last_day: date
    days: tuple[date, ...]

    def covers(self, day: date) -> bool:
        """Check whether the calendar reaches a day."""
        return self.first_day <= day <= self.last_day

    def list_days_after(self, day: date) -> Sequence[date]:
        """Return the school days after a day."""
        return self.days[bisect_right(self.days, day) :]


@dataclass(frozen=True, kw_only=True)
class ClockCase:
    """One case: the duty or law that it asks for, facts by name, moments, and the district's zone and school days.

    Facts of the incident have names such as `incident.data`. `today` is the day from which duties that come again are
    counted where no moment is known.
    """

    id: str
    duty: str
    today: date
    facts: Mapping[str, Any] = field(default_factory=dict)
    moments: Mapping[str, CaseMoment] = field(default_factory=dict)
    zone: ZoneInfo | None = None
    school_days: SchoolDayList | None = None

    @property
    def first_moment(self) -> CaseMoment | None:
        """The earliest moment that is known, or None."""
        return find_earliest(self.moments.values())


def find_earliest(moments: Any) -> CaseMoment | None:
    """Return the earliest of the moments; None if there are none."""
    return min(moments, key=_order_moment, default=None)


def _order_moment(moment: CaseMoment) -> tuple[float, date, str]:
    return (moment.at.timestamp() if moment.at else 0.0, moment.day, moment.name)


@dataclass(frozen=True, kw_only=True)
class DeadlineReading:
    """One reading of a deadline: how it counts, in words, and what it comes to.

    A deadline in hours has a time, `due_at`, and its local date; others end with their day whole. Where counting
    stopped, `due` is missing.
    """

    text: str
    due: date | None
    due_at: datetime | None = None
    extended_to: date | None = None


@dataclass(frozen=True, kw_only=True)
class ClockAnswer:
    """The answer for one duty of a case: whether it applies and why, by when, and what is still unknown.

    `zone` is the one in which times of the case are read.
    """

    id: str
    duty: str
    applies: str
    because: tuple[str, ...] = ()
    due: date | None = None
    due_at: datetime | None = None
    extended_to: date | None = None
    certain: bool = False
    readings: tuple[DeadlineReading, ...] = ()
    zone: ZoneInfo | None = None
    waits_for: tuple[str, ...] = ()
