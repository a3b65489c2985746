"""Content-addressed Parquet files: written whole beside their place, synced, then renamed into it."""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from collections.abc import Collection, Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

TEMPORARY = ".writing-"
ROWS_TOGETHER = 8_192
"""Rows of a table in order that lie together: who asks for 25 subjects reads only the groups that may hold them."""


class BlobWriter:
    """One Parquet blob while it is written. Nothing is visible until `close`. `packed` are the columns that are worth it; all
    where nothing is said."""

    def __init__(self, folder: Path, *, schema: pa.Schema, packed: Collection[str] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.path = folder / f"{TEMPORARY}{uuid.uuid4().hex}"
        # Keys and names hardly repeat: a dictionary would cost twice the time and, under zstd, take more room.
        # One word for all where nothing is said, since columns of lists have other names within.
        how = "zstd" if packed is None else {name: "zstd" if name in packed else "none" for name in schema.names}
        level = 1 if packed is None else dict.fromkeys(packed, 1) or None
        self._writer = pq.ParquetWriter(
            self.path,
            schema,
            compression=how,
            compression_level=level,
            use_dictionary=False,
            write_statistics=packed is None,
        )
        self.rows = 0

    def write(self, table: pa.Table, *, group: int | None = None) -> None:
        """Appends rows; their schema must be the blob's. `group` is how many of them lie together at most."""
        self._writer.write_table(table, row_group_size=group)
        self.rows += table.num_rows

    def close(self) -> str:
        """Syncs, names the file by its content, and returns that name (64 hex digits)."""
        self._writer.close()
        with self.path.open("r+b") as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
            os.fsync(handle.fileno())
        put_in_place(self.path, blob_path(self._folder, digest))
        return digest

    def discard(self) -> None:
        """Forgets what was written."""
        self._writer.close()
        self.path.unlink(missing_ok=True)


def blob_path(folder: Path, digest: str) -> Path:
    """Where the blob of that name lies."""
    return folder / f"{digest}.parquet"


def write_table(folder: Path, table: pa.Table, *, ordered: bool = False) -> str:
    """Writes one table as a blob and returns its name. `ordered` says that its rows are in the order of what is asked for."""
    writer = BlobWriter(folder, schema=table.schema)
    writer.write(table, group=ROWS_TOGETHER if ordered else None)
    return writer.close()


def write_file(path: Path, content: bytes) -> None:
    """Writes a small file whole, for its owner alone: beside its place, synced, then renamed over it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{TEMPORARY}{uuid.uuid4().hex}")
    with open(temporary, "xb", opener=owners_alone) as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    put_in_place(temporary, path)


def owners_alone(path: str, flags: int) -> int:
    """An `opener` whose new files only their owner can read, from the first byte on."""
    return os.open(path, flags, 0o600)


def put_in_place(temporary: Path, path: Path) -> None:
    """Renames, and makes the new name itself durable where the system can."""
    temporary.replace(path)
    if os.name == "posix":
        descriptor = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def sweep(folder: Path, *, keep: Iterable[str]) -> int:
    """Removes what a killed writer left behind: temporary files and blobs that no manifest names. Returns how many."""
    kept = set(keep)
    removed = 0
    for path in folder.iterdir() if folder.exists() else ():
        if path.name.startswith(TEMPORARY) or (path.suffix == ".parquet" and path.stem not in kept):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def sweep_old(folder: Path, *, pattern: str = "*", seconds: float = 24 * 3600) -> int:
    """Removes the files of that pattern that nobody wrote to for so long: no session lasts a day. Returns how many."""
    removed = 0
    for path in folder.glob(pattern):
        if time.time() - path.stat().st_mtime > seconds:
            path.unlink(missing_ok=True)
            removed += 1
    return removed
