"""A school's bell calendar into its usual week, its days and their bells.

calendar.bell names a type of day for each weekday, and for special days and ranges of days:

    * Default Week
    Mon normal
    * Special Days
    11/11/2016 holiday # Veteran's Day
    12/19/2016-01/02/2017 holiday # Holiday Recess

The week becomes rows of bell_weeks. Days of the calendar are those from the first special day to the last one, each by
its own line, or else by the week. Nothing says when the years before and after begin and end, so nothing is told of them;
a calendar without special days has a week and no days. A later line about a day, or a weekday, replaces an earlier one.

A special day whose type schedules.bell does not have is left out and said so: what that day was nobody can tell, and all
others stand. Of 50 schools' folders as they are published 45 are read. Of the others four hold, in place of calendar.bell
or schedules.bell, a link that was saved as text, and one has a time that is earlier than the one before it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from homeroom.connectors.bell.schedules import FILE, DayType, types_of
from homeroom.ingest.connector import REJECT_SCHEMA, Reading
from homeroom.ingest.problems import Refused, refused

META = "meta.json"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SUMMER_DAYS = 28
_LONGEST = 4000  # days: eleven school years
_SECTION = re.compile(r"\*\s*(default week|special days)\s*(?:#.*)?", re.IGNORECASE)
_LINE = re.compile(r"(\S+)\s+([^\s#]+)\s*#?\s*(.*)")
_APART = re.compile(r"(?<=\d)\s*[-–]\s*(?=\d)")
_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_KINDS = (
    # What the name of a day without classes says of it; the first that fits.
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
class _Told:
    """What one line says of a day."""

    line: int
    type: DayType
    title: str
    long: bool = False


def days(texts: Mapping[str, str]) -> Reading:
    """The usual week and every day that the calendar tells, at the school of meta.json, and the lines that were left out.

    Raises Refused with line and what would fit.
    """
    (calendar,) = (text for name, text in texts.items() if name not in (FILE, META))
    types = types_of(texts[FILE])
    school = _school(texts[META])
    rejects: list[tuple[int, str, str, str, bool]] = []
    week, special = _sections(calendar, types, rejects)
    usual = [(WEEKDAYS[place], school, *_row(one)) for place, one in sorted(week.items())]
    told = {day: special.get(day, week.get(day.weekday())) for day in _every(special)}
    rows = [(day, school, *_row(one)) for day, one in told.items() if one]
    return Reading(
        tables={
            "bell_weeks": pl.DataFrame(usual, schema=_WEEK_SCHEMA, orient="row"),
            "calendar_days": pl.DataFrame(rows, schema=_SCHEMA, orient="row"),
        },
        rejects=pl.DataFrame(rejects, schema=REJECT_SCHEMA, orient="row"),
    )


def _every(special: Mapping[date, _Told | None]) -> list[date]:
    """Each day from the first special one to the last. Refused where that is more than a few school years."""
    if not special:
        return []
    first, last = min(special), max(special)
    if (last - first).days > _LONGEST:
        line = next((told.line for day in (last, first) if (told := special[day])), None)
        raise refused("", f"goes from {first} to {last}", line=line, fits="a few school years")
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _row(told: _Told) -> tuple[str, str | None, str | None, str | None, int]:
    kind = told.type
    if kind.classes:
        return "school", told.title or kind.title or None, kind.first_bell, kind.last_bell, told.line
    words = f"{told.title} {kind.name.replace('-', ' ')} {kind.title}"
    named = next((name for name, pattern in _KINDS if pattern.search(words)), "closed")
    return "summer" if told.long else named, told.title or kind.title or None, None, None, told.line


def _sections(
    text: str, types: Mapping[str, DayType], rejects: list[tuple[int, str, str, str, bool]]
) -> tuple[dict[int, _Told], dict[date, _Told | None]]:
    """The week by weekday and the special days by day. Days of an unknown type are None, and added to the rejects."""
    week: dict[int, _Told] = {}
    special: dict[date, _Told | None] = {}
    section = ""
    for number, line in enumerate(text.split("\n"), start=1):
        words = line.strip()
        if heading := _SECTION.fullmatch(words):
            section = heading[1].lower()
        elif words and not words.startswith("#"):
            when, name, title = _parts(words, section, number)
            if section == "default week":
                week[_weekday(when, number)] = _Told(line=number, type=_known(name, types, number), title=title)
            elif name in types:
                spanned = _spanned(when, number)
                told = _Told(line=number, type=types[name], title=title, long=len(spanned) > SUMMER_DAYS)
                special |= dict.fromkeys(spanned, told)
            else:
                special |= dict.fromkeys(_spanned(when, number))
                rejects.append(
                    (number, "type", name[:40], f"no type of day in {FILE}; such as {_some(types)} fits", True)
                )
    if missing := [name for place, name in enumerate(WEEKDAYS[:5]) if place not in week]:
        raise refused("", f"the week lacks {', '.join(missing)}", field="Default Week", fits="seven days, Sun to Sat")
    return week, special


def _parts(words: str, section: str, number: int) -> tuple[str, str, str]:
    """A day or weekday, the name of its type, and what it is called."""
    if words.startswith("*"):
        raise refused(
            "", "a heading of neither days nor weekdays", line=number, fits="* Default Week or * Special Days"
        )
    if not section:
        raise refused("", "a line before the first heading", line=number, fits="* Default Week")
    found = _LINE.fullmatch(_APART.sub("-", words))
    if found is None:
        raise refused("", "is no day with its type", line=number, fits="11/11/2026 holiday # Veterans Day")
    return found[1], found[2], found[3]


def _known(name: str, types: Mapping[str, DayType], number: int) -> DayType:
    if name not in types:
        raise refused("", f"{name[:40]} is no type of day in {FILE}", line=number, fits=_some(types))
    return types[name]


def _some(types: Mapping[str, DayType]) -> str:
    return ", ".join(list(types)[:12])


def _weekday(when: str, number: int) -> int:
    found = _NAMES.fullmatch(when)
    if found is None:
        raise refused("", "is no weekday", line=number, fits=", ".join(WEEKDAYS))
    return WEEKDAYS.index(found[1].lower())


def _spanned(when: str, number: int) -> list[date]:
    start, dash, end = when.partition("-")
    first = _day(start, number)
    last = _day(end, number) if dash else first
    if not first <= last or (last - first).days > 366:
        raise refused("", "ends before it begins, or more than a year later", line=number, fits="first-last")
    return [first + timedelta(days=more) for more in range((last - first).days + 1)]


def _day(text: str, line: int) -> date:
    found = _DAY.fullmatch(text)
    try:
        if found:
            return date(int(found[3]), int(found[1]), int(found[2]))
    except ValueError:
        pass
    raise refused("", "is no day", line=line, fits="month/day/year, such as 11/11/2026")


def _school(text: str) -> str:
    try:
        name = json.loads(text).get("name")
    except (ValueError, AttributeError, RecursionError) as error:
        raise _nameless(getattr(error, "lineno", None)) from None
    if not isinstance(name, str) or not name.strip():
        raise _nameless(None)
    return name.strip()


def _nameless(line: int | None) -> Refused:
    return refused(META, "does not name the school", line=line, field="name", fits='{"name": "Maple High School"}')
