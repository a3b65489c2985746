"""Writing one load: the rows of every table as they come, then repeats, and what holds of the load before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from homeroom.evidence.blobs import BlobWriter, blob_path, write_table
from homeroom.evidence.differences import PROVENANCE, connection, same_key
from homeroom.evidence.manifests import Partition
from homeroom.evidence.remembered import (
    MARKS,
    Clean,
    Flags,
    Standing,
    Upon,
    marks_of,
    marks_writer,
    standing_of,
    write_gone,
)
from homeroom.evidence.schema import arrow_schema, fitted
from homeroom.evidence.snapshots import scan
from homeroom.evidence.tables import TABLES, Table

REJECTS = pa.schema(
    [
        ("file", pa.string()),
        ("line", pa.int64()),
        ("field", pa.string()),
        ("value", pa.string()),
        ("reason", pa.string()),
        ("row_lost", pa.bool_()),
    ]
)
ROWS_A_GROUP = 65_536


class Clash(Exception):
    """Rows that were read have keys of rows that stand. `places` are those of the latter in the load before."""

    def __init__(self, places: pl.DataFrame) -> None:
        super().__init__()
        self.places = places


class Draft:
    """The tables and rejects of one load while it is written. Call `abandon` where it fails.

    Rows are packed and written in a thread of its own, at most one group of them at a time, while the next are read. Of a
    table in `upon` only rows are written that come beside what stands of a load before. Of tables in `marked`, and of files
    in `lines` (the first line and how many, by number), it is kept what the next load has to know.
    """

    def __init__(
        self,
        folder: Path,
        *,
        upon: Mapping[str, Upon] = MappingProxyType({}),
        marked: Collection[str] = (),
        lines: Mapping[int, tuple[int, int]] = MappingProxyType({}),
    ) -> None:
        self._folder = folder
        self._upon, self._marked = upon, frozenset(marked)
        self._marks: dict[str, BlobWriter] = {}
        self._clean = {number: Clean(first=first, count=count) for number, (first, count) in lines.items()}
        self._tables: dict[str, BlobWriter] = {}
        self._waiting: dict[str, list[pl.DataFrame]] = {}
        self._keys: dict[str, list[pl.Series]] = {}
        self._rejects: list[pa.Table] = []
        self._hand = ThreadPoolExecutor(max_workers=1)
        self._at_work: Future[None] | None = None
        self.lost_of: Counter[str] = Counter()

    @property
    def lost(self) -> int:
        """How many rows were left out, of all files; `lost_of` tells them by the file's name."""
        return self.lost_of.total()

    def write(self, table: str, frame: pl.DataFrame, *, file: int) -> None:
        """Appends rows of one canonical table; `_line` of the frame and the file's number are kept beside them.

        Where the frame has a column `_file`, each row has its own file's number there.
        """
        line = pl.col("_line") if "_line" in frame.columns else pl.lit(None, dtype=pl.Int64).alias("_line")
        number = pl.col("_file") if "_file" in frame.columns else pl.lit(file).alias("_file")
        beside = frame.with_columns(number.cast(pl.Int32), line.cast(pl.Int64)).select("_file", "_line")
        whole = fitted(frame, table=TABLES[table]).hstack(beside)
        self._keys.setdefault(table, []).append(whole.select(TABLES[table].key).hash_rows())
        if file in self._clean:
            self._clean[file].made(whole["_line"])
        waiting = self._waiting.setdefault(table, [])
        waiting.append(whole)
        if sum(one.height for one in waiting) >= ROWS_A_GROUP:
            self._flush(table)

    def reject(self, frame: pl.DataFrame, *, file: str) -> None:
        """Keeps rejects (REJECT_SCHEMA of the ingest floor, values masked already) beside the file's name."""
        if frame.height:
            self.lost_of[file] += int(frame.filter(pl.col("row_lost")).height)
            named = frame.with_columns(pl.lit(file).alias("file")).select(REJECTS.names)
            self._rejects.append(named.to_arrow().cast(REJECTS))

    def _flush(self, table: str) -> None:
        """Hands on what waits of a table. Raises what the writing before it raised."""
        if table not in self._tables:
            self._tables[table] = BlobWriter(self._folder, schema=stored(TABLES[table]))
            if table in self._marked:
                self._marks[table] = marks_writer(self._folder)
        waiting = self._waiting.pop(table, [])
        self._written()
        if waiting:
            self._at_work = self._hand.submit(
                _write, self._tables[table], self._marks.get(table), waiting, TABLES[table]
            )

    def _written(self) -> None:
        if self._at_work is not None:
            self._at_work.result()
            self._at_work = None

    def abandon(self) -> None:
        """Forgets everything; blobs that are in place already go with the next sweep."""
        self._hand.shutdown()
        for writer in (*self._tables.values(), *self._marks.values()):
            writer.discard()

    def clean(self, number: int) -> Flags:
        """Of a file in `lines`: which of its lines made rows that all stand, and nothing else. Call it after `finish`."""
        return self._clean[number].flags

    def finish(self, *, names: Sequence[str], newest: bool = False) -> tuple[dict[str, Partition], str, int]:
        """Closes all tables: (partitions by table, the rejects' blob or "", rows lost to repeated keys).

        `names` are the files' names by number. Where a key appears twice, the first row stands and the others are
        rejected; rows that repeat another in every column are dropped without a word. With `newest`, as in a log, the last
        row stands, and nothing is lost by that. Raises Clash where a key is one of a row that stands.
        """
        for name in list(self._waiting):
            self._flush(name)
        self._written()
        self._hand.shutdown()
        standing = self._standing()
        partitions, repeated = {}, 0
        for name, writer in sorted(self._tables.items()):
            rows, blob = writer.rows, writer.close()
            marks = self._marks[name].close() if name in self._marks else ""
            again = self._repeated(name, blob)
            if again.num_rows:
                blob, rows = self._one_a_key(blob, table=TABLES[name], order="DESC" if newest else "ASC")
                marks = self._marked_anew(blob, table=TABLES[name]) if marks else ""
                self._soil(again["_file"].to_pylist(), again["_line"].to_pylist())
            if again.num_rows and not newest:
                told = _as_rejects(again, table=TABLES[name], names=names)
                repeated += told.num_rows
                self.lost_of.update(told["file"].to_pylist())
                self._rejects.append(told)
            partitions[name] = Partition(blob=blob, rows=rows, marks=marks)
        for name, stands in standing.items():
            partitions[name] = self._beside(stands, partitions.get(name), base=self._upon[name].partition)
        kept = [table for table in self._rejects if table.num_rows]
        for table in kept if self._clean else ():
            self._soil([names.index(name) for name in table["file"].to_pylist()], table["line"].to_pylist())
        return partitions, write_table(self._folder, pa.concat_tables(kept)) if kept else "", repeated

    def _standing(self) -> dict[str, Standing]:
        """What stands of the load before. Raises Clash."""
        none = pl.Series(dtype=pl.UInt64)
        keys = {name: pl.concat(self._keys[name]) if name in self._keys else none for name in self._upon}
        found = {name: standing_of(self._folder, upon, keys=keys[name]) for name, upon in self._upon.items()}
        if any(stands.twice.height for stands in found.values()):
            raise Clash(pl.concat([stands.twice for stands in found.values()]))
        return found

    def _beside(self, stands: Standing, own: Partition | None, *, base: Partition) -> Partition:
        gone = stands.gone
        return Partition(
            blob=base.blob,
            rows=stands.rows + (own.rows if own else 0),
            gone=write_gone(self._folder, gone) if gone.height else "",
            over=own.blob if own else "",
            marks=base.marks,
        )

    def _soil(self, files: Sequence[int | None], lines: Sequence[int | None]) -> None:
        for file, line in zip(files, lines, strict=True):
            if file in self._clean and line is not None:
                self._clean[file].soil(line)

    def _marked_anew(self, blob: str, *, table: Table) -> str:
        writer = marks_writer(self._folder)
        for batch in pq.ParquetFile(blob_path(self._folder, blob)).iter_batches():
            writer.write(marks_of(pl.DataFrame(pl.from_arrow(batch)), table=table).to_arrow().cast(MARKS))
        return writer.close()

    def _repeated(self, name: str, blob: str) -> pa.Table:
        """Rows whose key an earlier row has. Equal hashes of keys only say where to look: the keys themselves decide."""
        hashes = pl.concat(self._keys.pop(name))
        if hashes.n_unique() == hashes.len():
            return pa.table({})
        return _repeated(blob_path(self._folder, blob), table=TABLES[name])

    def _one_a_key(self, blob: str, *, table: Table, order: str) -> tuple[str, int]:
        place = ", ".join(f'"{name}"' for name in PROVENANCE)
        first_of = ", ".join(f'"{name}" {order}' for name in PROVENANCE)
        key = ", ".join(f'"{name}"' for name in table.key)
        kept = (
            connection(self._folder)
            .execute(
                f"SELECT * FROM {scan(blob_path(self._folder, blob))} "
                f"QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY {first_of}) = 1 ORDER BY {place}"
            )
            .to_arrow_table()
            .cast(stored(table))
        )
        return write_table(self._folder, kept), kept.num_rows


def _write(writer: BlobWriter, marks: BlobWriter | None, rows: Sequence[pl.DataFrame], table: Table) -> None:
    every = pl.concat(rows)
    if marks is not None:
        marks.write(marks_of(every, table=table).to_arrow().cast(MARKS))
    writer.write(every.to_arrow().cast(stored(table)))


def stored(table: Table) -> pa.Schema:
    """The schema of a table's blobs: its columns, and the place that each row was read from."""
    return pa.schema([*arrow_schema(table), pa.field("_file", pa.int32()), pa.field("_line", pa.int64())])


def _repeated(path: Path, *, table: Table) -> pa.Table:
    """Rows (key, _file, _line, first_file, first_line, alike) whose key an earlier row has."""
    key = ", ".join(f'"{name}"' for name in table.key)
    packed = ", ".join(f'"{name}"' for name in table.names)
    return (
        connection(path.parent)
        .execute(
            f"""
        WITH twice AS (SELECT {key} FROM {scan(path)} GROUP BY ALL HAVING count(*) > 1),
             each AS (
                SELECT a.*, hash(({packed})) AS _hash
                FROM {scan(path)} a SEMI JOIN twice t ON {same_key("a", "t", key=table.key)}
             )
        SELECT *, first_value(_line) OVER w AS first_line, first_value(_hash) OVER w = _hash AS alike,
               row_number() OVER w AS place
        FROM each WINDOW w AS (PARTITION BY {key} ORDER BY _file, _line)
        QUALIFY place > 1
        """
        )
        .to_arrow_table()
    )


def _as_rejects(again: pa.Table, *, table: Table, names: Sequence[str]) -> pa.Table:
    rows = [
        {
            "file": names[row["_file"]] if row["_file"] is not None and row["_file"] < len(names) else "",
            "line": row["_line"],
            "field": " ".join(table.key),
            "value": None,
            "reason": f"the same {' and '.join(table.key)} as line {row['first_line']}, which stands",
            "row_lost": True,
        }
        for row in again.select(["_file", "_line", "first_line", "alike"]).to_pylist()
        if not row["alike"]
    ]
    return pa.Table.from_pylist(rows, schema=REJECTS)
