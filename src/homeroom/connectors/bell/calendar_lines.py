"""Parse the lines of calendar.bell: the usual week, and special days and ranges of days with their types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from homeroom.domain.schooldays import WEEKDAYS
from homeroom.ingest.contract.errors import build_refusal

_SECTION = re.compile(r"\*\s*(default week|special days)\s*(?:#.*)?", re.IGNORECASE)
_LINE = re.compile(r"(\S+)\s+([^\s#]+)\s*#?\s*(.*)")
_RANGE_DASH = re.compile(r"(?<=\d)\s*[-–]\s*(?=\d)")
_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_NAMES = re.compile(r"(mon|tue|wed|thu|fri|sat|sun)(?:day|sday|nesday|rsday|urday)?", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class WeekdayLine:
    """The line of a weekday: the name of the type of day, and a title."""

    line: int
    type: str
    title: str


@dataclass(frozen=True, kw_only=True)
class SpecialDayLine:
    """The line of the days from `first` to `last`."""

    line: int
    first: date
    last: date
    type: str
    title: str

    def list_days(self) -> list[date]:
        """Return each of the days."""
        return [self.first + timedelta(days=offset) for offset in range((self.last - self.first).days + 1)]


@dataclass(frozen=True, kw_only=True)
class CalendarLines:
    """The lines of a calendar: by weekday (Monday is 0), and the special days in their order; later lines apply."""

    week: Mapping[int, WeekdayLine]
    special: tuple[SpecialDayLine, ...]


def parse_calendar_lines(text: str) -> CalendarLines:
    """Parse both sections. Raise FileRefused with the line that does not parse, or the weekdays that are missing."""
    week: dict[int, WeekdayLine] = {}
    special: list[SpecialDayLine] = []
    section = ""
    for number, line in enumerate(text.split("\n"), start=1):
        words = line.strip()
        if heading := _SECTION.fullmatch(words):
            section = heading[1].lower()
        elif words and not words.startswith("#"):
            day_text, name, title = _split_line(words, section, number)
            if section == "default week":
                week[_parse_weekday(day_text, number)] = WeekdayLine(line=number, type=name, title=title)
            else:
                first, last = _parse_day_range(day_text, number)
                special.append(SpecialDayLine(line=number, first=first, last=last, type=name, title=title))
    if missing := [name for weekday, name in enumerate(WEEKDAYS[:5]) if weekday not in week]:
        reason = f"the week lacks {', '.join(missing)}"
        raise build_refusal("", reason, field="Default Week", fits="seven days, Sun to Sat")
    return CalendarLines(week=week, special=tuple(special))


def _split_line(words: str, section: str, number: int) -> tuple[str, str, str]:
    """Split a line into a day or weekday, the name of its type, and its title."""
    if words.startswith("*"):
        reason = "a heading of neither days nor weekdays"
        raise build_refusal("", reason, line=number, fits="* Default Week or * Special Days")
    if not section:
        raise build_refusal("", "a line before the first heading", line=number, fits="* Default Week")
    match = _LINE.fullmatch(_RANGE_DASH.sub("-", words))
    if match is None:
        raise build_refusal("", "is no day with its type", line=number, fits="11/11/2026 holiday # Veterans Day")
    return match[1], match[2], match[3]


def _parse_weekday(weekday_text: str, number: int) -> int:
    match = _NAMES.fullmatch(weekday_text)
    if match is None:
        raise build_refusal("", "is no weekday", line=number, fits=", ".join(WEEKDAYS))
    return WEEKDAYS.index(match[1].lower())


def _parse_day_range(range_text: str, number: int) -> tuple[date, date]:
    start, dash, end = range_text.partition("-")
    first = _parse_day(start, number)
    last = _parse_day(end, number) if dash else first
    if not first <= last or (last - first).days > 366:
        raise build_refusal("", "ends before it begins, or more than a year later", line=number, fits="first-last")
    return first, last


def _parse_day(text: str, line: int) -> date:
    match = _DAY.fullmatch(text)
    try:
        if match:
            return date(int(match[3]), int(match[1]), int(match[2]))
    except ValueError:
        pass
    raise build_refusal("", "is no day", line=line, fits="month/day/year, such as 11/11/2026")
