"""The rows of a resolved snapshot laid out for pages: in the order in which somebody walks to them, each read by its place.

Parquet answers by whole columns, and a page asks for 25 rows of 130,000. So a table whose rows have a name (`Table.label`) has a
copy under `laid/<snapshot>/` whose file is mapped and not read: who asks for a row touches that row alone, and all processes
share what was touched. Rows stand by school, then by name or serial number; those without a school come last. What is laid can be
laid again from the snapshot at any time, and is, where it is missing.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from homeroom.evidence.blobs import TEMPORARY, put_in_place
from homeroom.evidence.kept import Kept
from homeroom.evidence.schema import arrow_schema
from homeroom.evidence.store import Store
from homeroom.evidence.tables import TABLES

FOLDER = "laid"
OPEN = 64
"""Files that a process keeps mapped: three large and some small ones a snapshot."""
FEW = 4
"""A text stands as a number of a list of words where each word stands on so many rows in the mean."""
Places = npt.NDArray[np.int64]
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
        wanted = np.asarray(subjects, dtype=np.int64)
        if not len(self.ids):
            return np.full(len(wanted), -1, dtype=np.int64)
        found = self.by_id[np.minimum(np.searchsorted(self.ids, wanted, sorter=self.by_id), len(self.ids) - 1)]
        return np.where(self.ids[found] == wanted, found, -1).astype(np.int64)

    def cells(self, places: Sequence[int] | Places, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        """The values of those columns at each place; nulls for a place of -1."""
        at = np.asarray(places, dtype=np.int64)
        wanted = pa.array(at, mask=at < 0)
        cells = [told(self.rows, name, wanted) for name in columns]
        return list(zip(*cells, strict=True)) if cells else [()] * len(at)

    def column(self, name: str) -> list[Any]:
        """One column, place by place."""
        return told(self.rows, name, pa.array(np.arange(len(self.ids))))


_open: Kept[Laid] = Kept(most=OPEN, seconds=10.0)


def laid(store: Store, *, derived: str, table: str) -> Laid:
    """One table of that snapshot, laid out first where it is not yet. Raises NoSuchLoad, and TooSlow."""
    path = store.folder / FOLDER / derived / f"{table}.arrow"
    if not path.exists():
        partition = store.derived(derived).tables.get(table)
        schema = arrow_schema(TABLES[table])
        rows = pq.read_table(store.blob(partition.blob)) if partition else schema.empty_table()
        write_mapped(path, _in_order(rows, label=TABLES[table].label))
    return _open.get(written(path), lambda: _opened(path))


def forget(folder: Path, *, keep: Iterable[str]) -> None:
    """Removes what stands in a folder of laid things but those names. A file that is mapped stays readable to who mapped it."""
    kept = set(keep)
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in kept:
            shutil.rmtree(path, ignore_errors=True)


def write_mapped(path: Path, table: pa.Table) -> None:
    """Writes a table whole, synced and then renamed into its place, as a file that `mapped` reads."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f"{TEMPORARY}{uuid.uuid4().hex}")
    with pa.OSFile(str(temporary), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    with temporary.open("r+b") as handle:
        os.fsync(handle.fileno())
    put_in_place(temporary, path)


def mapped(path: Path) -> pa.Table:
    """The table of a file as it lies there: nothing is read before it is asked for. Raises FileNotFoundError."""
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def written(path: Path) -> tuple[str, int, int]:
    """What tells one writing of a file from another, such as after a restore. Raises FileNotFoundError."""
    found = path.stat()
    return (str(path), found.st_mtime_ns, found.st_ino)


def told(rows: pa.Table, name: str, places: pa.Array) -> list[Any]:
    """One column at those places; a snapshot that is older than a column has nulls there."""
    if name not in rows.column_names:
        return [None] * len(places)
    found = pc.take(rows.column(name), places)
    if pa.types.is_dictionary(found.type):  # as texts they come out at a tenth of the cost
        found = found.cast(found.type.value_type)
    cells: list[Any] = found.to_pylist()
    return cells


def numbers(table: pa.Table, name: str) -> npt.NDArray[Any]:
    """A column of numbers without nulls as it lies in the file."""
    column = table.column(name)
    chunk = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    return np.asarray(chunk.to_numpy(zero_copy_only=False))


def _opened(path: Path) -> Laid:
    rows = mapped(path)
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


def fewer_words(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A text of few words as numbers of a list of them; any other column as it is."""
    if column.type != pa.string() or not len(column):
        return column
    encoded = column.combine_chunks().dictionary_encode()
    return pa.chunked_array([encoded]) if len(encoded.dictionary) * FEW <= len(column) else column
