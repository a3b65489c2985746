"""Runs the examples inside controls through the very query that judges a district."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import groupby
from typing import Any

import duckdb
import pyarrow as pa

from homeroom.domain.controls import Control, Example, Expectation
from homeroom.domain.moments import moment
from homeroom.domain.states import State
from homeroom.engines.posture.judging import judge
from homeroom.engines.posture.questions import FOLDED
from homeroom.evidence.session import session_over, view_schema
from homeroom.evidence.tables import TABLES, Table, Type
from homeroom.library.reading import Problem

STATE: Mapping[Expectation, State] = {
    Expectation.PASSES: State.PASS,
    Expectation.FAILS: State.FAIL,
    Expectation.CANNOT_TELL: State.CANNOT_TELL,
    Expectation.DOES_NOT_APPLY: State.NOT_APPLICABLE,
}
NEEDED = (Expectation.PASSES, Expectation.FAILS, Expectation.DOES_NOT_APPLY)
_FIRST = 1


@dataclass(frozen=True, kw_only=True)
class _Case:
    control: Control
    place: int
    example: Example

    @property
    def field(self) -> str:
        return f"examples[{self.place}]"


def example_problems(controls: Sequence[Control]) -> list[Problem]:
    """Examples that are missing, do not fit their table, or that the judge sees otherwise."""
    cases = [
        _Case(control=control, place=place, example=example)
        for control in controls
        for place, example in enumerate(control.examples, start=1)
    ]
    unfit = [problem for case in cases for problem in _unfit(case)]
    if unfit:
        return [*_missing(controls), *unfit]
    by_sql = [case for case in cases if case.control.sql]
    by_pattern = sorted((case for case in cases if not case.control.sql), key=_shared)
    wrong = [problem for case in by_sql for problem in _judged_alone(case)]
    for _, together in groupby(by_pattern, key=_shared):
        wrong += _judged_together(list(together))
    return [*_missing(controls), *wrong]


def _shared(case: _Case) -> tuple[str, str]:
    return case.example.today, case.control.asks


def _missing(controls: Iterable[Control]) -> list[Problem]:
    return [
        Problem(file=_file(control), field="examples", told=f"none that {wanted}; at least one would fit")
        for control in controls
        for wanted in _needed(control)
        if wanted not in {example.expect for example in control.examples}
    ]


def _needed(control: Control) -> tuple[Expectation, ...]:
    """All kinds of example; one that cannot tell only where a null can reach the judge (`exists` is never unknown)."""
    keys = [key for one in _mappings(control.requires) for key in one]
    sure = bool(keys) and all("exists" in key.split("|") for key in keys)
    return NEEDED if sure or control.sql else (*NEEDED, Expectation.CANNOT_TELL)


def _mappings(pattern: Any) -> list[dict[str, Any]]:
    return pattern if isinstance(pattern, list) else [pattern]


def _file(control: Control) -> str:
    return f"controls/{control.area}/{control.id}.yaml"


def _tables(case: _Case) -> dict[str, list[dict[str, Any]]]:
    given = case.example.given
    if case.control.sql or set(given) == {case.control.asks}:  # the rows by table; of a folded table one device's
        return {name: list(rows) for name, rows in given.items()}
    return {case.control.asks: [dict(given)]}


def _unfit(case: _Case) -> list[Problem]:
    told: list[str] = []
    try:
        today = date.fromisoformat(case.example.today)
        for name, rows in _tables(case).items():
            if name not in TABLES:
                told.append(f"no table {name!r}; there are {', '.join(TABLES)}")
                continue
            _arrow(name, rows, today)
    except (ValueError, TypeError, KeyError, pa.ArrowInvalid, pa.ArrowTypeError) as error:
        told.append(str(error))
    return [Problem(file=_file(case.control), field=f"{case.field}.given", told=text) for text in told]


def _arrow(name: str, rows: Sequence[Mapping[str, Any]], today: date) -> pa.Table:
    table, schema = TABLES[name], view_schema(name)
    unknown = sorted({column for row in rows for column in row} - set(schema.names))
    if unknown:
        raise ValueError(f"no column {', '.join(unknown)} in {name}; there are {', '.join(schema.names)}")
    days = {column.name: column.type for column in table.columns if column.type in (Type.DATE, Type.TIME)}
    filled = [{key: _valued(value, days.get(key), today) for key, value in row.items()} for row in rows]
    return pa.Table.from_pylist(_numbered(filled, table), schema=schema)


def _numbered(rows: list[dict[str, Any]], table: Table) -> list[dict[str, Any]]:
    if "id" not in table.names:
        return rows
    return [{"id": place, **row} for place, row in enumerate(rows, start=_FIRST)]


def _valued(value: Any, kind: Type | None, today: date) -> Any:
    if kind is None or value is None or isinstance(value, datetime):
        return value
    day = moment(value).on(today)
    return datetime.combine(day, time(12), UTC) if kind is Type.TIME else day


def _judged_alone(case: _Case) -> list[Problem]:
    today = date.fromisoformat(case.example.today)
    session = session_over({name: _arrow(name, rows, today) for name, rows in _tables(case).items()})
    try:
        sheet = judge(session, controls=[case.control], today=today).sheets[case.control.id]
    except (duckdb.Error, ValueError) as error:
        return [Problem(file=_file(case.control), field="sql", told=str(error))]
    finally:
        session.close()
    subject = int(sheet.ids[0]) if case.control.subject and len(sheet.ids) else _FIRST
    return _wrong(case, sheet.state_of(subject) or State.NOT_APPLICABLE)


def _judged_together(cases: list[_Case]) -> list[Problem]:
    """All examples of one day and table are rows of one table, judged by all their controls in one query."""
    today = date.fromisoformat(cases[0].example.today)
    asked = cases[0].control.asks
    number = FOLDED[asked].number if asked in FOLDED else "id"
    rows = [{**row, number: place} for place, case in enumerate(cases) for row in _tables(case)[asked]]
    given = {asked: _arrow(asked, rows, today)}
    if asked in FOLDED:
        given["devices"] = _arrow("devices", [{"id": place} for place in range(len(cases))], today)
    session = session_over(given)
    asking = {case.control.id: case.control for case in cases}
    sheets = judge(session, controls=list(asking.values()), today=today).sheets
    session.close()
    return [
        problem
        for place, case in enumerate(cases)
        for problem in _wrong(case, sheets[case.control.id].state_of(place) or State.NOT_APPLICABLE)
    ]


def _wrong(case: _Case, state: State) -> list[Problem]:
    if state is STATE[case.example.expect]:
        return []
    told = f"expects {case.example.expect}, and the judge says {state}"
    return [Problem(file=_file(case.control), field=case.field, told=told)]
