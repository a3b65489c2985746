"""The invented school calendar: two school years, and dates that are idle or not by each way of counting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class ClosedDays:
    """Days without school: `kind` is break, summer, staff or closed."""

    first: date
    last: date
    kind: str
    title: str


def _find_weekday_on_or_after(day: date, weekday: int) -> date:
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def _compute_first_day(year: int) -> date:
    return _find_weekday_on_or_after(date(year, 8, 15), 0)


def _compute_last_day(year: int) -> date:
    return _find_weekday_on_or_after(date(year, 5, 25), 4)


def _list_closed_days(year: int) -> list[ClosedDays]:
    """List what is closed in the school year that begins in August of `year`."""
    labor = _find_weekday_on_or_after(date(year, 9, 1), 0)
    training = _find_weekday_on_or_after(date(year, 10, 8), 0)
    thanks = _find_weekday_on_or_after(date(year, 11, 22), 3)
    winter = _find_weekday_on_or_after(date(year, 12, 20), 0)
    king = _find_weekday_on_or_after(date(year + 1, 1, 15), 0)
    presidents = _find_weekday_on_or_after(date(year + 1, 2, 15), 0)
    spring = _find_weekday_on_or_after(date(year + 1, 3, 14), 0)
    return [
        ClosedDays(first=labor, last=labor, kind="closed", title="Labor Day"),
        ClosedDays(first=training, last=training, kind="staff", title="Staff training"),
        ClosedDays(first=thanks - _DAY, last=thanks + _DAY, kind="break", title="Thanksgiving"),
        ClosedDays(first=winter, last=winter + 11 * _DAY, kind="break", title="Winter break"),
        ClosedDays(first=king, last=king, kind="closed", title="Martin Luther King Jr. Day"),
        ClosedDays(first=presidents, last=presidents, kind="closed", title="Presidents' Day"),
        ClosedDays(first=spring, last=spring + 4 * _DAY, kind="break", title="Spring break"),
    ]


@dataclass(frozen=True)
class SampleCalendar:
    """The school year of `today` and the year before it."""

    today: date

    @cached_property
    def year(self) -> int:
        """Calendar year in whose August the current school year began."""
        return self.today.year if self.today.month >= 8 else self.today.year - 1

    @cached_property
    def first_day(self) -> date:
        """First day of school of the year before."""
        return _compute_first_day(self.year - 1)

    @cached_property
    def last_day(self) -> date:
        """Last day of school, or of the summer after it if today is in that summer."""
        last = _compute_last_day(self.year + 1)
        return last if self.today <= last else _compute_first_day(self.year + 1) - _DAY

    @cached_property
    def closed(self) -> tuple[ClosedDays, ...]:
        """Closed days, in order, including the summers between and after the years."""
        summer = ClosedDays(
            first=_compute_last_day(self.year) + _DAY,
            last=_compute_first_day(self.year) - _DAY,
            kind="summer",
            title="Summer",
        )
        after = ClosedDays(
            first=_compute_last_day(self.year + 1) + _DAY, last=self.last_day, kind="summer", title="Summer"
        )
        tail = [after] if after.last >= after.first else []
        return (*_list_closed_days(self.year - 1), summer, *_list_closed_days(self.year), *tail)

    @cached_property
    def _kinds(self) -> dict[date, str]:
        """Kind of each day without school other than weekends."""
        days: dict[date, str] = {}
        for closed in self.closed:
            for number in range((closed.last - closed.first).days + 1):
                days[closed.first + number * _DAY] = closed.kind
        return days

    def is_school_day(self, day: date) -> bool:
        """Return whether the day is a school day."""
        return self.first_day <= day <= self.last_day and day.weekday() < 5 and day not in self._kinds

    def is_summer(self, day: date) -> bool:
        """Return whether the day is in a summer."""
        return self._kinds.get(day) == "summer"

    @cached_property
    def _counts(self) -> dict[date, tuple[int, int]]:
        """For each day back to the first: school days after it and before today, and days after it outside summer."""
        counts: dict[date, tuple[int, int]] = {}
        school = term = 0
        day = self.today
        while day >= self.first_day:
            counts[day] = (school, term)
            school += self.is_school_day(day) and day < self.today
            term += not self.is_summer(day)
            day -= _DAY
        return counts

    def count_school_days(self, day: date) -> int:
        """Count the school days after `day` and before today."""
        return self._counts[day][0]

    def count_school_days_with_today(self, day: date) -> int:
        """Count the school days after `day`, today included."""
        return self._counts[day][0] + self.is_school_day(self.today)

    def count_term_days(self, day: date) -> int:
        """Count the days after `day`, today included, that are outside summer."""
        return self._counts[day][1]

    @cached_property
    def past(self) -> tuple[date, ...]:
        """School days before today, newest first."""
        return tuple(day for day in self._counts if day < self.today and self.is_school_day(day))

    @cached_property
    def recent(self) -> tuple[date, ...]:
        """Last nine school days: whoever was active then is not idle by any way of counting."""
        return self.past[:9]

    @cached_property
    def long_ago(self) -> tuple[date, ...]:
        """Ten days that are idle by every way of counting.

        They are over 100 days outside summer, and over 60 school days ago.
        """
        far = [day for day in self.past if self.count_term_days(day) > 100 and self.count_school_days(day) > 60]
        return tuple(far[:10])

    @cached_property
    def student_idle(self) -> tuple[date, ...]:
        """School days 45 to 60 school days ago, the nearest first."""
        return tuple(day for day in self.past if 45 <= self.count_school_days(day) <= 60)

    @cached_property
    def student_not_idle(self) -> date:
        """Nearest day on the innocent side of the limit of 45 school days, today counted."""
        return next(day for day in self.past if self.count_school_days_with_today(day) >= 44)

    @cached_property
    def staff_idle(self) -> tuple[date, ...]:
        """Days 91 to 140 days ago outside summer, the nearest first."""
        return tuple(day for day in self._counts if 91 <= self.count_term_days(day) <= 140 and not self.is_summer(day))

    @cached_property
    def staff_not_idle(self) -> tuple[date, ...]:
        """Day exactly 90 days ago outside summer.

        If a summer is in between, also a day over 90 days ago by plain count.
        """
        at_limit = [day for day in self._counts if self.count_term_days(day) == 90 and not self.is_summer(day)]
        over_summer = [day for day in self.past if (self.today - day).days > 90 and self.count_term_days(day) < 90]
        return (*at_limit[:1], *over_summer[:1])

    @cached_property
    def device_silent(self) -> tuple[date, ...]:
        """School days 15 to 60 school days ago, the nearest first."""
        return tuple(day for day in self.past if 15 <= self.count_school_days(day) <= 60)

    @cached_property
    def device_not_silent(self) -> date:
        """Nearest day on the innocent side of the limit of 15 school days, today counted."""
        return next(day for day in self.past if self.count_school_days_with_today(day) >= 14)

    @cached_property
    def device_over_break(self) -> tuple[date, ...]:
        """Days over 30 days ago and yet under 15 school days ago; empty without a break in between."""
        return tuple(
            day for day in self.past if (self.today - day).days > 30 and self.count_school_days_with_today(day) <= 14
        )

    @cached_property
    def break_between(self) -> str:
        """Break that makes an idle spell look longer than it is.

        One of winter-break, spring-break, summer-break, or empty.
        """
        since = min(self.student_not_idle, *(self.device_over_break or (self.today,)))
        kinds = {"Winter break": "winter-break", "Spring break": "spring-break", "Summer": "summer-break"}
        between = [
            kinds[closed.title] for closed in self.closed if closed.title in kinds and since < closed.first < self.today
        ]
        return between[0] if between else ""


def choose_today(seed: int) -> date:
    """Choose the day of the sample by seed: after winter break, in October, in February or in April."""
    step = seed // 4 % 3
    first = {1: date(2026, 1, 5), 2: date(2025, 10, 20), 3: date(2026, 2, 9), 0: date(2026, 4, 13)}[seed % 4]
    return first + timedelta(days=1 + step)
