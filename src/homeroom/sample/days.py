"""The invented school calendar: two school years, and how long something has been idle in each way of counting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Closed:
    """Days without school: `kind` is break, summer, staff or closed."""

    first: date
    last: date
    kind: str
    title: str


def _weekday_on_or_after(day: date, weekday: int) -> date:
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def _first_day(year: int) -> date:
    return _weekday_on_or_after(date(year, 8, 15), 0)


def _last_day(year: int) -> date:
    return _weekday_on_or_after(date(year, 5, 25), 4)


def _closed_days(year: int) -> list[Closed]:
    """What is closed in the school year that begins in August of `year`."""
    labor = _weekday_on_or_after(date(year, 9, 1), 0)
    training = _weekday_on_or_after(date(year, 10, 8), 0)
    thanks = _weekday_on_or_after(date(year, 11, 22), 3)
    winter = _weekday_on_or_after(date(year, 12, 20), 0)
    king = _weekday_on_or_after(date(year + 1, 1, 15), 0)
    presidents = _weekday_on_or_after(date(year + 1, 2, 15), 0)
    spring = _weekday_on_or_after(date(year + 1, 3, 14), 0)
    return [
        Closed(first=labor, last=labor, kind="closed", title="Labor Day"),
        Closed(first=training, last=training, kind="staff", title="Staff training"),
        Closed(first=thanks - _DAY, last=thanks + _DAY, kind="break", title="Thanksgiving"),
        Closed(first=winter, last=winter + 11 * _DAY, kind="break", title="Winter break"),
        Closed(first=king, last=king, kind="closed", title="Martin Luther King Jr. Day"),
        Closed(first=presidents, last=presidents, kind="closed", title="Presidents' Day"),
        Closed(first=spring, last=spring + 4 * _DAY, kind="break", title="Spring break"),
    ]


@dataclass(frozen=True)
class Calendar:
    """The school year of `today` and the year before it."""

    today: date

    @cached_property
    def year(self) -> int:
        """The year in whose August the school year of today began."""
        return self.today.year if self.today.month >= 8 else self.today.year - 1

    @cached_property
    def first_day(self) -> date:
        """The first day of school of the year before."""
        return _first_day(self.year - 1)

    @cached_property
    def last_day(self) -> date:
        """The last day covered: of school, or of the summer after it where today lies in that summer."""
        last = _last_day(self.year + 1)
        return last if self.today <= last else _first_day(self.year + 1) - _DAY

    @cached_property
    def closed(self) -> tuple[Closed, ...]:
        """Everything closed, in order; the summers between and after the years included."""
        summer = Closed(
            first=_last_day(self.year) + _DAY, last=_first_day(self.year) - _DAY, kind="summer", title="Summer"
        )
        after = Closed(first=_last_day(self.year + 1) + _DAY, last=self.last_day, kind="summer", title="Summer")
        tail = [after] if after.last >= after.first else []
        return (*_closed_days(self.year - 1), summer, *_closed_days(self.year), *tail)

    @cached_property
    def _kinds(self) -> dict[date, str]:
        """The kind of each day without school other than weekends."""
        days: dict[date, str] = {}
        for closed in self.closed:
            for number in range((closed.last - closed.first).days + 1):
                days[closed.first + number * _DAY] = closed.kind
        return days

    def is_school(self, day: date) -> bool:
        """Whether school is held on that day."""
        return self.first_day <= day <= self.last_day and day.weekday() < 5 and day not in self._kinds

    def is_summer(self, day: date) -> bool:
        """Whether the day lies in a summer."""
        return self._kinds.get(day) == "summer"

    @cached_property
    def _counts(self) -> dict[date, tuple[int, int]]:
        """For each day back to the first: school days after it and before today, and days after it outside summer."""
        counts: dict[date, tuple[int, int]] = {}
        school = term = 0
        day = self.today
        while day >= self.first_day:
            counts[day] = (school, term)
            school += self.is_school(day) and day < self.today
            term += not self.is_summer(day)
            day -= _DAY
        return counts

    def school_days(self, day: date) -> int:
        """School days after `day` and before today."""
        return self._counts[day][0]

    def school_days_with_today(self, day: date) -> int:
        """School days after `day`, today included."""
        return self._counts[day][0] + self.is_school(self.today)

    def term_days(self, day: date) -> int:
        """Days after `day`, today included, that lie outside summer."""
        return self._counts[day][1]

    @cached_property
    def past(self) -> tuple[date, ...]:
        """The days before today, newest first, on which people are at work: school days of the calendar."""
        return tuple(day for day in self._counts if day < self.today and self.is_school(day))

    @cached_property
    def recent(self) -> tuple[date, ...]:
        """The last nine school days: whoever was here then is not idle by any way of counting."""
        return self.past[:9]

    @cached_property
    def long_ago(self) -> tuple[date, ...]:
        """Ten days that are idle by every way of counting: over 100 days outside summer, and over 60 school days."""
        far = [day for day in self.past if self.term_days(day) > 100 and self.school_days(day) > 60]
        return tuple(far[:10])

    @cached_property
    def pupil_idle(self) -> tuple[date, ...]:
        """45 to 60 school days ago, the nearest first."""
        return tuple(day for day in self.past if 45 <= self.school_days(day) <= 60)

    @cached_property
    def pupil_not_idle(self) -> date:
        """The day nearest to the limit of 45 school days on its innocent side, today counted."""
        return next(day for day in self.past if self.school_days_with_today(day) >= 44)

    @cached_property
    def staff_idle(self) -> tuple[date, ...]:
        """91 to 140 days ago outside summer, the nearest first."""
        return tuple(day for day in self._counts if 91 <= self.term_days(day) <= 140 and not self.is_summer(day))

    @cached_property
    def staff_not_idle(self) -> tuple[date, ...]:
        """Exactly 90 days ago outside summer, and where a summer lies between, a day over 90 days ago by plain count."""
        at_limit = [day for day in self._counts if self.term_days(day) == 90 and not self.is_summer(day)]
        over_summer = [day for day in self.past if (self.today - day).days > 90 and self.term_days(day) < 90]
        return (*at_limit[:1], *over_summer[:1])

    @cached_property
    def device_silent(self) -> tuple[date, ...]:
        """15 to 60 school days ago, the nearest first."""
        return tuple(day for day in self.past if 15 <= self.school_days(day) <= 60)

    @cached_property
    def device_not_silent(self) -> date:
        """The day nearest to the limit of 15 school days on its innocent side, today counted."""
        return next(day for day in self.past if self.school_days_with_today(day) >= 14)

    @cached_property
    def device_over_break(self) -> tuple[date, ...]:
        """Days over 30 days ago and yet under 15 school days ago; empty where no break lies between."""
        return tuple(
            day for day in self.past if (self.today - day).days > 30 and self.school_days_with_today(day) <= 14
        )

    @cached_property
    def break_between(self) -> str:
        """The break that makes an idle spell look longer than it is: winter-break, spring-break, summer-break, or empty."""
        since = min(self.pupil_not_idle, *(self.device_over_break or (self.today,)))
        kinds = {"Winter break": "winter-break", "Spring break": "spring-break", "Summer": "summer-break"}
        between = [
            kinds[closed.title] for closed in self.closed if closed.title in kinds and since < closed.first < self.today
        ]
        return between[0] if between else ""


def today_of(seed: int) -> date:
    """The day on which the sample is taken: right after winter break, in October, in February or in April, by seed."""
    step = seed // 4 % 3
    first = {1: date(2026, 1, 5), 2: date(2025, 10, 20), 3: date(2026, 2, 9), 0: date(2026, 4, 13)}[seed % 4]
    return first + timedelta(days=1 + step)
