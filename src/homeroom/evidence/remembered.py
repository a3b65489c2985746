"""What is remembered of a load beside its rows, so that the next one reads and writes only what changed.

Of each row of a table its *marks*: the place it was read from, a hash of its key and one of all that is weighed. Of each
file the hashes of its lines (`LoadedFile.lines`). Both are blobs of hashes that tell nothing by themselves; a load that
lacks them, or whose hashes are of another reader, is followed by one that reads whole. Hashes of 64 bits are taken for what
they are of: of a million changed lines one is missed in eighteen million million loads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from homeroom.evidence.blobs import BlobWriter, blob_path
from homeroom.evidence.manifests import Partition
from homeroom.evidence.tables import Table

Flags = NDArray[np.bool_]
MARKS = pa.schema([("_file", pa.int32()), ("_line", pa.int64()), ("key", pa.uint64()), ("row", pa.uint64())])
PLACE = ("_file", "_line")
_NO_MARKS = pl.DataFrame(pl.from_arrow(MARKS.empty_table()))
_HASHES = pa.schema([("hash", pa.uint64())])
_TOGETHER = 1 << 18
_MARK, _FILE = b"homeroom.mark", b"homeroom.file"


class Clean:
    """The lines of one file while it is read: which made rows and nothing else. What is odd of a line is told last."""

    def __init__(self, *, first: int, count: int) -> None:
        self._first = first
        self.flags: Flags = np.zeros(count, dtype=np.bool_)

    def made(self, lines: pl.Series) -> None:
        """These lines made rows."""
        self.flags[lines.to_numpy() - self._first] = True

    def soil(self, line: int) -> None:
        """This line made something else, or a row that does not stand."""
        self.flags[line - self._first] = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Upon:
    """A partition of the load before, and the lines of its files (by number and from `first` on) that stand as they were."""

    partition: Partition
    stands: Mapping[int, Flags]
    first: Mapping[int, int]


@dataclass(frozen=True, kw_only=True, eq=False)
class Standing:
    """What stands of a partition: how many rows, the marks of those that do not, and the places of those of keys that were read."""

    rows: int
    gone: pl.DataFrame
    twice: pl.DataFrame


def marks_of(rows: pl.DataFrame, *, table: Table) -> pl.DataFrame:
    """The marks of rows of a table that have `_file` and `_line` beside them."""
    weighed = [name for name in table.names if name not in table.volatile]
    key, row = rows.select(table.key).hash_rows(), rows.select(weighed).hash_rows()
    return rows.select(PLACE).with_columns(key.alias("key"), row.alias("row"))


def marks_writer(folder: Path) -> BlobWriter:
    """A blob of marks; hashes are not to be packed."""
    return BlobWriter(folder, schema=MARKS, packed=PLACE)


def standing_of(folder: Path, upon: Upon, *, keys: pl.Series) -> Standing:
    """Which rows of a partition stand on lines that stand, and which of them have one of these keys (hashes).

    Marks are read some at a time, so that the memory of the first is used again.
    """
    rows, gone, twice = 0, [_NO_MARKS], [_NO_MARKS]
    for batch in pq.ParquetFile(blob_path(folder, upon.partition.marks)).iter_batches(batch_size=_TOGETHER):
        marks = pl.DataFrame(pl.from_arrow(batch))
        holds = _at(marks, stands=upon.stands, first=upon.first)
        rows += int(holds.sum())
        gone.append(marks.filter(~holds))
        twice.append(marks.filter(marks["key"].is_in(keys.implode()).to_numpy() & holds))
    return Standing(rows=rows, gone=pl.concat(gone), twice=pl.concat(twice).select(PLACE))


def write_lines(folder: Path, hashes: NDArray[np.uint64], *, mark: str, number: int) -> str:
    """Keeps the hashes of a file's lines and returns the blob's name. `mark` says what decides how a line is read."""
    said = {_MARK: mark.encode(), _FILE: str(number).encode()}
    writer = BlobWriter(folder, schema=_HASHES.with_metadata(said), packed=())
    writer.write(pa.table([pa.array(hashes)], schema=_HASHES.with_metadata(said)))
    return writer.close()


def read_lines(folder: Path, name: str, *, mark: str) -> tuple[NDArray[np.uint64], int] | None:
    """The hashes of a file's lines and the number that the file had; None where they were read otherwise, or are gone."""
    path = blob_path(folder, name)
    if not path.exists():
        return None
    kept = pq.read_table(path)
    said = kept.schema.metadata or {}
    return (kept.column("hash").to_numpy(), int(said[_FILE])) if said.get(_MARK) == mark.encode() else None


@dataclass(frozen=True, kw_only=True, eq=False)
class Parted:
    """How a snapshot differs from an older one of the same base, in rows; and the rows that it lacks: by their places in the
    base, and whole, with `_file` and `_line`, of those that were beside it."""

    added: int
    removed: int
    changed: int
    lost_of_base: pl.DataFrame
    lost_beside: pl.DataFrame


def parted(folder: Path, older: Partition, newer: Partition, *, table: Table) -> Parted | None:
    """How two snapshots differ, told by marks alone; None where they are not of one base."""
    if older.blob != newer.blob or not newer.marks:
        return None
    then, now = (_read(folder, part.gone) if part.gone else _NO_MARKS for part in (older, newer))
    beside, over = (_read(folder, part.over) if part.over else None for part in (older, newer))
    left = pl.concat([_but(now, then).with_columns(base=True), _marked(beside, table)])
    right = pl.concat([_but(then, now).with_columns(base=True), _marked(over, table)])
    pairs = left.join(right, on="key", how="full")
    lost = pairs.filter(pl.col("key_right").is_null()).select(*PLACE, "base")
    there = pairs["key"].is_not_null() & pairs["key_right"].is_not_null()
    return Parted(
        added=int(pairs["key"].is_null().sum()),
        removed=lost.height,
        changed=int((there & (pairs["row"] != pairs["row_right"])).sum()),
        lost_of_base=lost.filter("base").select(PLACE),
        lost_beside=_of_keys(beside, pairs.filter(pl.col("key_right").is_null() & ~pl.col("base"))["key"], table),
    )


def _of_keys(rows: pl.DataFrame | None, keys: pl.Series, table: Table) -> pl.DataFrame:
    if rows is None or not len(keys):
        return pl.DataFrame()
    return rows.filter(rows.select(table.key).hash_rows().is_in(keys.implode()))


def _read(folder: Path, name: str) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(pq.read_table(blob_path(folder, name))))


def _but(some: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Marks of one base that the others lack."""
    return some.join(others, on=[*PLACE, "key"], how="anti")


def _marked(rows: pl.DataFrame | None, table: Table) -> pl.DataFrame:
    """The marks of rows that lie beside a base."""
    return (marks_of(rows, table=table) if rows is not None else _NO_MARKS).with_columns(base=pl.lit(False))


def _at(marks: pl.DataFrame, *, stands: Mapping[int, Flags], first: Mapping[int, int]) -> Flags:
    """For each mark what the flags say of its line; False for lines that they do not reach."""
    found = np.zeros(marks.height, dtype=np.bool_)
    files, lines = marks["_file"].to_numpy(), marks["_line"].to_numpy()
    for number, flags in stands.items():
        at = lines - first[number]
        inside = np.flatnonzero((files == number) & (at >= 0) & (at < len(flags)))
        found[inside] = flags[at[inside]]
    return found


def write_gone(folder: Path, marks: pl.DataFrame) -> str:
    """Keeps the marks of rows that no longer hold and returns the blob's name."""
    writer = marks_writer(folder)
    writer.write(marks.to_arrow().cast(MARKS))
    return writer.close()
