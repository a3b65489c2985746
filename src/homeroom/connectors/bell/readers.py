"""Read a school's bell calendar into its usual week, its days and their bells.

calendar.bell names a type of day for each weekday, and for special days and ranges of days:

    * Default Week
    Mon normal
    * Special Days
    11/11/2016 holiday # Veteran's Day
    12/19/2016-01/02/2017 holiday # Holiday Recess

The week becomes rows of bell_weeks. Days of the calendar are those from the first special day to the last one, each by
its own line, or else by the week. The file does not state when the years before and after begin and end, so they get no
days; a calendar without special days has a week and no days. A later line about a day, or a weekday, replaces an
earlier one.

A special day whose type schedules.bell does not have is omitted and reported as a reject; all other days are read. Of
50 schools' folders as they are published 45 are read. Of the others four hold, in place of calendar.bell or
schedules.bell, a link that was saved as text, and one has a time that is earlier than the one before it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from homeroom.connectors.bell.schedules import FILE, DayType, parse_day_types
from homeroom.ingest.contract.connector import REJECT_SCHEMA, Reading
from homeroom.ingest.contract.errors import FileRefused, build_refusal

META = "meta.json"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SUMMER_DAYS = 28
_LONGEST = 4000  # days: eleven school years
_SECTION = re.compile(r"\*\s*(default week|special days)\s*(?:#.*)?", re.IGNORECASE)
_LINE = re.compile(r"(\S+)\s+([^\s#]+)\s*#?\s*(.*)")
_RANGE_DASH = re.compile(r"(?<=\d)\s*[-–]\s*(?=\d)")
_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_KINDS = (
    # The kind of a day without classes by words of its name; the first that matches.
    ("summer", re.compile(r"\bsummer\b", re.IGNORECASE)),
    ("staff", re.compile(r"teacher|staff|professional|work ?day|non-duty|in-?service|\bpd\b", re.IGNORECASE)),
    ("break", re.compile(r"break|recess|vacation|intersession", re.IGNORECASE)),
)
_NAMES = re.compile(r"(mon|tue|wed|thu|fri|sat|sun)(?:day|sday|nesday|rsday|urday)?", re.IGNORECASE)
_SCHEMA = {
    "date": pl.Date,
    "org_key": pl.String,
    "kind": pl.String,
    "title": pl.String,
    "first_bell": pl.String,
    "last_bell": pl.String,
    "_line": pl.Int64,
}
_WEEK_SCHEMA = {("weekday" if name == "date" else name): pl.String for name in _SCHEMA} | {"_line": pl.Int64}


@dataclass(frozen=True, kw_only=True)
class _DayEntry:
    """The entry that one line makes for a day."""

    line: int
    type: DayType
    title: str
    long: bool = False


def read_days(texts: Mapping[str, str]) -> Reading:
    """Read the usual week and every day of the calendar, at the school of meta.json.

    Unknown types of day are rejected. Raise FileRefused with the line and what would fit.
    """
    (calendar,) = (text for name, text in texts.items() if name not in (FILE, META))
    types = parse_day_types(texts[FILE])
    school = _parse_school_name(texts[META])
    rejects: list[tuple[int, str, str, str, bool]] = []
    week, special = _parse_sections(calendar, types, rejects)
    usual = [(WEEKDAYS[weekday], school, *_build_row(entry)) for weekday, entry in sorted(week.items())]
    entries = {day: special.get(day, week.get(day.weekday())) for day in _list_days(special)}
    rows = [(day, school, *_build_row(entry)) for day, entry in entries.items() if entry]
    return Reading(
        tables={
            "bell_weeks": pl.DataFrame(usual, schema=_WEEK_SCHEMA, orient="row"),
            "calendar_days": pl.DataFrame(rows, schema=_SCHEMA, orient="row"),
        },
        rejects=pl.DataFrame(rejects, schema=REJECT_SCHEMA, orient="row"),
    )


def _list_days(special: Mapping[date, _DayEntry | None]) -> list[date]:
    """List each day from the first special one to the last.

    Raise FileRefused if that is more than a few school years.
    """
    if not special:
        return []
    first, last = min(special), max(special)
    if (last - first).days > _LONGEST:
        line = next((entry.line for day in (last, first) if (entry := special[day])), None)
        raise build_refusal("", f"goes from {first} to {last}", line=line, fits="a few school years")
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _build_row(entry: _DayEntry) -> tuple[str, str | None, str | None, str | None, int]:
    kind = entry.type
    if kind.classes:
        return "school", entry.title or kind.title or None, kind.first_bell, kind.last_bell, entry.line
    words = f"{entry.title} {kind.name.replace('-', ' ')} {kind.title}"
    named = next((name for name, pattern in _KINDS if pattern.search(words)), "closed")
    return "summer" if entry.long else named, entry.title or kind.title or None, None, None, entry.line


def _parse_sections(
    text: str, types: Mapping[str, DayType], rejects: list[tuple[int, str, str, str, bool]]
) -> tuple[dict[int, _DayEntry], dict[date, _DayEntry | None]]:
    """Parse the week by weekday and the special days by day.

    Days of an unknown type are None, and added to the rejects.
    """
    week: dict[int, _DayEntry] = {}
    special: dict[date, _DayEntry | None] = {}
    section = ""
    for number, line in enumerate(text.split("\n"), start=1):
        words = line.strip()
        if heading := _SECTION.fullmatch(words):
            section = heading[1].lower()
        elif words and not words.startswith("#"):
            day_text, name, title = _split_line(words, section, number)
            if section == "default week":
                week[_parse_weekday(day_text, number)] = _DayEntry(
                    line=number, type=_get_day_type(name, types, number), title=title
                )
            elif name in types:
                dates = _parse_day_range(day_text, number)
                entry = _DayEntry(line=number, type=types[name], title=title, long=len(dates) > SUMMER_DAYS)
                special |= dict.fromkeys(dates, entry)
            else:
                special |= dict.fromkeys(_parse_day_range(day_text, number))
                rejects.append(
                    (
                        number,
                        "type",
                        name[:40],
                        f"no type of day in {FILE}; such as {_format_day_types(types)} fits",
                        True,
                    )
                )
    if missing := [name for weekday, name in enumerate(WEEKDAYS[:5]) if weekday not in week]:
        raise build_refusal(
            "", f"the week lacks {', '.join(missing)}", field="Default Week", fits="seven days, Sun to Sat"
        )
    return week, special


def _split_line(words: str, section: str, number: int) -> tuple[str, str, str]:
    """Split a line into a day or weekday, the name of its type, and its title."""
    if words.startswith("*"):
        raise build_refusal(
            "", "a heading of neither days nor weekdays", line=number, fits="* Default Week or * Special Days"
        )
    if not section:
        raise build_refusal("", "a line before the first heading", line=number, fits="* Default Week")
    match = _LINE.fullmatch(_RANGE_DASH.sub("-", words))
    if match is None:
        raise build_refusal("", "is no day with its type", line=number, fits="11/11/2026 holiday # Veterans Day")
    return match[1], match[2], match[3]


def _get_day_type(name: str, types: Mapping[str, DayType], number: int) -> DayType:
    if name not in types:
        raise build_refusal("", f"{name[:40]} is no type of day in {FILE}", line=number, fits=_format_day_types(types))
    return types[name]


def _format_day_types(types: Mapping[str, DayType]) -> str:
    return ", ".join(list(types)[:12])


def _parse_weekday(weekday_text: str, number: int) -> int:
    match = _NAMES.fullmatch(weekday_text)
    if match is None:
        raise build_refusal("", "is no weekday", line=number, fits=", ".join(WEEKDAYS))
    return WEEKDAYS.index(match[1].lower())


def _parse_day_range(range_text: str, number: int) -> list[date]:
    start, dash, end = range_text.partition("-")
    first = _parse_day(start, number)
    last = _parse_day(end, number) if dash else first
    if not first <= last or (last - first).days > 366:
        raise build_refusal("", "ends before it begins, or more than a year later", line=number, fits="first-last")
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


def _parse_day(text: str, line: int) -> date:
    match = _DAY.fullmatch(text)
    try:
        if match:
            return date(int(match[3]), int(match[1]), int(match[2]))
    except ValueError:
        pass
    raise build_refusal("", "is no day", line=line, fits="month/day/year, such as 11/11/2026")


def _parse_school_name(text: str) -> str:
    try:
        name = json.loads(text).get("name")
    except (ValueError, AttributeError, RecursionError) as error:
        raise _build_missing_name_error(getattr(error, "lineno", None)) from None
    if not isinstance(name, str) or not name.strip():
        raise _build_missing_name_error(None)
    return name.strip()


def _build_missing_name_error(line: int | None) -> FileRefused:
    return build_refusal(
        META, "does not name the school", line=line, field="name", fits='{"name": "Maple High School"}'
    )
