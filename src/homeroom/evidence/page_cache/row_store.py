"""Materialize the rows of a resolved snapshot for pages: in list order, each read by its position.

Parquet is read by entire columns, and a page asks for 25 rows of 130,000. So a table whose rows have a name
(`Table.label`) has a copy in the snapshot's cache folder, whose file is mapped and not read: reading a row touches only
that row, and all processes share what was touched. Rows are sorted by school, then by name or serial number; those
without a school come last. A copy can be written again from the snapshot at any time, and is if it is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.cache import SingleFlightCache
from homeroom.evidence.page_cache.folders import get_snapshot_folder
from homeroom.evidence.page_cache.mapped_files import (
    Positions,
    encode_if_repetitive,
    find_positions,
    open_mapped_file,
    read_numbers,
    take_column,
)
from homeroom.evidence.tables import TABLES

MAX_OPEN_FILES = 64
"""Files that a process keeps mapped: three large and some small ones per snapshot."""
_BY_ID, _SCHOOL = "_by_id", "_school"


@dataclass(frozen=True, kw_only=True, eq=False)
class RowStore:
    """The rows of one table in list order.

    `ids` and `school` (an index into `schools`, which has the names, "" for none) have one value per position.
    """

    ids: Positions
    school: npt.NDArray[np.int32]
    schools: Sequence[str]
    by_id: npt.NDArray[np.int32]
    rows: pa.Table

    def find_positions(self, subjects: Sequence[int] | Positions) -> Positions:
        """Return the position of each subject; -1 if the table lacks it."""
        return find_positions(subjects, ids=self.ids, by_id=self.by_id)

    def read_cells(self, positions: Sequence[int] | Positions, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        """Return the values of those columns at each position; nulls for a position of -1."""
        row_positions = np.asarray(positions, dtype=np.int64)
        masked_positions = pa.array(row_positions, mask=row_positions < 0)
        cells = [take_column(self.rows, name, masked_positions) for name in columns]
        return list(zip(*cells, strict=True)) if cells else [()] * len(row_positions)

    def read_column(self, name: str) -> list[Any]:
        """Return one column, position by position."""
        return take_column(self.rows, name, pa.array(np.arange(len(self.ids))))


_row_stores: SingleFlightCache[RowStore] = SingleFlightCache(max_entries=MAX_OPEN_FILES)


def open_row_store(store: EvidenceStore, *, derived: str, table: str) -> RowStore:
    """Return the row store of a snapshot's table, written first if missing. Raise NoSuchLoad or QueryTimeout."""

    def build_table() -> pa.Table:
        return _sort_rows(read_derived_table(store, derived=derived, table=table), label=TABLES[table].label)

    path = get_cache_path(store, derived=derived, table=table)
    return open_mapped_file(path, cache=_row_stores, wrap=_build_row_store, build_table=build_table)


def get_cache_path(store: EvidenceStore, *, derived: str, table: str) -> Path:
    """Return the path of the materialized file of one table of a snapshot."""
    return get_snapshot_folder(store, derived=derived) / f"{table}.arrow"


def read_derived_table(store: EvidenceStore, *, derived: str, table: str) -> pa.Table:
    """Return one table of that snapshot as it was written. Raise NoSuchLoad."""
    partition = store.get_derived(derived).tables.get(table)
    return (
        pq.read_table(store.get_blob_path(partition.blob))
        if partition
        else build_arrow_schema(TABLES[table]).empty_table()
    )


def _build_row_store(rows: pa.Table) -> RowStore:
    school = rows.column(_SCHOOL).combine_chunks()
    return RowStore(
        ids=read_numbers(rows, "id"),
        school=np.asarray(school.indices.to_numpy(zero_copy_only=False)),
        schools=school.dictionary.to_pylist(),
        by_id=read_numbers(rows, _BY_ID),
        rows=rows,
    )


def _sort_rows(rows: pa.Table, *, label: str) -> pa.Table:
    """Return the rows by school, name and id, with the columns that lookups use."""
    school = rows.column("school") if "school" in rows.column_names else pa.nulls(len(rows), pa.string())
    labels = pc.utf8_lower(pc.fill_null(rows.column(label), ""))
    keys = pa.table({"school": school, "label": labels, "id": rows.column("id")})
    order = pc.sort_indices(keys, sort_keys=[(name, "ascending", "at_end") for name in keys.column_names])
    sorted_rows = rows.take(order).combine_chunks()
    school_codes = pc.dictionary_encode(pc.fill_null(keys.column("school").take(order), "").combine_chunks())
    columns = {
        **{name: encode_if_repetitive(sorted_rows.column(name)) for name in sorted_rows.column_names},
        _SCHOOL: school_codes,
        _BY_ID: pa.array(np.argsort(read_numbers(sorted_rows, "id")).astype(np.int32)),
    }
    return pa.table(columns)
