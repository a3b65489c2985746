"""Class time: types of school day, their stretches, and whether there is class at a minute, at a school or at any.

The one truth of bells: minutes after midnight and dates, without a clock and without a time zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

BETWEEN_WORDS = (
    "passing", "walk", "free", "lunch", "brunch", "break", "recess", "interval", "nutrition", "snack", "advisory lunch",
    "before school", "after school", "student arrival", "arrival", "dismissal", "staggered dismissal", "office hours",
    "counselor drop in", "student work time", "course information", "club", "transition", "travel",
)  # fmt: skip
"""Words that begin the name of a stretch that is not class, or that are all of it."""
_PERIOD_WORD = r"(?:period|per|pd|p|block|hour|periodo)\b\.?\s*|p"
_ROSTER_PERIOD = re.compile(rf"(?:{_PERIOD_WORD})?0*(\d+)\s*(?:\([^)]*\))?", re.IGNORECASE)
_BELL_PERIOD = re.compile(rf"(?:{_PERIOD_WORD})0*(\d+)(?!\w|\s*[-/&+]\s*\d)|0*(\d+)$", re.IGNORECASE)
MIDNIGHT = 24 * 60
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""The weekdays as files name them; Monday is the first."""
SCHOOL = "school"
"""The kind of a day with class; others are break, summer, staff and closed."""
EDGE_DAYS = 5
"""Days with class that are the first and the last week of a school year."""
SUMMER = timedelta(days=35)
"""Days without class by which two school years are apart; a winter break is shorter."""
LEAST_BREAK = 20
"""Minutes without class by which something that disturbs class may fit between two classes.

What begins in passing time of five minutes ends in class.
"""

Span = tuple[int, int]
"""A span of one day: its first minute, and the minute at which it ends."""


def merge_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the spans in order, those that touch or overlap as one."""
    merged: list[Span] = []
    for begins, ends in sorted(spans):
        if merged and begins <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], ends)
        else:
            merged.append((begins, ends))
    return tuple(merged)


def parse_clock_time(text: str | None) -> int | None:
    """Parse HH:MM to minutes after midnight; None for None and for a text that is no time."""
    hours, colon, minutes = (text or "").partition(":")
    if not (colon and hours.isdecimal() and minutes[:2].isdecimal()):
        return None
    return int(hours) * 60 + int(minutes[:2])


def format_american_time(minute: int) -> str:
    """Return a minute of the day as Americans write it, such as 7:55 AM or 12:05 PM."""
    hour, rest = divmod(minute % MIDNIGHT, 60)
    return f"{(hour - 1) % 12 + 1}:{rest:02} {'AM' if hour < 12 else 'PM'}"


def format_clock_time(minute: int) -> str:
    """Format minutes after midnight as HH:MM."""
    return f"{minute // 60:02}:{minute % 60:02}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """A stretch of a day from one line of the bells to the next, in minutes after midnight."""

    starts: int
    ends: int
    name: str


@dataclass(frozen=True, kw_only=True)
class DayType:
    """One type of day, such as a minimum day; without stretches it is a day without school."""

    name: str
    title: str = ""
    stretches: tuple[Stretch, ...] = ()


@dataclass(frozen=True)
class NonClassNames:
    """The names of stretches that are not class: those that begin with one of these words, in any case."""

    words: tuple[str, ...] = BETWEEN_WORDS
    _pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile the words; a word ends where a letter, digit or underscore does not follow."""
        choices = "|".join(re.escape(" ".join(word.split())) for word in self.words if word.strip())
        object.__setattr__(self, "_pattern", re.compile(rf"(?:{choices})(?!\w)" if choices else r"(?!)", re.IGNORECASE))

    def is_class(self, name: str) -> bool:
        """Return True if a stretch of this name is class."""
        return bool(name) and not self._pattern.match(name)


DEFAULT_NON_CLASS = NonClassNames()


def list_class_stretches(
    day_type: DayType, *, between: NonClassNames = DEFAULT_NON_CLASS, free: Iterable[str] = ()
) -> tuple[Stretch, ...]:
    """Return the stretches of a type of day that are class, without those whose name is in `free` (in any case)."""
    free_names = {name.casefold() for name in free}
    return tuple(
        stretch
        for stretch in day_type.stretches
        if between.is_class(stretch.name) and stretch.name.casefold() not in free_names
    )


def find_period_names(period: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of stretches that are a roster's period, of those given; none where it is unclear.

    A name is the period if it is the same in any case, or has the same number: `4`, `04` and `4(A)` of rosters are
    `Period 4` and `Period 4 Final` of the bells. A span such as `1-3` is no period.
    """
    distinct = tuple(dict.fromkeys(names))
    wanted = " ".join(period.casefold().split())
    if same := tuple(name for name in distinct if name.casefold() == wanted):
        return same
    number = _ROSTER_PERIOD.fullmatch(wanted)
    if number is None:
        return ()
    matches = ((name, _BELL_PERIOD.match(name)) for name in distinct)
    return tuple(name for name, match in matches if match and int(match[1] or match[2]) == int(number[1]))


def find_stretch(stretches: Iterable[Stretch], minute: int) -> Stretch | None:
    """Return the stretch that a minute lies in; the minute at which one ends belongs to the next."""
    return next((stretch for stretch in stretches if stretch.starts <= minute < stretch.ends), None)


@dataclass(frozen=True, kw_only=True)
class BellCalendar:
    """The bells of a school: types of day by name, the usual week by weekday (Monday is 0), and special days.

    The names of types in the week and of special days need not be among the types: such a day is of unknown type.
    `titles` are what special days are called; `reach` is the first and the last day with school that a calendar lists.
    """

    types: Mapping[str, DayType]
    week: Mapping[int, str]
    special: Mapping[date, str] = field(default_factory=dict)
    titles: Mapping[date, str] = field(default_factory=dict)
    reach: tuple[date, date] | None = None

    def get_type_name(self, day: date) -> str | None:
        """Return the name of the day's type: as a special day, else by its weekday; None if neither is listed."""
        return self.special.get(day) or self.week.get(day.weekday())

    def get_day_type(self, day: date) -> DayType | None:
        """Return the day's type; None if it is unknown."""
        return self.types.get(self.get_type_name(day) or "")

    def is_class(self, day: date, minute: int) -> bool | None:
        """Return whether the school has class at a minute of a day; None if the day's type is unknown."""
        day_type = self.get_day_type(day)
        return None if day_type is None else find_stretch(list_class_stretches(day_type), minute) is not None


def list_edge_days(bells: BellCalendar, *, count: int = EDGE_DAYS) -> tuple[date, ...]:
    """Return the first and the last days with class of each school year that a calendar lists, in order.

    There are none without a calendar: a usual week does not have the first day of a year.
    """
    if bells.reach is None:
        return ()
    numbers = range(bells.reach[0].toordinal(), bells.reach[1].toordinal() + 1)
    without_class = {name for name, day_type in bells.types.items() if not list_class_stretches(day_type)}
    years: list[list[date]] = []
    for day in map(date.fromordinal, numbers):
        if bells.get_type_name(day) in without_class:
            continue
        if years and day - years[-1][-1] <= SUMMER:
            years[-1].append(day)
        else:
            years.append([day])
    return tuple(sorted({day for year in years for day in (*year[:count], *year[-count:])}))


def find_class_spans(calendars: Iterable[BellCalendar], day: date) -> tuple[Span, ...] | None:
    """Return when any of the schools has class on a day, in order; None if the day's type is unknown at one."""
    day_types = [calendar.get_day_type(day) for calendar in calendars]
    if any(day_type is None for day_type in day_types):
        return None
    return merge_spans(
        (stretch.starts, stretch.ends)
        for day_type in day_types
        if day_type is not None
        for stretch in list_class_stretches(day_type)
    )


@dataclass(frozen=True, kw_only=True)
class SchoolDay:
    """One day of a school, or of all schools of a district together.

    Bells are minutes after midnight, None where the calendar names none. `class_spans` are the times at which any
    school has class; None where only the first and the last bell are certain, and all between them counts as class.
    """

    day: date
    kind: str
    title: str = ""
    first_bell: int | None = None
    last_bell: int | None = None
    class_spans: tuple[Span, ...] | None = None

    def is_class(self, minute: int) -> bool | None:
        """Return whether there is class anywhere at a minute; None if the bells that would decide it are unknown."""
        if self.kind != SCHOOL:
            return False
        if (self.first_bell is not None and minute < self.first_bell) or (
            self.last_bell is not None and minute >= self.last_bell
        ):
            return False
        if self.first_bell is None or self.last_bell is None:
            return None
        return self.class_spans is None or any(begins <= minute < ends for begins, ends in self.class_spans)

    def list_breaks(self, *, least: int = LEAST_BREAK) -> tuple[Span, ...]:
        """Return the times between two classes at which no school has class, those of `least` minutes or more.

        There are none where only the first and the last bell are certain.
        """
        spans = self.class_spans if self.kind == SCHOOL and self.class_spans else ()
        gaps = ((before[1], after[0]) for before, after in pairwise(spans))
        return tuple((begins, ends) for begins, ends in gaps if ends - begins >= least)


def fit_class_spans(spans: Iterable[Span], *, first_bell: int, last_bell: int) -> tuple[Span, ...]:
    """Return spans of class cut to two bells: class begins with the first one and ends with the last one."""
    inside = [(max(begins, first_bell), min(ends, last_bell)) for begins, ends in merge_spans(spans)]
    inside = [(begins, ends) for begins, ends in inside if begins < ends] or [(first_bell, last_bell)]
    inside[0] = first_bell, inside[0][1]
    inside[-1] = inside[-1][0], last_bell
    return tuple(inside)
