"""Group rows that are equal in everything that controls test, so that each is evaluated once.

This shrinks tables of millions of software rows.

A name or a version makes nearly every row distinct, and yet nine of ten rows are of products that no control tests. So
such a column counts only where a control may test its value: where it may apply, and does more than test whether the
column is there or equals a constant. Everywhere else those plain tests replace the column, and any of its values
represents all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from homeroom.domain.matching import TODAY, AllOf, AnyOf, FieldTest, PatternNode, iter_tests, list_fields
from homeroom.evidence.query.pattern_sql import build_pattern_sql

_PLAIN_OPERATORS = ("exists", "eq")
"""Operators with few results: whether a column is there, or equals a constant."""


@dataclass(frozen=True, kw_only=True)
class ControlPatterns:
    """The two patterns of a control."""

    applies: PatternNode
    requires: PatternNode


def list_tested_columns(controls: Sequence[ControlPatterns]) -> tuple[str, ...]:
    """Return the columns that any of these controls tests, by name."""
    tested = (
        name for patterns in controls for form in (patterns.applies, patterns.requires) for name in list_fields(form)
    )
    return tuple(sorted({*tested} - {TODAY}))


def distinct_rows_sql(
    source: str,
    controls: Sequence[ControlPatterns],
    *,
    subject: str,
    varied: Sequence[str],
    extra_columns: Sequence[str],
    today: date,
) -> str:
    """Return SQL with one row for all rows of `source` that are in the same state under each of these controls.

    It has the columns that they test and the `extra_columns`, and the list `subjects` of the distinct values in the
    column `subject`.
    """
    tested = list_tested_columns(controls)
    varied_tested = [name for name in tested if name in varied]
    fixed_columns = [f'"{name}"' for name in (*tested, *extra_columns) if name not in varied_tested]
    plain_tests = sorted(
        {
            build_pattern_sql(test, today=today)
            for test in _iter_tests(controls)
            if test.field in varied_tested and test.operator in _PLAIN_OPERATORS
        }
    )
    plain_columns = [f"{test} AS same{index}" for index, test in enumerate(plain_tests)]
    value_columns = [f'CASE WHEN needed THEN "{name}" END AS only_{name}' for name in varied_tested]
    keys = [
        *fixed_columns,
        *(f"same{index}" for index in range(len(plain_tests))),
        *(f"only_{name}" for name in varied_tested),
    ]
    output_columns = [*fixed_columns, *(f'any_value("{name}") AS "{name}"' for name in varied_tested)]
    inner = ", ".join(
        [subject, *fixed_columns, *(f'"{name}"' for name in varied_tested), *plain_columns, *value_columns]
    )
    return f"""SELECT {", ".join(output_columns)}, list(DISTINCT {subject}) AS subjects
        FROM (SELECT {inner} FROM (SELECT *, {_needs_values_sql(controls, varied_tested, today)} AS needed
            FROM {source})) GROUP BY {", ".join(keys)}"""


def _needs_values_sql(controls: Sequence[ControlPatterns], varied_tested: Sequence[str], today: date) -> str:
    """Return SQL for whether any control may apply that tests a value of one of those columns."""
    testing = [
        patterns
        for patterns in controls
        if _has_value_test(patterns.applies, varied_tested) or _has_value_test(patterns.requires, varied_tested)
    ]
    return (
        " OR ".join(dict.fromkeys(_may_apply_sql(patterns.applies, varied_tested, today) for patterns in testing))
        or "false"
    )


def _may_apply_sql(form: PatternNode, varied_tested: Sequence[str], today: date) -> str:
    """Return SQL that is false only if the form is false whatever those columns hold."""
    if not _has_value_test(form, varied_tested):
        return f"coalesce({build_pattern_sql(form, today=today)}, true)"
    match form:
        case AllOf(parts=parts):
            return f"({' AND '.join(_may_apply_sql(part, varied_tested, today) for part in parts)})"
        case AnyOf(parts=parts):
            return f"({' OR '.join(_may_apply_sql(part, varied_tested, today) for part in parts)})"
        case _:
            return "true"


def _has_value_test(form: PatternNode, varied_tested: Sequence[str]) -> bool:
    return any(test.field in varied_tested and test.operator not in _PLAIN_OPERATORS for test in iter_tests(form))


def _iter_tests(controls: Sequence[ControlPatterns]) -> Iterator[FieldTest]:
    for patterns in controls:
        yield from (*iter_tests(patterns.applies), *iter_tests(patterns.requires))
