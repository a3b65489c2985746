"""Rows that differ in nothing that controls ask, as one row: what a table of millions of programs is before it is judged.

A name or a version makes nearly every row distinct, and yet nine of ten are of no product that any control looks at. So such a
column counts only where a control may look into it: where it may apply, and compares more than whether the column is there or is
one certain word. Everywhere else those plain comparisons stand in its place, and any of the values stands for all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from homeroom.domain.matching import TODAY, Both, Either, Form, Maybe, Not, Test, fields_in
from homeroom.evidence.patterns import sql

_PLAIN = ("exists", "eq")
"""Words that compare a column with something of which there is little: whether it is there, or a certain word."""


@dataclass(frozen=True, kw_only=True)
class Forms:
    """The two patterns of a control."""

    applies: Form
    requires: Form


def tested_in(controls: Sequence[Forms]) -> tuple[str, ...]:
    """The columns that any of these controls tests, by name."""
    tested = (name for one in controls for form in (one.applies, one.requires) for name in fields_in(form))
    return tuple(sorted({*tested} - {TODAY}))


def distinct_rows(
    source: str, controls: Sequence[Forms], *, subject: str, varied: Sequence[str], beside: Sequence[str], today: date
) -> str:
    """SQL: one row for all rows of `source` that stand in the same state under each of these controls.

    It has the columns that they test and those `beside`, and the list `subjects` of the numbers in the column `subject`, each once.
    """
    tested = tested_in(controls)
    loose = [name for name in tested if name in varied]
    kept = [f'"{name}"' for name in (*tested, *beside) if name not in loose]
    plain = sorted({sql(test, today=today) for test in _tests(controls) if test.field in loose and test.word in _PLAIN})
    same = [f"{test} AS same{place}" for place, test in enumerate(plain)]
    only = [f'CASE WHEN needed THEN "{name}" END AS only_{name}' for name in loose]
    keys = [*kept, *(f"same{place}" for place in range(len(plain))), *(f"only_{name}" for name in loose)]
    told = [*kept, *(f'any_value("{name}") AS "{name}"' for name in loose)]
    inner = ", ".join([subject, *kept, *(f'"{name}"' for name in loose), *same, *only])
    return f"""SELECT {", ".join(told)}, list(DISTINCT {subject}) AS subjects
        FROM (SELECT {inner} FROM (SELECT *, {_needed(controls, loose, today)} AS needed FROM {source})) GROUP BY {", ".join(keys)}"""


def _needed(controls: Sequence[Forms], loose: Sequence[str], today: date) -> str:
    """SQL: whether any control may apply that looks into one of those columns."""
    looking = [one for one in controls if _looks(one.applies, loose) or _looks(one.requires, loose)]
    return " OR ".join(dict.fromkeys(_possible(one.applies, loose, today) for one in looking)) or "false"


def _possible(form: Form, loose: Sequence[str], today: date) -> str:
    """SQL: false only where the form is false, whatever stands in those columns."""
    if not _looks(form, loose):
        return f"coalesce({sql(form, today=today)}, true)"
    match form:
        case Both(parts=parts):
            return f"({' AND '.join(_possible(part, loose, today) for part in parts)})"
        case Either(parts=parts):
            return f"({' OR '.join(_possible(part, loose, today) for part in parts)})"
        case _:
            return "true"


def _looks(form: Form, loose: Sequence[str]) -> bool:
    return any(test.field in loose and test.word not in _PLAIN for test in _in(form))


def _tests(controls: Sequence[Forms]) -> Iterator[Test]:
    for one in controls:
        yield from (*_in(one.applies), *_in(one.requires))


def _in(form: Form) -> Iterator[Test]:
    match form:
        case Test():
            yield form
        case Not(part=part) | Maybe(part=part):
            yield from _in(part)
        case Both(parts=parts) | Either(parts=parts):
            for part in parts:
                yield from _in(part)
