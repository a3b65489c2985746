"""Judge exports of drills, and write what came of it; no district has to be loaded."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from homeroom.domain.teach.awareness.drill_results import DrillResult, PeopleRate, SchoolRates
from homeroom.engines.teach.awareness.judging import judge_touches, list_rules
from homeroom.engines.teach.awareness.outcomes import build_outcomes
from homeroom.engines.teach.awareness.rates import compute_results
from homeroom.engines.teach.awareness.touches import add_recipients, build_recipients, split_strangers
from homeroom.ingest.contract.errors import Problem, build_refusal
from homeroom.ingest.drills.reading import read_drill_paths
from homeroom.library.teach.awareness.machine_files import load_machines

PEOPLE_COLUMNS = ("email", "school")
LISTS = pl.List(pl.String)
STEPS = 20
"""Bounds of a school's rates are in steps of a twentieth, outward, so that no count can be computed from them."""


@dataclass(frozen=True, kw_only=True)
class JudgedDrills:
    """Judged exports: `touches` are the opens, clicks and posts with `whose` and `rules`."""

    results: tuple[DrillResult, ...]
    touches: pl.DataFrame
    typed: int
    problems: tuple[Problem, ...]


def judge_paths(paths: Sequence[Path], *, people: Path | None = None) -> JudgedDrills:
    """Judge the drills of files and folders. Raise FileRefused if one holds no drill, or people cannot be read."""
    schools, problems = _read_schools(people) if people is not None else (None, ())
    exports = read_drill_paths(paths)
    numbered = add_recipients(exports.events)
    recipients = build_recipients(numbered)
    events, strangers = split_strangers(numbered, recipients)
    touches = judge_touches(events, recipients, load_machines())
    outcomes = build_outcomes(events, recipients, touches)
    return JudgedDrills(
        results=compute_results(outcomes, touches, schools=schools),
        touches=touches,
        typed=exports.typed,
        problems=(*problems, *exports.problems, *_list_strangers(strangers)),
    )


def write_judged_events(touches: pl.DataFrame, path: Path) -> None:
    """Write a line of JSON for each open, click and post."""
    masks = touches["rules"].unique()
    names = pl.DataFrame({"rules": masks, "names": pl.Series([list_rules(mask) for mask in masks], dtype=LISTS)})
    named = touches.join(names, on="rules", maintain_order="left")
    named.select("file", "row", "event", "whose", rules="names").write_ndjson(path)


def build_judged_document(drills: JudgedDrills) -> dict[str, Any]:
    """Build the JSON document of judged drills."""
    return {
        "drills": [_convert_result(result) for result in drills.results],
        "dropped": {"typed": drills.typed},
        "problems": [
            {"file": problem.file, "row": problem.line, "field": problem.field, "reason": problem.reason}
            for problem in drills.problems
        ],
    }


def _list_strangers(events: pl.DataFrame) -> Iterator[Problem]:
    """Yield a problem for each event of a person who was not written to."""
    reason, fits = "is of nobody who was written to in this drill", "a recipient with an event sent or delivered"
    for file, row in events.select(pl.col("file").cast(pl.String), "row").iter_rows():
        yield Problem(file=file, line=row, field="person", reason=reason, fits=fits)


def _read_schools(path: Path) -> tuple[Mapping[str, str], tuple[Problem, ...]]:
    """Return the school of each person by address, and the rows that do not fit."""
    from homeroom.ingest.rows.given_rows import read_given_rows  # a tenth of a second, for CSV alone

    rows = read_given_rows(path, columns=PEOPLE_COLUMNS, required=PEOPLE_COLUMNS)
    schools: dict[str, str] = {}
    problems = list(rows.problems)
    for line, email, school in zip(rows.lines, rows.columns["email"], rows.columns["school"], strict=True):
        person = email.lower()
        if not person:
            problems.append(Problem(file=rows.file, line=line, field="email", reason="is missing", fits="an address"))
        elif schools.setdefault(person, school) != school:
            reason = "is listed before with another school"
            problems.append(Problem(file=rows.file, line=line, field="email", reason=reason, fits="a school each"))
    if not schools:
        raise build_refusal(rows.file, "has no person", fits="rows of email,school")
    return {person: school for person, school in schools.items() if school}, tuple(problems)


def _convert_result(result: DrillResult) -> dict[str, Any]:
    document: dict[str, Any] = {
        "file": result.file,
        "drill": result.drill,
        "people": result.people,
        "delivered": result.delivered,
        "missed": {
            "raw": result.raw,
            "own": result.missed.people,
            "cannot_tell": result.cannot_tell,
            **_convert_rate(result.missed),
        },
        "reported": {
            "people": result.reported.people,
            **_convert_rate(result.reported),
            "first_minutes": result.first_minutes,
            "median_minutes": result.median_minutes,
        },
        "removed": {"events": result.removed, "by_rule": dict(result.by_rule)},
    }
    if result.schools is not None:
        document["schools"] = [_convert_school(school) for school in result.schools]
    return document


def _convert_rate(rate: PeopleRate) -> dict[str, float | None]:
    interval = rate.interval
    return {
        "rate": rate.rate,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
    }


def _convert_school(school: SchoolRates) -> dict[str, Any]:
    return {
        "school": school.school,
        "delivered": school.delivered,
        "missed": round_outward(school.missed),
        "reported": round_outward(school.reported),
    }


def round_outward(rate: PeopleRate) -> dict[str, float | None]:
    """Return both ends of the interval of a rate in steps of a twentieth, outward; None among nobody."""
    interval = rate.interval
    if interval is None:
        return {"low": None, "high": None}
    return {
        "low": math.floor(round(interval.low * STEPS, 9)) / STEPS,
        "high": math.ceil(round(interval.high * STEPS, 9)) / STEPS,
    }
