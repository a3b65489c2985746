"""A school's bells from rows of evidence: types of day with their stretches, the usual week and special days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from homeroom.domain.schooldays import (
    SCHOOL,
    WEEKDAYS,
    BellCalendar,
    DayType,
    Stretch,
    format_clock_time,
    list_class_stretches,
    parse_clock_time,
)

UNKNOWN = "unknown bells"
"""The type of a school day whose bells are unknown; no bells define it, so that nobody visits then."""
CLASS_NAME = "Class"
"""The name of the one stretch of a day with only a first and a last bell."""
_NOT_LISTED = "closed"

Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True, kw_only=True)
class CalendarRows:
    """Rows of one school, or of the district's own calendar.

    `days` are (date, kind, title, first bell, last bell, type), `week` likewise with a weekday, `periods` (type,
    starts, ends, name); bells and times as HH:MM. `reach` is the first and last day with school that is ever listed.
    """

    days: Rows = ()
    week: Rows = ()
    periods: Rows = ()
    reach: tuple[date, date] | None = None


def build_bells(own: CalendarRows, shared: CalendarRows, *, first: date, last: date) -> BellCalendar:
    """Build the bells of a school between two days, from its own calendars and those of the whole district.

    A school without a week and days of its own has the district's. A day is of the type that the school's own calendar
    names; else closed, where the district's calendar closes it by name; else of its weekday's type. A closing by name
    gives way only to a day of the school's own calendar that is more than its usual weekday. Days between the first and
    the last listed day with school that no calendar lists are closed. A weekday without bells is of unknown type.
    """
    if not own.week and not own.days:
        own, shared = replace(shared, periods=own.periods or shared.periods), CalendarRows()
    builder = _BellBuilder(own)
    for day, kind, title, *bells in shared.days:
        if kind != SCHOOL and title and first <= day <= last:
            builder.add_day(day, kind, title, *bells)
    closings = frozenset(builder.special)
    usual = {row[0]: (row[2], row[5]) for row in _order(own.week)}
    for day, kind, title, *bells in _order(own.days):
        is_usual = title is None or (title, bells[2]) == usual.get(WEEKDAYS[day.weekday()])
        if first <= day <= last and not (day in closings and is_usual):
            builder.add_day(day, kind, title, *bells)
    reach = _span_reaches(own.reach, shared.reach)
    if reach:
        listed = {row[0] for row in own.days} | {row[0] for row in shared.days if row[1] == SCHOOL} | closings
        builder.close_days(max(first, reach[0]), min(last, reach[1]), but=listed)
    return BellCalendar(
        types=builder.types, week=builder.week, special=builder.special, titles=builder.titles, reach=reach
    )


class _BellBuilder:
    """Types of day by name, the usual week by weekday, and special days with their titles, as they are filled."""

    def __init__(self, rows: CalendarRows) -> None:
        self.types = _build_types(rows.periods)
        self._with_periods = frozenset(self.types)
        self.week: dict[int, str] = {}
        self.special: dict[date, str] = {}
        self.titles: dict[date, str] = {}
        self._add_week(rows.week)

    def add_day(self, day: date, kind: str, title: str | None, *bells: str | None) -> None:
        """Add a special day."""
        usual = self.types.get(self.week[day.weekday()])
        self.special[day] = self._add_type(kind, title, *bells, usual=usual)
        self.titles.pop(day, None)
        if title:
            self.titles[day] = title

    def close_days(self, first: date, last: date, *, but: Iterable[date]) -> None:
        """Close the days from `first` to `last` except those."""
        excepted = frozenset(but)
        for number in range(first.toordinal(), last.toordinal() + 1):
            if (day := date.fromordinal(number)) not in excepted:
                self.special[day] = self._add_closed_type("closed", None, None)

    def _add_week(self, rows: Rows) -> None:
        """Add the type of each weekday; of those that no row names the weekend is closed, and the rest unknown."""
        for weekday, kind, title, *bells in _order(rows):
            if weekday in WEEKDAYS:
                name = self._add_type(kind, title, *bells)
                self.week[WEEKDAYS.index(weekday)] = name
                if title and name in self.types and not self.types[name].title:
                    self.types[name] = replace(self.types[name], title=title)
        for number in set(range(7)) - set(self.week):
            self.week[number] = UNKNOWN if number < 5 else self._add_closed_type("closed", None, None)

    def _add_type(self, kind: str, title: str | None, *bells: str | None, usual: DayType | None = None) -> str:
        """Return the name of a day's type, added to the types if the bells have none of that name.

        `bells` are the first and the last one, and the school's own name of the type. A day without bells has those of
        the usual day; one whose type is named and has none is unknown.
        """
        first_bell, last_bell, name = bells
        if name and name in self._with_periods:
            return name
        if kind != SCHOOL:
            return self._add_closed_type(kind, title, name)
        first, last = parse_clock_time(first_bell), parse_clock_time(last_bell)
        classes = list_class_stretches(usual) if usual else ()
        # With a late start or an early release the other bell is the usual one.
        if usual and classes and not name and first is None and last is None:
            return usual.name
        if classes and not (first is None and last is None):
            first, last = classes[0].starts if first is None else first, classes[-1].ends if last is None else last
        if first is None or last is None or first >= last:
            return name or UNKNOWN
        span = f"{format_clock_time(first)} to {format_clock_time(last)}"
        stretches = (Stretch(starts=first, ends=last, name=CLASS_NAME),)
        if name and self.types.get(name, DayType(name=name, stretches=stretches)).stretches != stretches:
            name = f"{name}, {span}"  # the school has other bells on another day of this type
        return self._add(DayType(name=name or span, title=title or "", stretches=stretches))

    def _add_closed_type(self, kind: str, title: str | None, name: str | None) -> str:
        return self._add(DayType(name=name or f"no school: {title or kind}", title=title or ""))

    def _add(self, day_type: DayType) -> str:
        self.types.setdefault(day_type.name, day_type)
        return day_type.name


def _build_types(rows: Rows) -> dict[str, DayType]:
    stretches: dict[str, list[Stretch]] = {}
    for type_name, start, end, name in rows:
        starts, ends = parse_clock_time(start), parse_clock_time(end)
        if starts is not None and ends is not None and starts < ends:
            stretches.setdefault(type_name, []).append(Stretch(starts=starts, ends=ends, name=name or ""))
    return {
        name: DayType(name=name, stretches=tuple(sorted(parts, key=lambda stretch: stretch.starts)))
        for name, parts in stretches.items()
    }


def _order(rows: Rows) -> Rows:
    """Order rows of days or weekdays so that of those of several sources the one that counts is the last.

    A day with school counts before a day without, and one with a type of the bells before one with bells alone.
    """
    return sorted(rows, key=lambda row: (row[1] == SCHOOL, row[5] is not None, row[3] is not None, str(row)))


def _span_reaches(*reaches: tuple[date, date] | None) -> tuple[date, date] | None:
    days = [day for reach in reaches if reach for day in reach]
    return (min(days), max(days)) if days else None
