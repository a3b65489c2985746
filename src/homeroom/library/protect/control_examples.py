"""Run the examples inside controls through the same query that assesses a district."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import groupby
from typing import Any

import duckdb
import pyarrow as pa

from homeroom.domain.protect.control_states import State
from homeroom.domain.protect.controls import Control, ControlExample, Expectation
from homeroom.domain.relative_dates import parse_relative_date
from homeroom.engines.protect.posture.control_sql import FOLDED_TABLES
from homeroom.engines.protect.posture.evaluate import evaluate_controls
from homeroom.evidence.query.session import build_view_schema, open_session_over, provide_rows
from homeroom.evidence.tables import TABLES, Table, Type
from homeroom.library.yaml_loader import ContentProblem

STATE_BY_EXPECTATION: Mapping[Expectation, State] = {
    Expectation.PASSES: State.PASS,
    Expectation.FAILS: State.FAIL,
    Expectation.CANNOT_TELL: State.CANNOT_TELL,
    Expectation.DOES_NOT_APPLY: State.NOT_APPLICABLE,
}
REQUIRED_EXPECTATIONS = (Expectation.PASSES, Expectation.FAILS, Expectation.DOES_NOT_APPLY)
_FIRST_ID = 1


@dataclass(frozen=True, kw_only=True)
class _ExampleCase:
    control: Control
    position: int
    example: ControlExample

    @property
    def field(self) -> str:
        return f"examples[{self.position}]"


def find_example_problems(controls: Sequence[Control]) -> list[ContentProblem]:
    """Return examples that are missing, do not fit their table, or are evaluated to another state."""
    cases = [
        _ExampleCase(control=control, position=position, example=example)
        for control in controls
        for position, example in enumerate(control.examples, start=1)
    ]
    invalid = [problem for case in cases for problem in _validate_case(case)]
    if invalid:
        return [*_find_missing(controls), *invalid]
    by_sql = [case for case in cases if case.control.sql]
    by_pattern = sorted((case for case in cases if not case.control.sql), key=_get_group_key)
    with open_session_over({}) as session:
        problems = [problem for case in by_sql for problem in _evaluate_alone(session, case)]
        for _, group in groupby(by_pattern, key=_get_group_key):
            problems += _evaluate_group(session, list(group))
    return [*_find_missing(controls), *problems]


def _get_group_key(case: _ExampleCase) -> tuple[str, str]:
    return case.example.today, case.control.asks


def _find_missing(controls: Iterable[Control]) -> list[ContentProblem]:
    return [
        ContentProblem(
            file=_get_file_name(control), field="examples", message=f"none that {expectation}; at least one would fit"
        )
        for control in controls
        for expectation in _list_required(control)
        if expectation not in {example.expect for example in control.examples}
    ]


def _list_required(control: Control) -> tuple[Expectation, ...]:
    """Return the required kinds of examples.

    The undetermined state is required only if a null can reach the evaluation (`exists` is never unknown).
    """
    keys = [key for mapping in _list_mappings(control.requires) for key in mapping]
    is_always_known = bool(keys) and all("exists" in key.split("|") for key in keys)
    return (
        REQUIRED_EXPECTATIONS if is_always_known or control.sql else (*REQUIRED_EXPECTATIONS, Expectation.CANNOT_TELL)
    )


def _list_mappings(pattern: Any) -> list[dict[str, Any]]:
    return pattern if isinstance(pattern, list) else [pattern]


def _get_file_name(control: Control) -> str:
    return f"controls/{control.area}/{control.id}.yaml"


def _build_tables(case: _ExampleCase) -> dict[str, list[dict[str, Any]]]:
    raw = case.example.given
    if case.control.sql or set(raw) == {case.control.asks}:  # the rows by table; of a folded table one device's
        return {name: list(rows) for name, rows in raw.items()}
    return {case.control.asks: [dict(raw)]}


def _validate_case(case: _ExampleCase) -> list[ContentProblem]:
    errors: list[str] = []
    try:
        today = date.fromisoformat(case.example.today)
        for name, rows in _build_tables(case).items():
            if name not in TABLES:
                errors.append(f"no table {name!r}; there are {', '.join(TABLES)}")
                continue
            _convert_to_arrow(name, rows, today)
    except (ValueError, TypeError, KeyError, pa.ArrowInvalid, pa.ArrowTypeError) as error:
        errors.append(str(error))
    return [
        ContentProblem(file=_get_file_name(case.control), field=f"{case.field}.given", message=text) for text in errors
    ]


def _convert_to_arrow(name: str, rows: Sequence[Mapping[str, Any]], today: date) -> pa.Table:
    table, schema = TABLES[name], build_view_schema(name)
    unknown = sorted({column for row in rows for column in row} - set(schema.names))
    if unknown:
        raise ValueError(f"no column {', '.join(unknown)} in {name}; there are {', '.join(schema.names)}")
    days = {column.name: column.type for column in table.columns if column.type in (Type.DATE, Type.TIME)}
    converted = [{key: _convert_value(value, days.get(key), today) for key, value in row.items()} for row in rows]
    return pa.Table.from_pylist(_add_ids(converted, table), schema=schema)


def _add_ids(rows: list[dict[str, Any]], table: Table) -> list[dict[str, Any]]:
    if "id" not in table.names:
        return rows
    return [{"id": position, **row} for position, row in enumerate(rows, start=_FIRST_ID)]


def _convert_value(value: Any, kind: Type | None, today: date) -> Any:
    if kind is None or value is None or isinstance(value, datetime):
        return value
    day = parse_relative_date(value).resolve(today)
    return datetime.combine(day, time(12), UTC) if kind is Type.TIME else day


def _evaluate_alone(session: duckdb.DuckDBPyConnection, case: _ExampleCase) -> list[ContentProblem]:
    today = date.fromisoformat(case.example.today)
    tables = {name: _convert_to_arrow(name, rows, today) for name, rows in _build_tables(case).items()}
    try:
        with provide_rows(session, tables):
            states = evaluate_controls(session, controls=[case.control], today=today).control_states[case.control.id]
    except (duckdb.Error, ValueError) as error:
        return [ContentProblem(file=_get_file_name(case.control), field="sql", message=str(error))]
    subject = int(states.ids[0]) if case.control.subject and len(states.ids) else _FIRST_ID
    return _compare_state(case, states.get_state(subject) or State.NOT_APPLICABLE)


def _evaluate_group(session: duckdb.DuckDBPyConnection, cases: list[_ExampleCase]) -> list[ContentProblem]:
    """Evaluate all examples of one date and table as rows of one table, with all their controls in one query."""
    today = date.fromisoformat(cases[0].example.today)
    table_name = cases[0].control.asks
    number = FOLDED_TABLES[table_name].subject_column if table_name in FOLDED_TABLES else "id"
    rows = [{**row, number: position} for position, case in enumerate(cases) for row in _build_tables(case)[table_name]]
    tables = {table_name: _convert_to_arrow(table_name, rows, today)}
    if table_name in FOLDED_TABLES:
        tables["devices"] = _convert_to_arrow("devices", [{"id": position} for position in range(len(cases))], today)
    controls = {case.control.id: case.control for case in cases}
    with provide_rows(session, tables):
        states_by_control = evaluate_controls(session, controls=list(controls.values()), today=today).control_states
    return [
        problem
        for position, case in enumerate(cases)
        for problem in _compare_state(
            case, states_by_control[case.control.id].get_state(position) or State.NOT_APPLICABLE
        )
    ]


def _compare_state(case: _ExampleCase, state: State) -> list[ContentProblem]:
    if state is STATE_BY_EXPECTATION[case.example.expect]:
        return []
    message = f"expects {case.example.expect}, and the judge says {state}"
    return [ContentProblem(file=_get_file_name(case.control), field=case.field, message=message)]
