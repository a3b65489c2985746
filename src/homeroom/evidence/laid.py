"""The rows of a resolved snapshot laid out for pages: in the order in which somebody walks to them, each read by its place.

Parquet answers by whole columns, and a page asks for 25 rows of 130,000. So a table whose rows have a name (`Table.label`) has a
copy under `laid/<snapshot>/` whose file is mapped and not read: who asks for a row touches that row alone, and all processes
share what was touched. Rows stand by school, then by name or serial number; those without a school come last. What is laid can be
laid again from the snapshot at any time, and is, where it is missing.
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

from homeroom.evidence.schema import arrow_schema
from homeroom.evidence.shelves import Places, Shelf, fewer_words, numbers, places_of, told
from homeroom.evidence.store import Store
from homeroom.evidence.tables import TABLES

FOLDER = "laid"
OPEN = 64
"""Files that a process keeps mapped: three large and some small ones a snapshot."""
_BY_ID, _SCHOOL = "_by_id", "_school"


@dataclass(frozen=True, kw_only=True, eq=False)
class Laid:
    """Every row of one table in order. `ids` and `school` (a number of `schools`, by name, "" for none) have one value a place."""

    ids: Places
    school: npt.NDArray[np.int32]
    schools: Sequence[str]
    by_id: npt.NDArray[np.int32]
    rows: pa.Table

    def places(self, subjects: Sequence[int] | Places) -> Places:
        """The place of each of those subjects; -1 where the table lacks it."""
        return places_of(subjects, ids=self.ids, by_id=self.by_id)

    def cells(self, places: Sequence[int] | Places, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        """The values of those columns at each place; nulls for a place of -1."""
        at = np.asarray(places, dtype=np.int64)
        wanted = pa.array(at, mask=at < 0)
        cells = [told(self.rows, name, wanted) for name in columns]
        return list(zip(*cells, strict=True)) if cells else [()] * len(at)

    def column(self, name: str) -> list[Any]:
        """One column, place by place."""
        return told(self.rows, name, pa.array(np.arange(len(self.ids))))


def laid(store: Store, *, derived: str, table: str) -> Laid:
    """One table of that snapshot, laid out first where it is not yet. Raises NoSuchLoad, and TooSlow."""

    def rows() -> pa.Table:
        return _in_order(rows_of(store, derived=derived, table=table), label=TABLES[table].label)

    return _SHELF.get(path_of(store, derived=derived, table=table), rows)


def path_of(store: Store, *, derived: str, table: str) -> Path:
    """The file of what is laid out of one table of a snapshot."""
    return store.folder / FOLDER / derived / f"{table}.arrow"


def rows_of(store: Store, *, derived: str, table: str) -> pa.Table:
    """One table of that snapshot as it was written. Raises NoSuchLoad."""
    partition = store.derived(derived).tables.get(table)
    return pq.read_table(store.blob(partition.blob)) if partition else arrow_schema(TABLES[table]).empty_table()


def _opened(rows: pa.Table) -> Laid:
    school = rows.column(_SCHOOL).combine_chunks()
    return Laid(
        ids=numbers(rows, "id"),
        school=np.asarray(school.indices.to_numpy(zero_copy_only=False)),
        schools=school.dictionary.to_pylist(),
        by_id=numbers(rows, _BY_ID),
        rows=rows,
    )


def _in_order(rows: pa.Table, *, label: str) -> pa.Table:
    """The rows by school, name and id, with what the order is asked by beside them."""
    school = rows.column("school") if "school" in rows.column_names else pa.nulls(len(rows), pa.string())
    named = pc.utf8_lower(pc.fill_null(rows.column(label), ""))
    keys = pa.table({"school": school, "label": named, "id": rows.column("id")})
    order = pc.sort_indices(keys, sort_keys=[(name, "ascending", "at_end") for name in keys.column_names])
    placed = rows.take(order).combine_chunks()
    words = pc.dictionary_encode(pc.fill_null(keys.column("school").take(order), "").combine_chunks())
    made = {
        **{name: fewer_words(placed.column(name)) for name in placed.column_names},
        _SCHOOL: words,
        _BY_ID: pa.array(np.argsort(numbers(placed, "id")).astype(np.int32)),
    }
    return pa.table(made)


_SHELF: Shelf[Laid] = Shelf(opened=_opened, most=OPEN)
