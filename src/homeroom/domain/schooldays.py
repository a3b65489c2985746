"""Class time: types of school day, their stretches, and whether there is class at a minute.

The one truth of bells: minutes after midnight and dates, without a clock and without a time zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

BETWEEN_WORDS = (
    "passing", "walk", "free", "lunch", "brunch", "break", "recess", "interval", "nutrition", "snack", "advisory lunch",
    "before school", "after school", "student arrival", "arrival", "dismissal", "staggered dismissal", "office hours",
    "counselor drop in", "student work time", "course information", "club", "transition", "travel",
)  # fmt: skip
"""Words that begin the name of a stretch that is not class, or that are all of it."""
MIDNIGHT = 24 * 60


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


def find_stretch(stretches: Iterable[Stretch], minute: int) -> Stretch | None:
    """Return the stretch that a minute lies in; the minute at which one ends belongs to the next."""
    return next((stretch for stretch in stretches if stretch.starts <= minute < stretch.ends), None)


@dataclass(frozen=True, kw_only=True)
class BellCalendar:
    """The bells of a school: types of day by name, the usual week by weekday (Monday is 0), and special days.

    The names of types in the week and of special days need not be among the types: such a day is of unknown type.
    """

    types: Mapping[str, DayType]
    week: Mapping[int, str]
    special: Mapping[date, str] = field(default_factory=dict)

    def get_type_name(self, day: date) -> str | None:
        """Return the name of the day's type: as a special day, else by its weekday; None if neither is listed."""
        return self.special.get(day) or self.week.get(day.weekday())

    def get_day_type(self, day: date) -> DayType | None:
        """Return the day's type; None if it is unknown."""
        return self.types.get(self.get_type_name(day) or "")
