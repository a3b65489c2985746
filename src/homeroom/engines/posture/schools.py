"""How each control stands in each school, counted from a judgement: the same subjects in the same states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from homeroom.engines.posture.judgement import ABSENT, CODES, Judgement, Sheet
from homeroom.engines.posture.questions import ASKED
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
"""A row a school and control, where anybody of the school is asked about; the school is empty for those of whom it is not known."""
_NUMBERS = ("passing", "failing", "cannot_tell", "not_applicable", "excepted")
_TABLES = {one.kind: one.table for one in ASKED if not one.folds and "school" in TABLES[one.table].names}
_Places = npt.NDArray[np.int64]


def by_school(session: duckdb.DuckDBPyConnection, judgement: Judgement) -> pa.Table:
    """The judgement's counts by school, as a table of BY_SCHOOL. Controls over what is of no school (a directory, an app) are left out."""
    kinds = {sheet.kind for sheet in judgement.sheets.values()} & _TABLES.keys()
    where = {kind: _schools(session, _TABLES[kind]) for kind in kinds}
    made = [
        _counted(control, sheet, *where[sheet.kind])
        for control, sheet in judgement.sheets.items()
        if sheet.kind in where
    ]
    return pa.concat_tables([BY_SCHOOL.empty_table(), *made])


def _schools(session: duckdb.DuckDBPyConnection, table: str) -> tuple[_Places, _Places, list[str]]:
    """(ids ascending, the place of each one's school among the names, the names)."""
    found: Mapping[str, Any] = session.execute(
        f"SELECT id, coalesce(school, '') AS school FROM {table} ORDER BY id"
    ).fetchnumpy()
    names, places = np.unique(np.asarray(found["school"], dtype=str), return_inverse=True)
    return np.asarray(found["id"], dtype=np.int64), places, [str(name) for name in names]


def _counted(control: str, sheet: Sheet, ids: _Places, places: _Places, names: list[str]) -> pa.Table:
    codes = sheet.codes_of(ids)
    known = codes != ABSENT
    size = len(CODES)
    counts = np.bincount(places[known] * size + codes[known], minlength=len(names) * size).reshape(-1, size)
    numbers = dict(zip(_NUMBERS, counts.T, strict=True))
    some = counts.sum(axis=1) > numbers["not_applicable"]
    columns = [
        pa.array([name for name, one in zip(names, some, strict=True) if one], pa.string()),
        pa.repeat(pa.scalar(control, pa.string()), int(some.sum())),
        *(pa.array(numbers[name][some], pa.int64()) for name in BY_SCHOOL.names[2:]),
    ]
    return pa.Table.from_arrays(columns, schema=BY_SCHOOL)
