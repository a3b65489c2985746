"""Parse single values of a rollout spec: days, times of day, numbers, names; what is wrong is raised with what fits."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from homeroom.domain.schooldays import WEEKDAYS, Span, merge_spans

MAX_DAYS = 1_200
"""The most days that are planned: a bit more than three school years."""
_LONGEST_RANGE = 36_525
"""The longest range of days in a list, such as the days of somebody who left: a hundred years."""
_LARGEST_NAME = 10**18
"""A number from which on an id is written in quotes."""
_FIRST_YEAR, _LAST_YEAR = 1900, 2500
_TIME = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_SHORTENED = reprlib.Repr()
_SHORTENED.maxlevel, _SHORTENED.maxstring, _SHORTENED.maxother = 3, 60, 60
_TIME_FITS = '"07:30", a time of 24 hours in quotes'
_DAY_FITS = "2025-11-11"
_DAYS_FITS = '"2025-11-11" or "2025-11-24..2025-11-28"'


class UnfitValue(ValueError):
    """Raised for a value that does not fit: the reason, and what would fit."""

    def __init__(self, reason: str, *, fits: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fits = fits


def parse_name(value: Any) -> str:
    """Parse an id, or a name: text that is not empty, or a whole number that YAML made of one."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST_NAME:
        return str(value)
    if not isinstance(value, str) or not value.strip():
        raise UnfitValue("is no name", fits="text, such as s01")
    return value.strip()


def parse_text(value: Any) -> str:
    """Parse a text, which may be empty."""
    if not isinstance(value, str):
        raise UnfitValue("is no text", fits="text in quotes")
    return value


def parse_zone(value: Any) -> ZoneInfo:
    """Parse the name of a time zone."""
    try:
        if isinstance(value, str) and value:
            return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    raise UnfitValue("is no time zone", fits="a name of the IANA database, such as America/Los_Angeles")


def parse_day(value: Any) -> date:
    """Parse a day, which YAML may have read as a date already."""
    day = value if isinstance(value, date) and not isinstance(value, datetime) else _parse_date(value)
    if day is None:
        raise UnfitValue("is no day", fits=_DAY_FITS)
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise UnfitValue("is in no year of a school", fits=_DAY_FITS)
    return day


def _parse_date(value: Any) -> date | None:
    try:
        if isinstance(value, str) and _DATE.fullmatch(value.strip()):
            return date.fromisoformat(value.strip())
    except ValueError:
        pass
    return None


def parse_days(value: Any) -> frozenset[date]:
    """Parse a list of days and ranges of days."""
    if not isinstance(value, list):
        raise UnfitValue("is no list of days", fits=f"a list of {_DAYS_FITS}")
    return frozenset(day for item in value for day in _parse_range(item))


def _parse_range(value: Any) -> list[date]:
    if not isinstance(value, str) or ".." not in value:
        try:
            return [parse_day(value)]
        except UnfitValue as error:
            raise UnfitValue(f"{format_value(value)} {error.reason}", fits=_DAYS_FITS) from None
    start, end = value.split("..", 1)
    try:
        first, last = parse_day(start), parse_day(end)
    except UnfitValue:
        raise UnfitValue(f"{format_value(value)} is no range of days", fits=_DAYS_FITS) from None
    if last < first:
        raise UnfitValue(f"{format_value(value)} ends before it begins", fits=_DAYS_FITS)
    if (last - first).days > _LONGEST_RANGE:
        raise UnfitValue(f"{format_value(value)} is longer than {_LONGEST_RANGE:,} days", fits=_DAYS_FITS)
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def parse_time(value: Any) -> int:
    """Parse a time of day to minutes after midnight, "24:00" included."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        read = f": YAML reads {value // 60}:{value % 60:02} without quotes as one" if _is_minute(value) else ""
        raise UnfitValue(f"is a number{read}", fits=_TIME_FITS)
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    minute = int(match[1]) * 60 + int(match[2]) if match else -1
    if not 0 <= minute <= 24 * 60:
        raise UnfitValue("is no time of a day", fits=_TIME_FITS)
    return minute


def _is_minute(value: float) -> bool:
    return isinstance(value, int) and 0 <= value <= 24 * 60


def parse_hours(value: Any) -> tuple[Span, ...]:
    """Parse the hours of a weekday: a pair of times, or a list of pairs."""
    fits = '["07:30", "15:30"]'
    if not isinstance(value, list) or not value:
        raise UnfitValue("is no pair of times", fits=fits)
    pairs = value if all(isinstance(item, list) for item in value) else [value]
    spans = []
    for pair in pairs:
        if len(pair) != 2:
            raise UnfitValue("is no pair of times", fits=fits)
        begins, ends = parse_time(pair[0]), parse_time(pair[1])
        if ends < begins:
            raise UnfitValue("ends before it begins", fits=fits)
        if begins < ends:
            spans.append((begins, ends))
    return merge_spans(tuple(spans))


def parse_works(value: Any) -> dict[int, tuple[Span, ...]]:
    """Parse a person's hours by weekday; Monday is 0."""
    if not isinstance(value, dict):
        raise UnfitValue("is no mapping of weekdays", fits='{mon: ["07:30", "15:30"]}')
    hours = {}
    for weekday, times in value.items():
        if weekday not in WEEKDAYS:
            raise UnfitValue(f"{format_value(weekday)} is no weekday", fits=", ".join(WEEKDAYS))
        try:
            hours[WEEKDAYS.index(weekday)] = parse_hours(times)
        except UnfitValue as error:
            raise UnfitValue(f"{weekday} {format_value(times)} {error.reason}", fits=error.fits) from None
    return hours


def parse_words(value: Any) -> tuple[str, ...]:
    """Parse a list of words."""
    if not isinstance(value, list) or not all(_is_word(item) for item in value):
        raise UnfitValue("is no list of words", fits="[passing, lunch]")
    return tuple(str(item) for item in value)


def _is_word(value: Any) -> bool:
    if isinstance(value, int):
        return not isinstance(value, bool) and abs(value) < _LARGEST_NAME
    return isinstance(value, str) and bool(value.strip())


def build_number_parser(minimum: int, maximum: int) -> Callable[[Any], int]:
    """Build the parser of a whole number in a range."""

    def parse(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not minimum <= value <= maximum:
            raise UnfitValue("is no number that fits", fits=f"a whole number from {minimum:,} to {maximum:,}")
        return value

    return parse


def build_choice_parser(*choices: str) -> Callable[[Any], str]:
    """Build the parser of one of several words."""

    def parse(value: Any) -> str:
        if value not in choices:
            raise UnfitValue("is none of the choices", fits=" or ".join(choices))
        return str(value)

    return parse


def format_value(value: Any) -> str:
    """Return a value as it goes into a message, shortened.

    A value of anchors that repeat each other is never written out: nine lines can hold more than the memory.
    """
    text = value if isinstance(value, str) else _write_shortened(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _write_shortened(value: Any) -> str:
    try:
        return _SHORTENED.repr(value)
    except ValueError:  # Python writes no number of more than 4,300 digits
        return "a number of many digits"
