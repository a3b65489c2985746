"""Files of rows or columns that are mapped into memory and not read: who asks for a few of them touches those alone.

Each is an Arrow table, written whole and then renamed into its place. All processes share what was touched of it.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from homeroom.evidence.blobs import TEMPORARY, put_in_place
from homeroom.evidence.kept import Kept

FEW = 4
"""A text stands as a number of a list of words where each word stands on so many rows in the mean."""
WAITS = 30.0
"""Seconds that a page waits for another one that lays the same file out."""
Places = npt.NDArray[np.int64]


class Shelf[V]:
    """Files of one kind, of which a process keeps the last `most` mapped, each as what `opened` makes of its table."""

    def __init__(self, *, opened: Callable[[pa.Table], V], most: int) -> None:
        self._opened = opened
        self._mapped: Kept[V] = Kept(most=most)
        self._laying: Kept[None] = Kept(most=0, seconds=WAITS)

    def get(self, path: Path, lay: Callable[[], pa.Table]) -> V:
        """What a file holds; where it is missing it is written first, as the table that `lay` makes: once, of many who ask at once.

        Raises TooSlow, and what `lay` raises.
        """
        if not path.exists():
            self._laying.get(str(path), lambda: None if path.exists() else write_mapped(path, lay()))
        return self._mapped.get(written(path), lambda: self._opened(mapped(path)))


def forget(folder: Path, *, keep: Iterable[str]) -> None:
    """Removes what stands in a folder of such files but those names. A file that is mapped stays readable to who mapped it."""
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


def places_of(wanted: Sequence[int] | Places, *, ids: Places, by_id: npt.NDArray[np.int32]) -> Places:
    """The place of each wanted id among `ids`, which `by_id` puts in order; -1 where it is not among them."""
    ones = np.asarray(wanted, dtype=np.int64)
    if not len(ids):
        return np.full(len(ones), -1, dtype=np.int64)
    found = by_id[np.minimum(np.searchsorted(ids, ones, sorter=by_id), len(ids) - 1)]
    return np.where(ids[found] == ones, found, -1).astype(np.int64)


def fewer_words(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A text of few words as numbers of a list of them; any other column as it is."""
    if column.type != pa.string() or not len(column):
        return column
    encoded = column.combine_chunks().dictionary_encode()
    return pa.chunked_array([encoded]) if len(encoded.dictionary) * FEW <= len(column) else column
