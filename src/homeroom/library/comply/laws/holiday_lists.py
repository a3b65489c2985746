"""The holiday lists of laws: laws/holidays/<id>.yaml of a content folder."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from homeroom.domain.comply.laws.holidays import HolidayList
from homeroom.domain.manage.planning import Holiday
from homeroom.library.manage.planning import is_holiday_text, parse_holiday
from homeroom.library.yaml_loader import (
    BUILTIN_CONTENT,
    ContentField,
    ContentProblem,
    ContentRefused,
    get_relative_name,
    load_files,
    load_yaml,
    validate_fields,
)

FOLDER = "laws/holidays"
DAY_FITS = 'a day such as "12-25", nov-thu-4 or 2026-11-27'
MAX_DAYS_A_YEAR = 40
"""The most days that come every year: with all lists of a law together, business days must remain to count."""
_LEAP_YEAR = 2024
FIELDS: tuple[ContentField, ...] = (
    ContentField(name="id", type=str, fits="the file's own name without .yaml"),
    ContentField(name="title", type=str, fits="what the list is called"),
    ContentField(name="source", type=str, fits="where the days were read"),
    ContentField(name="checked_on", type=date, fits="the day when somebody last compared it with the source"),
    ContentField(name="moves", type=bool, fits="true or false"),
    ContentField(name="days", type=list, fits=f"a list of days, each {DAY_FITS}"),
)


@cache
def load_holiday_lists(directory: Path = BUILTIN_CONTENT) -> tuple[HolidayList, ...]:
    """Load every holiday list, by id; raise ContentRefused with all problems."""
    files = sorted((directory / FOLDER).glob("*.yaml"))
    loaded, problems = load_files(files, lambda path: _load_list(path, directory))
    if problems:
        raise ContentRefused(problems, valid=loaded)
    return tuple(loaded)


def _load_list(path: Path, root: Path) -> HolidayList:
    raw, file = load_yaml(path, root=root), get_relative_name(path, root)
    problems = validate_fields(raw, FIELDS, file=file) or _validate_values(raw, file, path.stem)
    if problems:
        raise ContentRefused(problems)
    return HolidayList(**{**raw, "days": tuple(map(_parse_day, raw["days"]))})


def _validate_values(raw: Mapping[str, Any], file: str, stem: str) -> list[ContentProblem]:
    problems = [
        ContentProblem(file=file, field=f"days[{position}]", message=f"{value!r}; {DAY_FITS} would fit")
        for position, value in enumerate(raw["days"])
        if not _is_day(value)
    ]
    yearly = sum(isinstance(_parse_day(value), Holiday) for value in raw["days"]) if not problems else 0
    if yearly > MAX_DAYS_A_YEAR:
        message = f"{yearly} days that come every year; at most {MAX_DAYS_A_YEAR} would fit"
        problems.append(ContentProblem(file=file, field="days", message=message))
    if raw["id"] != stem:
        problems.append(ContentProblem(file=file, field="id", message=f"{raw['id']!r}; {stem} would fit"))
    return problems


def _is_day(value: object) -> bool:
    try:
        _parse_day(value)
    except ValueError:
        return False
    return True


def _parse_day(value: object) -> Holiday | date:
    """Parse a day that comes every year, or a single date; raise ValueError."""
    if type(value) is date:
        return value
    if not is_holiday_text(value):
        return date.fromisoformat(str(value))
    holiday = parse_holiday(str(value))
    if holiday.day:
        date(_LEAP_YEAR, holiday.month, holiday.day)
    return holiday
