"""When schools started something, from a file of two columns; a file with anything that does not fit is refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path

from homeroom.ingest.contract.errors import FileRefused, Problem
from homeroom.ingest.rows.given_rows import read_given_rows, truncate_value
from homeroom.ingest.values.given_values import DAY_FITS, parse_given_day

COLUMNS = ("school", "started")
_MAX_NAMES = 8


def read_started_file(path: Path, *, schools: Collection[str]) -> Mapping[str, date | None]:
    """Return the day on which each school of the file started, None if never. `schools` are those that there are.

    Raise FileRefused with all that does not fit.
    """
    table = read_given_rows(path, columns=COLUMNS, required=COLUMNS)
    names = {" ".join(school.split()).casefold(): school for school in schools}
    starts: dict[str, date | None] = {}
    problems = list(table.problems)
    for line, text, started in zip(table.lines, *table.columns.values(), strict=True):
        school = names.get(" ".join(text.split()).casefold())
        day = parse_given_day(started) if started else None
        if school is None:
            problems.append(_build_problem(table.file, line, "school", text, _describe_schools(text, schools)))
        elif school in starts:
            problems.append(_build_problem(table.file, line, "school", text, "each school once", "a second start"))
        elif started and day is None:
            fits = f"{DAY_FITS}, or blank where the school never started"
            problems.append(_build_problem(table.file, line, "started", started, fits, "is not a day"))
        else:
            starts[school] = day
    if problems:
        raise FileRefused(problems)
    return starts


def _build_problem(
    file: str, line: int, column: str, text: str, fits: str, reason: str = "is no school with weeks"
) -> Problem:
    return Problem(file=file, reason=reason, line=line, field=column, value=truncate_value(text) or None, fits=fits)


def _describe_schools(text: str, schools: Collection[str]) -> str:
    nearest = get_close_matches(text, sorted(schools), n=1, cutoff=0.5)
    listed = nearest or sorted(schools)[:_MAX_NAMES]
    return f"a school such as {', '.join(listed)}" if listed else "a school of the district"
