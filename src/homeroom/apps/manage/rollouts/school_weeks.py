"""One week of a school as its bells have it: stretches of each day, testing windows, and visits that are planned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from homeroom.apps.know.calendars.quiet_periods import QuietPeriod, list_school_periods
from homeroom.apps.manage.rollouts.models import RolloutVisit, TargetRoom
from homeroom.apps.manage.rollouts.records import NO_ENTRY, STOPPED
from homeroom.apps.platform.districts.bell_rows import load_school_bells
from homeroom.domain.platform.district import District
from homeroom.domain.schooldays import DEFAULT_NON_CLASS, BellCalendar, Stretch


@dataclass(frozen=True, kw_only=True)
class CalendarDay:
    """One day of a school: the name of its type, what it is called, and its stretches, each with whether it is class.

    `is_known` is false where it is unclear whether there is class. `visits` counts those that rollouts plan.
    """

    day: date
    type: str
    title: str
    is_known: bool
    stretches: Sequence[tuple[Stretch, bool]]
    periods: Sequence[QuietPeriod]
    visits: int

    @property
    def has_class(self) -> bool:
        """Return True if a stretch of it is class."""
        return any(is_class for _, is_class in self.stretches)


@dataclass(frozen=True, kw_only=True)
class SchoolWeek:
    """The week of a Monday at a school; `has_bells` is false where no class of it is known."""

    school: str
    monday: date
    has_bells: bool
    days: Sequence[CalendarDay]


def load_school_week(*, district: District, school: str, monday: date) -> SchoolWeek:
    """Return a school's days from Monday to Friday, and those of the weekend that have anything. Raise QueryTimeout."""
    last = monday + timedelta(days=6)
    bells = load_school_bells(district=district, schools=[school], first=monday, last=last)[school]
    periods = list_school_periods(district=district, schools=[school])[school]
    visits = _count_visits(district, school, monday, last)
    dates = [monday + timedelta(days=number) for number in range(7)]
    days = [_build_day(day, bells, [item for item in periods if item.covers(day)], visits[day]) for day in dates]
    shown = [item for item in days if item.day.weekday() < 5 or item.has_class or item.visits]
    return SchoolWeek(school=school, monday=monday, has_bells=bells is not None, days=shown)


def _build_day(day: date, bells: BellCalendar | None, periods: Sequence[QuietPeriod], visits: int) -> CalendarDay:
    day_type = bells.get_day_type(day) if bells else None
    stretches = day_type.stretches if day_type else ()
    title = bells.titles.get(day, "") if bells else ""
    return CalendarDay(
        day=day,
        type=(bells.get_type_name(day) or "") if bells and stretches else "",
        title=title or (day_type.title if day_type else ""),
        is_known=day_type is not None,
        stretches=[(stretch, DEFAULT_NON_CLASS.is_class(stretch.name)) for stretch in stretches],
        periods=periods,
        visits=visits,
    )


def _count_visits(district: District, school: str, first: date, last: date) -> Counter[date]:
    rooms = set(TargetRoom.objects.of(district).filter(school=school).values_list("rollout", "room"))
    visits = (
        RolloutVisit.objects.of(district)
        .filter(day__range=(first, last))
        .exclude(outcome=NO_ENTRY)
        .exclude(rollout__state=STOPPED)
    )
    return Counter(
        day for rollout, room, day in visits.values_list("rollout", "room", "day") if (rollout, room) in rooms
    )
