"""Memory-mapped Arrow files: reading a few rows or columns touches only those.

Each file is written completely and then renamed into place. All processes share what was touched of it.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from homeroom.evidence.files.blobs import TEMPORARY_PREFIX, rename_durably, write_file
from homeroom.evidence.page_cache.cache import SingleFlightCache

MIN_ROWS_PER_VALUE = 4
"""Dictionary-encode a text column whose values repeat at least this often on average."""
WRITE_WAIT_SECONDS = 30.0
"""Seconds that a page waits for another one that writes the same file."""
Positions = npt.NDArray[np.int64]


_writes: SingleFlightCache[None] = SingleFlightCache(max_entries=0, seconds=WRITE_WAIT_SECONDS)
"""Writes in progress; their results are the files."""


def open_mapped_file[V](
    path: Path,
    *,
    cache: SingleFlightCache[V],
    wrap: Callable[[pa.Table], V],
    build_table: Callable[[], pa.Table] | None = None,
) -> V:
    """Return what `wrap` makes of the mapped table of a file, from `cache` if this writing of it was opened before.

    If the file is missing, first write the table that `build_table` returns, once among all threads; without
    `build_table` raise FileNotFoundError. Raise QueryTimeout, and what `build_table` raises.
    """
    if build_table is not None and not path.exists():
        _write_once(path, build_table)
    return cache.get(get_file_identity(path), lambda: wrap(map_arrow_file(path)))


def _write_once(path: Path, build_table: Callable[[], pa.Table]) -> None:
    _writes.get(str(path), lambda: None if path.exists() else write_arrow_file(path, build_table()))


def write_arrow_file(path: Path, table: pa.Table) -> None:
    """Write a table for `map_arrow_file`: to a temporary file, synced, then renamed into place."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f"{TEMPORARY_PREFIX}{uuid.uuid4().hex}")
    with pa.OSFile(str(temporary), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    with temporary.open("r+b") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
        os.fsync(handle.fileno())
    write_file(get_checksum_path(path), digest.encode())
    rename_durably(temporary, path)


def get_checksum_path(path: Path) -> Path:
    """Return the path of the file with the checksum of a mapped file, which only a thorough check reads."""
    return path.with_name(f"{path.name}.sha256")


def map_arrow_file(path: Path) -> pa.Table:
    """Return the table of a file, memory-mapped: nothing is read before it is used. Raise FileNotFoundError."""
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def get_file_identity(path: Path) -> tuple[str, int, int]:
    """Return what identifies one writing of a file, such as after a restore. Raise FileNotFoundError."""
    status = path.stat()
    return (str(path), status.st_mtime_ns, status.st_ino)


def take_column(rows: pa.Table, name: str, positions: pa.Array) -> list[Any]:
    """Return one column at those positions; nulls if the snapshot is older than the column."""
    if name not in rows.column_names:
        return [None] * len(positions)
    values = pc.take(rows.column(name), positions)
    if pa.types.is_dictionary(values.type):  # as texts they come out at a tenth of the cost
        values = values.cast(values.type.value_type)
    cells: list[Any] = values.to_pylist()
    return cells


def read_numbers(table: pa.Table, name: str) -> npt.NDArray[Any]:
    """Return a column of numbers without nulls, without copying it where possible."""
    column = table.column(name)
    chunk = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    return np.asarray(chunk.to_numpy(zero_copy_only=False))


def find_positions(
    subject_ids: Sequence[int] | Positions, *, ids: Positions, by_id: npt.NDArray[np.int32]
) -> Positions:
    """Return the position of each subject id in `ids`, which `by_id` sorts; -1 if it is not there."""
    lookup_ids = np.asarray(subject_ids, dtype=np.int64)
    if not len(ids):
        return np.full(len(lookup_ids), -1, dtype=np.int64)
    candidates = by_id[np.minimum(np.searchsorted(ids, lookup_ids, sorter=by_id), len(ids) - 1)]
    return np.where(ids[candidates] == lookup_ids, candidates, -1).astype(np.int64)


def encode_if_repetitive(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Dictionary-encode a text column with few distinct values; return any other column unchanged."""
    if column.type != pa.string() or not len(column):
        return column
    encoded = column.combine_chunks().dictionary_encode()
    return pa.chunked_array([encoded]) if len(encoded.dictionary) * MIN_ROWS_PER_VALUE <= len(column) else column
