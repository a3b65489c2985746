"""Dump tables as members of a backup: compressed JSON Lines, and the counts and hashes of all rows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence

import msgspec
import pyarrow as pa

from homeroom.apps.platform.backups.state_readers import StateSnapshot
from homeroom.domain.progress import Progress, ignore_progress
from homeroom.evidence.backups.archive import ArchiveMember, build_member
from homeroom.evidence.backups.manifest import TABLES_FOLDER, StoredTable

PART_BYTES = 4 << 20
"""A part ends after so many bytes of lines: what is in memory at a time."""
_ENCODER = msgspec.json.Encoder()
RecordTable = Callable[[StoredTable], object]
"""Takes a table with the counts and the hash of its rows."""


def dump_table(
    state: StateSnapshot, table: StoredTable, *, record: Callable[[StoredTable], object]
) -> Iterator[ArchiveMember]:
    """Yield the parts of a table as members; call `record` with its counts and hash at the end."""
    digest, rows, number = hashlib.sha256(), 0, 0
    reader, lines = state.get_reader(table), bytearray()
    for batch in reader.iter_batches(table):
        rows += len(batch)
        lines += _ENCODER.encode_lines(batch)
        if len(lines) >= PART_BYTES:
            number += 1
            yield _build_part(table, number, lines, digest)
            lines = bytearray()
    if lines:
        yield _build_part(table, number + 1, lines, digest)
    record(msgspec.structs.replace(table, rows=rows, sha256=digest.hexdigest(), sequence=reader.read_sequence(table)))


def measure_tables(
    state: StateSnapshot, tables: Sequence[StoredTable], *, progress: Progress = ignore_progress
) -> tuple[StoredTable, ...]:
    """Return the tables with the counts and hashes of their rows now."""
    measured: list[StoredTable] = []
    for done, table in enumerate(tables):
        progress("Comparing tables", done, len(tables))
        digest, rows, reader = hashlib.sha256(), 0, state.get_reader(table)
        for batch in reader.iter_batches(table):
            rows += len(batch)
            digest.update(_ENCODER.encode_lines(batch))
        measured.append(
            msgspec.structs.replace(table, rows=rows, sha256=digest.hexdigest(), sequence=reader.read_sequence(table))
        )
    return tuple(measured)


def _build_part(table: StoredTable, number: int, lines: bytearray, digest: hashlib._Hash) -> ArchiveMember:
    digest.update(lines)
    compressed = pa.compress(bytes(lines), codec="zstd", asbytes=True)
    return build_member(f"{TABLES_FOLDER}/{table.name}/{number:06d}.jsonl.zst", compressed)
