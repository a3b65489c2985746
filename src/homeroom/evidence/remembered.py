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

from homeroom.evidence.blobs import BlobWriter, blob_path, write_table
from homeroom.evidence.manifests import Partition
from homeroom.evidence.tables import Table

Flags = NDArray[np.bool_]
MARKS = pa.schema([("_file", pa.int32()), ("_line", pa.int64()), ("key", pa.uint64()), ("row", pa.uint64())])
PLACE = ("_file", "_line")
_HASHES = pa.schema([("hash", pa.uint64())])
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
    """What stands of a partition: its marks, and which of its rows hold."""

    marks: pl.DataFrame
    holds: Flags

    @property
    def rows(self) -> int:
        """How many rows hold."""
        return int(self.holds.sum())

    @property
    def gone(self) -> pl.DataFrame:
        """The places that no longer hold, in their order."""
        return self.marks.filter(~self.holds).select(PLACE).unique().sort(PLACE)

    def of_keys(self, keys: pl.Series) -> pl.DataFrame:
        """The places of rows that hold and have one of these keys (hashes)."""
        found = self.marks["key"].is_in(keys.implode()).to_numpy() & self.holds
        return self.marks.filter(found).select(PLACE)


def marks_of(rows: pl.DataFrame, *, table: Table) -> pl.DataFrame:
    """The marks of rows of a table that have `_file` and `_line` beside them."""
    weighed = [name for name in table.names if name not in table.volatile]
    key, row = rows.select(table.key).hash_rows(), rows.select(weighed).hash_rows()
    return rows.select(PLACE).with_columns(key.alias("key"), row.alias("row"))


def marks_writer(folder: Path) -> BlobWriter:
    """A blob of marks; hashes are not to be packed."""
    return BlobWriter(folder, schema=MARKS, packed=PLACE)


def standing_of(folder: Path, upon: Upon) -> Standing:
    """Which rows of a partition stand on lines that stand."""
    marks = _read(folder, upon.partition.marks)
    return Standing(marks=marks, holds=_at(marks, stands=upon.stands, first=upon.first))


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
    marks = _read(folder, newer.marks)
    held, holds = (~_among(marks, _gone(folder, part)) for part in (older, newer))
    beside, over = (_beside(folder, part) for part in (older, newer))
    left = pl.concat([marks.filter(held & ~holds).with_columns(base=True), _marked(beside, table, base=False)])
    right = pl.concat([marks.filter(holds & ~held).with_columns(base=True), _marked(over, table, base=False)])
    pairs = left.join(right, on="key", how="full")
    lost = pairs.filter(pl.col("key_right").is_null()).select(*PLACE, "base")
    there = pairs["key"].is_not_null() & pairs["key_right"].is_not_null()
    return Parted(
        added=int(pairs["key"].is_null().sum()),
        removed=lost.height,
        changed=int((there & (pairs["row"] != pairs["row_right"])).sum()),
        lost_of_base=lost.filter("base").select(PLACE),
        lost_beside=_placed(beside, lost.filter(~pl.col("base")), pairs, table),
    )


def _placed(beside: pl.DataFrame | None, lost: pl.DataFrame, pairs: pl.DataFrame, table: Table) -> pl.DataFrame:
    if beside is None or not lost.height:
        return pl.DataFrame()
    keys = pairs.filter(pl.col("key_right").is_null() & ~pl.col("base"))["key"]
    return beside.filter(beside.select(table.key).hash_rows().is_in(keys.implode()))


def _read(folder: Path, name: str) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(pq.read_table(blob_path(folder, name))))


def _gone(folder: Path, part: Partition) -> pl.DataFrame | None:
    return _read(folder, part.gone) if part.gone else None


def _beside(folder: Path, part: Partition) -> pl.DataFrame | None:
    return _read(folder, part.over) if part.over else None


def _marked(rows: pl.DataFrame | None, table: Table, *, base: bool) -> pl.DataFrame:
    if rows is None:
        return pl.DataFrame(pl.from_arrow(MARKS.empty_table())).with_columns(base=pl.lit(base))
    return marks_of(rows, table=table).with_columns(base=pl.lit(base))


def _among(marks: pl.DataFrame, places: pl.DataFrame | None) -> Flags:
    """Whether each mark is of one of the places."""
    if places is None:
        return np.zeros(marks.height, dtype=np.bool_)
    stands, first = {}, {}
    for (number,), rows in places.partition_by("_file", as_dict=True).items():
        lines = rows["_line"].to_numpy()
        first[int(number)] = int(lines.min())
        stands[int(number)] = np.bincount(lines - lines.min()).astype(np.bool_)
    return _at(marks, stands=stands, first=first)


def _at(marks: pl.DataFrame, *, stands: Mapping[int, Flags], first: Mapping[int, int]) -> Flags:
    """For each mark what the flags say of its line; False for lines that they do not reach."""
    found = np.zeros(marks.height, dtype=np.bool_)
    files, lines = marks["_file"].to_numpy(), marks["_line"].to_numpy()
    for number, flags in stands.items():
        rows = np.flatnonzero(files == number)
        at = lines[rows] - first[number]
        inside = (at >= 0) & (at < len(flags))
        found[rows[inside]] = flags[at[inside]]
    return found


def write_places(folder: Path, places: pl.DataFrame) -> str:
    """Keeps places that no longer hold and returns the blob's name."""
    schema = pa.schema([MARKS.field(name) for name in PLACE])
    return write_table(folder, places.select(PLACE).to_arrow().cast(schema))
