"""Read a school's bell calendar into its usual week, its days and their bells, and the periods of its types of day.

calendar.bell names a type of day for each weekday, and for special days and ranges of days:

    * Default Week
    Mon normal
    * Special Days
    11/11/2016 holiday # Veteran's Day
    12/19/2016-01/02/2017 holiday # Holiday Recess

The week becomes rows of bell_weeks, the stretches of the types of day rows of bell_periods. Days of the calendar are
those from the first special day to the last one, each by its own line, or else by the week. The file does not state
when the years before and after begin and end, so they get no days; a calendar without special days has a week and no
days. A later line about a day, or a weekday, replaces an earlier one.

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

from homeroom.connectors.bell.calendar_lines import CalendarLines, parse_calendar_lines
from homeroom.connectors.bell.schedules import FILE, DayBells, parse_day_types
from homeroom.domain.schooldays import DEFAULT_NON_CLASS, WEEKDAYS, DayType, format_clock_time
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.contract.errors import FileRefused, build_refusal
from homeroom.ingest.contract.reject_frames import REJECT_SCHEMA

META = "meta.json"
SUMMER_DAYS = 28
_LONGEST = 4000  # days: eleven school years
_KINDS = (
    # The kind of a day without classes by words of its name; the first that matches.
    ("summer", re.compile(r"\bsummer\b", re.IGNORECASE)),
    ("staff", re.compile(r"teacher|staff|professional|work ?day|non-duty|in-?service|\bpd\b", re.IGNORECASE)),
    ("break", re.compile(r"break|recess|vacation|intersession", re.IGNORECASE)),
)
_SCHEMA = {
    "date": pl.Date,
    "org_key": pl.String,
    "kind": pl.String,
    "title": pl.String,
    "first_bell": pl.String,
    "last_bell": pl.String,
    "type": pl.String,
    "_line": pl.Int64,
}
_WEEK_SCHEMA = {("weekday" if name == "date" else name): pl.String for name in _SCHEMA} | {"_line": pl.Int64}
_PERIOD_SCHEMA = {
    "org_key": pl.String,
    "type": pl.String,
    "starts": pl.String,
    "ends": pl.String,
    "name": pl.String,
    "is_class": pl.Boolean,
    "_line": pl.Int64,
}


@dataclass(frozen=True, kw_only=True)
class _DayEntry:
    """The entry that one line makes for a day."""

    line: int
    bells: DayBells
    title: str
    long: bool = False


def read_days(texts: Mapping[str, str]) -> Reading:
    """Read the usual week, every day of the calendar and the periods of every type, at the school of meta.json.

    Unknown types of day are rejected. Raise FileRefused with the line and what would fit.
    """
    (calendar,) = (text for name, text in texts.items() if name not in (FILE, META))
    types = parse_day_types(texts[FILE])
    school = _parse_school_name(texts[META])
    rejects: list[tuple[int, str, str, str, bool]] = []
    week, special = _find_types(parse_calendar_lines(calendar), types, rejects)
    usual = [(WEEKDAYS[weekday], school, *_build_row(entry)) for weekday, entry in sorted(week.items())]
    entries = {day: special.get(day, week.get(day.weekday())) for day in _list_days(special)}
    rows = [(day, school, *_build_row(entry)) for day, entry in entries.items() if entry]
    return Reading(
        tables={
            "bell_weeks": pl.DataFrame(usual, schema=_WEEK_SCHEMA, orient="row"),
            "calendar_days": pl.DataFrame(rows, schema=_SCHEMA, orient="row"),
            "bell_periods": pl.DataFrame(
                [(school, *row) for bells in types.values() for row in _list_period_rows(bells.type)],
                schema=_PERIOD_SCHEMA,
                orient="row",
            ),
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


def _list_period_rows(day_type: DayType) -> list[tuple[str, str, str, str | None, bool, int]]:
    return [
        (
            day_type.name,
            format_clock_time(stretch.starts),
            format_clock_time(stretch.ends),
            stretch.name or None,
            DEFAULT_NON_CLASS.is_class(stretch.name),
            1,  # the whole calendar: the stretches have their lines in the file beside it
        )
        for stretch in day_type.stretches
    ]


def _build_row(entry: _DayEntry) -> tuple[str, str | None, str | None, str | None, str, int]:
    bells, day_type = entry.bells, entry.bells.type
    title = entry.title or day_type.title or None
    if bells.classes:
        return "school", title, bells.first_bell, bells.last_bell, day_type.name, entry.line
    words = f"{entry.title} {day_type.name.replace('-', ' ')} {day_type.title}"
    named = next((name for name, pattern in _KINDS if pattern.search(words)), "closed")
    return "summer" if entry.long else named, title, None, None, day_type.name, entry.line


def _find_types(
    calendar: CalendarLines, types: Mapping[str, DayBells], rejects: list[tuple[int, str, str, str, bool]]
) -> tuple[dict[int, _DayEntry], dict[date, _DayEntry | None]]:
    """Find the type of each weekday and special day.

    Days of an unknown type are None, and added to the rejects. Raise FileRefused if a weekday's type is unknown.
    """
    fits = ", ".join(list(types)[:12])
    week: dict[int, _DayEntry] = {}
    for weekday, entry in calendar.week.items():
        if entry.type not in types:
            reason = f"{entry.type[:40]} is no type of day in {FILE}"
            raise build_refusal("", reason, line=entry.line, fits=fits)
        week[weekday] = _DayEntry(line=entry.line, bells=types[entry.type], title=entry.title)
    special: dict[date, _DayEntry | None] = {}
    for line in calendar.special:
        dates = line.list_days()
        if line.type in types:
            is_long = len(dates) > SUMMER_DAYS
            day = _DayEntry(line=line.line, bells=types[line.type], title=line.title, long=is_long)
            special |= dict.fromkeys(dates, day)
        else:
            special |= dict.fromkeys(dates)
            reason = f"no type of day in {FILE}; such as {fits} fits"
            rejects.append((line.line, "type", line.type[:40], reason, True))
    return week, special


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
