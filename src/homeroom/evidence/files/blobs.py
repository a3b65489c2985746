"""Content-addressed Parquet files: written to a temporary file, synced, then renamed into place."""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from collections.abc import Buffer, Collection, Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

TEMPORARY_PREFIX = ".writing-"
ORDERED_GROUP_ROWS = 8_192
"""Rows per group of an ordered table: a query for 25 subjects reads only the groups that may hold them."""


class BlobWriter:
    """A Parquet blob while it is written; nothing is visible until `close`.

    `compressed` are the columns worth compressing; None compresses all.
    """

    def __init__(self, folder: Path, *, schema: pa.Schema, compressed: Collection[str] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.path = folder / f"{TEMPORARY_PREFIX}{uuid.uuid4().hex}"
        self._writer = open_parquet_writer(self.path, schema, compressed=compressed)
        self.rows = 0

    def write(self, table: pa.Table, *, group_rows: int | None = None) -> None:
        """Append rows of the blob's schema, in row groups of at most `group_rows` rows."""
        self._writer.write_table(table, row_group_size=group_rows)
        self.rows += table.num_rows

    def close(self) -> str:
        """Sync the file, name it by its content, and return that name (64 hex digits)."""
        self._writer.close()
        with self.path.open("r+b") as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
            os.fsync(handle.fileno())
        rename_durably(self.path, get_blob_path(self._folder, digest))
        return digest

    def discard(self) -> None:
        """Delete what was written."""
        self._writer.close()
        self.path.unlink(missing_ok=True)


def open_parquet_writer(
    where: Path | pa.NativeFile, schema: pa.Schema, *, compressed: Collection[str] | None = None
) -> pq.ParquetWriter:
    """Return a writer of Parquet as blobs are written; parameters as of `BlobWriter`."""
    # Keys and names rarely repeat: a dictionary would take twice the time and, with zstd, more space.
    # None sets one compression for all columns, because columns of lists have other names inside.
    compression = (
        "zstd" if compressed is None else {name: "zstd" if name in compressed else "none" for name in schema.names}
    )
    level = 1 if compressed is None else dict.fromkeys(compressed, 1) or None
    return pq.ParquetWriter(
        where,
        schema,
        compression=compression,
        compression_level=level,
        use_dictionary=False,
        write_statistics=compressed is None,
    )


def write_blob(folder: Path, content: Buffer) -> str:
    """Write the bytes of a Parquet file as a blob, synced, and return its name."""
    digest = hashlib.sha256(content).hexdigest()
    temporary = folder / f"{TEMPORARY_PREFIX}{uuid.uuid4().hex}"
    with temporary.open("xb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    rename_durably(temporary, get_blob_path(folder, digest))
    return digest


def get_blob_path(folder: Path, digest: str) -> Path:
    """Return the path of the blob of that name."""
    return folder / f"{digest}.parquet"


def is_sound(path: Path, digest: str) -> bool:
    """Return whether a file is there and has that SHA-256."""
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest() == digest
    except OSError:
        return False


def write_table(folder: Path, table: pa.Table, *, ordered: bool = False) -> str:
    """Write one table as a blob and return its name; `ordered` writes small row groups, for lookups by order."""
    writer = BlobWriter(folder, schema=table.schema)
    writer.write(table, group_rows=ORDERED_GROUP_ROWS if ordered else None)
    return writer.close()


def write_file(path: Path, content: bytes) -> None:
    """Write a small file for its owner only: to a temporary file, synced, then renamed over the target."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{TEMPORARY_PREFIX}{uuid.uuid4().hex}")
    with open(temporary, "xb", opener=open_owner_only) as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    rename_durably(temporary, path)


def open_owner_only(path: str, flags: int) -> int:
    """Open a file so that a new one is readable by its owner only, from the first byte on; an `opener` for open()."""
    return os.open(path, flags, 0o600)


def rename_durably(temporary: Path, path: Path) -> None:
    """Rename a file, and sync the folder so that the new name survives a crash where the system allows it."""
    temporary.replace(path)
    if os.name == "posix":
        descriptor = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def remove_orphans(folder: Path, *, keep: Iterable[str]) -> int:
    """Remove what killed writers left: temporary files and blobs that no manifest names. Return how many."""
    referenced = set(keep)
    removed = 0
    for path in folder.iterdir() if folder.exists() else ():
        if path.name.startswith(TEMPORARY_PREFIX) or (path.suffix == ".parquet" and path.stem not in referenced):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def remove_stale_files(folder: Path, *, pattern: str = "*", seconds: float = 24 * 3600) -> int:
    """Remove files of that pattern that were not written to for so many seconds. Return how many.

    The default is a day: no session lasts longer.
    """
    removed = 0
    for path in folder.glob(pattern):
        if time.time() - path.stat().st_mtime > seconds:
            path.unlink(missing_ok=True)
            removed += 1
    return removed
