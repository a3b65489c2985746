"""Count the states of each control in each school from an evaluation: the same subjects in the same states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from homeroom.engines.protect.posture.control_sql import QUERYABLE_TABLES
from homeroom.engines.protect.posture.evaluation import ABSENT, STATE_CODES, ControlStates, Evaluation
from homeroom.evidence.tables import TABLES

BY_SCHOOL = pa.schema(
    [
        ("school", pa.string()),
        ("control", pa.string()),
        ("passing", pa.int64()),
        ("failing", pa.int64()),
        ("cannot_tell", pa.int64()),
        ("excepted", pa.int64()),
    ]
)
"""One row per school and control that applies to anybody there.

The school is empty for subjects whose school is unknown.
"""
_STATE_COLUMNS = ("passing", "failing", "cannot_tell", "not_applicable", "excepted")
_TABLES = {
    queryable.kind: queryable.table
    for queryable in QUERYABLE_TABLES
    if not queryable.is_folded and "school" in TABLES[queryable.table].names
}
_Positions = npt.NDArray[np.int64]


def count_by_school(session: duckdb.DuckDBPyConnection, evaluation: Evaluation) -> pa.Table:
    """Return the evaluation's counts by school, as a table of BY_SCHOOL.

    Controls over subjects without a school (a directory, an app) are left out.
    """
    kinds = {states.kind for states in evaluation.control_states.values()} & _TABLES.keys()
    schools_by_kind = {kind: _load_schools(session, _TABLES[kind]) for kind in kinds}
    counts = [
        _count_control(control, states, *schools_by_kind[states.kind])
        for control, states in evaluation.control_states.items()
        if states.kind in schools_by_kind
    ]
    return pa.concat_tables([BY_SCHOOL.empty_table(), *counts])


def _load_schools(session: duckdb.DuckDBPyConnection, table: str) -> tuple[_Positions, _Positions, list[str]]:
    """Return (ids ascending, the position of each one's school among the names, the names)."""
    columns: Mapping[str, Any] = session.execute(
        f"SELECT id, coalesce(school, '') AS school FROM {table} ORDER BY id"
    ).fetchnumpy()
    names, positions = np.unique(np.asarray(columns["school"], dtype=str), return_inverse=True)
    return np.asarray(columns["id"], dtype=np.int64), positions, [str(name) for name in names]


def _count_control(
    control: str, states: ControlStates, ids: _Positions, positions: _Positions, names: list[str]
) -> pa.Table:
    codes = states.select_codes(ids)
    present = codes != ABSENT
    size = len(STATE_CODES)
    counts = np.bincount(positions[present] * size + codes[present], minlength=len(names) * size).reshape(-1, size)
    numbers = dict(zip(_STATE_COLUMNS, counts.T, strict=True))
    is_counted = counts.sum(axis=1) > numbers["not_applicable"]
    columns = [
        pa.array([name for name, include in zip(names, is_counted, strict=True) if include], pa.string()),
        pa.repeat(pa.scalar(control, pa.string()), int(is_counted.sum())),
        *(pa.array(numbers[name][is_counted], pa.int64()) for name in BY_SCHOOL.names[2:]),
    ]
    return pa.Table.from_arrays(columns, schema=BY_SCHOOL)
