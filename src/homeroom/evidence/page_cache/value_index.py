"""Find the rows of a small table by a value in one column, such as the vulnerabilities of a product.

The files are next to the other materialized files of a snapshot, in the order in which the rows were written. Columns
whose values repeat are dictionary-encoded, so that finding rows compares numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.cache import SingleFlightCache
from homeroom.evidence.page_cache.mapped_files import (
    Positions,
    encode_if_repetitive,
    open_mapped_file,
    take_column,
)
from homeroom.evidence.page_cache.row_store import get_cache_path, read_derived_table

MAX_OPEN_FILES = 16
"""Files that a process keeps mapped."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ValueIndex:
    """The rows of one table, each read by its position."""

    rows: pa.Table

    def find_positions(self, column: str, value: str) -> Positions:
        """Return the positions of the rows that have that value in the column, ascending."""
        values = self.rows.column(column).combine_chunks()
        if not pa.types.is_dictionary(values.type):
            return _find_true(pc.equal(values, value))
        code = pc.index(values.dictionary, value).as_py()
        return _find_true(pc.equal(values.indices, code)) if code >= 0 else np.empty(0, dtype=np.int64)

    def read_cells(self, positions: Sequence[int] | Positions, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        """Return the values of those columns at each position."""
        row_positions = pa.array(np.asarray(positions, dtype=np.int64))
        return list(zip(*(take_column(self.rows, name, row_positions) for name in columns), strict=True))


_value_indexes: SingleFlightCache[ValueIndex] = SingleFlightCache(max_entries=MAX_OPEN_FILES)


def open_value_index(store: EvidenceStore, *, derived: str, table: str) -> ValueIndex:
    """Return the value index of a snapshot's table, written first if missing. Raise NoSuchLoad or QueryTimeout."""

    def build_table() -> pa.Table:
        rows = read_derived_table(store, derived=derived, table=table)
        return pa.table({name: encode_if_repetitive(rows.column(name)) for name in rows.column_names})

    path = get_cache_path(store, derived=derived, table=table)
    return open_mapped_file(
        path, cache=_value_indexes, wrap=lambda rows: ValueIndex(rows=rows), build_table=build_table
    )


def _wrap_rows(rows: pa.Table) -> ValueIndex:
    return ValueIndex(rows=rows)


def _find_true(mask: pa.Array) -> Positions:
    """Return the positions where the mask is true; null counts as false."""
    positions: Positions = np.flatnonzero(pc.fill_null(mask, False).to_numpy(zero_copy_only=False)).astype(np.int64)
    return positions
