"""Write one load: the rows of every table, then repeated keys, and unchanged rows of the load before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from homeroom.evidence.diff.row_hashes import (
    ROW_HASH_SCHEMA,
    IncrementalBase,
    LineFlags,
    LineStatus,
    UnchangedRows,
    find_unchanged_rows,
    hash_rows,
    open_hash_writer,
    write_removed_hashes,
)
from homeroom.evidence.diff.snapshot_diff import PROVENANCE, open_connection, same_key_sql
from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.files.blobs import BlobWriter, get_blob_path, write_table
from homeroom.evidence.files.manifests import Partition
from homeroom.evidence.files.polars_schema import cast_to_table
from homeroom.evidence.files.snapshots import scan_parquet_sql
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
ROWS_PER_GROUP = 65_536
NO_LINES: Sequence[int] = ()
CleanRows = Callable[[str, pl.DataFrame], tuple[pl.DataFrame, Sequence[int]]]
"""Takes rows of a table and returns those to store, with the lines of rows that it changed."""


class DuplicateKeyConflict(Exception):
    """Rows that were read have keys of rows that are still current.

    `positions` are the positions of the current rows in the load before.
    """

    def __init__(self, positions: pl.DataFrame) -> None:
        super().__init__()
        self.positions = positions


class LoadWriter:
    """The tables and rejects of one load while it is written. Call `abandon` if it fails.

    Rows are packed and written in a separate thread, at most one group of them at a time, while the next are read. For
    a table in `bases`, only rows in addition to its unchanged rows of a previous load are written. For tables in
    `hashed_tables`, and for files in `lines` (the first line and how many, by number), the hashes and line status that
    the next load needs are stored. `clean` changes or leaves out rows before they are stored.
    """

    def __init__(
        self,
        folder: Path,
        *,
        bases: Mapping[str, IncrementalBase] = MappingProxyType({}),
        hashed_tables: Collection[str] = (),
        lines: Mapping[int, tuple[int, int]] = MappingProxyType({}),
        clean: CleanRows | None = None,
    ) -> None:
        self._folder, self._clean = folder, clean
        self._bases, self._hashed_tables = bases, frozenset(hashed_tables)
        self._hash_writers: dict[str, BlobWriter] = {}
        self._line_status = {number: LineStatus(first=first, count=count) for number, (first, count) in lines.items()}
        self._tables: dict[str, BlobWriter] = {}
        self._pending: dict[str, list[pl.DataFrame]] = {}
        self._keys: dict[str, list[pl.Series]] = {}
        self._rejects: list[pa.Table] = []
        self._executor = ThreadPoolExecutor(max_workers=1)
        self._pending_write: Future[None] | None = None
        self.rejected_by_file: Counter[str] = Counter()

    @property
    def rejected(self) -> int:
        """Number of rejected rows, of all files; `rejected_by_file` has it by file name."""
        return self.rejected_by_file.total()

    def write(self, table: str, frame: pl.DataFrame, *, file: int) -> None:
        """Append rows of one canonical table, with the frame's `_line` and the file's number.

        If the frame has a column `_file`, each row has its own file's number there.
        """
        line = pl.col("_line") if "_line" in frame.columns else pl.lit(None, dtype=pl.Int64).alias("_line")
        number = pl.col("_file") if "_file" in frame.columns else pl.lit(file).alias("_file")
        position = frame.with_columns(number.cast(pl.Int32), line.cast(pl.Int64)).select("_file", "_line")
        rows, changed_lines = cast_to_table(frame, table=TABLES[table]).hstack(position), NO_LINES
        if self._clean is not None:
            rows, changed_lines = self._clean(table, rows)
        self._keys.setdefault(table, []).append(rows.select(TABLES[table].key).hash_rows())
        if file in self._line_status:
            self._line_status[file].mark_valid(rows["_line"])
            for line_number in changed_lines:
                self._line_status[file].mark_invalid(line_number)
        pending = self._pending.setdefault(table, [])
        pending.append(rows)
        if sum(chunk.height for chunk in pending) >= ROWS_PER_GROUP:
            self._flush(table)

    def reject(self, frame: pl.DataFrame, *, file: str) -> None:
        """Add rejects (REJECT_SCHEMA of ingest, values already masked), with the file's name."""
        if frame.height:
            self.rejected_by_file[file] += int(frame.filter(pl.col("row_lost")).height)
            rejects = frame.with_columns(pl.lit(file).alias("file")).select(REJECTS.names)
            self._rejects.append(rejects.to_arrow().cast(REJECTS))

    def _flush(self, table: str) -> None:
        """Submit the pending rows of a table for writing. Raise what the previous write raised."""
        if table not in self._tables:
            self._tables[table] = BlobWriter(self._folder, schema=build_blob_schema(TABLES[table]))
            if table in self._hashed_tables:
                self._hash_writers[table] = open_hash_writer(self._folder)
        pending = self._pending.pop(table, [])
        self._await_write()
        if pending:
            self._pending_write = self._executor.submit(
                _write, self._tables[table], self._hash_writers.get(table), pending, TABLES[table]
            )

    def _await_write(self) -> None:
        if self._pending_write is not None:
            self._pending_write.result()
            self._pending_write = None

    def abandon(self) -> None:
        """Discard everything; blobs that are in place already go with the next sweep."""
        self._executor.shutdown()
        for writer in (*self._tables.values(), *self._hash_writers.values()):
            writer.discard()

    def get_valid_lines(self, number: int) -> LineFlags:
        """Return which lines of a file in `lines` made only rows that are all current. Call it after `finish`."""
        return self._line_status[number].flags

    def finish(self, *, names: Sequence[str], newest: bool = False) -> tuple[dict[str, Partition], str, int]:
        """Close all tables: (partitions by table, the rejects' blob or "", rows rejected for repeated keys).

        `names` are the files' names by number. If a key appears twice, the first row is used and the others are
        rejected; rows that repeat another in every column are dropped silently. With `newest`, as in a log, the last
        row is used, and nothing is rejected for that. Raises DuplicateKeyConflict if a key is one of a row that is
        still current.
        """
        for name in list(self._pending):
            self._flush(name)
        self._await_write()
        self._executor.shutdown()
        unchanged = self._find_unchanged()
        partitions, repeated_count = {}, 0
        for name, writer in sorted(self._tables.items()):
            rows, blob = writer.rows, writer.close()
            hash_blob = self._hash_writers[name].close() if name in self._hash_writers else ""
            repeated_rows = self._find_repeated(name, blob)
            if repeated_rows.num_rows:
                blob, rows = self._deduplicate_by_key(blob, table=TABLES[name], order="DESC" if newest else "ASC")
                hash_blob = self._hash_stored_rows(blob, table=TABLES[name]) if hash_blob else ""
                self._mark_lines_invalid(repeated_rows["_file"].to_pylist(), repeated_rows["_line"].to_pylist())
            if repeated_rows.num_rows and not newest:
                rejects = _build_rejects(repeated_rows, table=TABLES[name], names=names)
                repeated_count += rejects.num_rows
                self.rejected_by_file.update(rejects["file"].to_pylist())
                self._rejects.append(rejects)
            partitions[name] = Partition(blob=blob, rows=rows, row_hashes=hash_blob)
        for name, unchanged_rows in unchanged.items():
            partitions[name] = self._build_overlay_partition(
                unchanged_rows, partitions.get(name), base=self._bases[name].partition
            )
        rejected_tables = [table for table in self._rejects if table.num_rows]
        for table in rejected_tables if self._line_status else ():
            self._mark_lines_invalid(
                [names.index(name) for name in table["file"].to_pylist()], table["line"].to_pylist()
            )
        return (
            partitions,
            write_table(self._folder, pa.concat_tables(rejected_tables)) if rejected_tables else "",
            repeated_count,
        )

    def _find_unchanged(self) -> dict[str, UnchangedRows]:
        """Find the unchanged rows of the previous load. Raise DuplicateKeyConflict."""
        no_keys = pl.Series(dtype=pl.UInt64)
        keys = {name: pl.concat(self._keys[name]) if name in self._keys else no_keys for name in self._bases}
        unchanged = {
            name: find_unchanged_rows(self._folder, base, keys=keys[name]) for name, base in self._bases.items()
        }
        if any(unchanged_rows.conflicts.height for unchanged_rows in unchanged.values()):
            raise DuplicateKeyConflict(pl.concat([unchanged_rows.conflicts for unchanged_rows in unchanged.values()]))
        return unchanged

    def _build_overlay_partition(
        self, unchanged: UnchangedRows, overlay: Partition | None, *, base: Partition
    ) -> Partition:
        removed = unchanged.removed_hashes
        return Partition(
            blob=base.blob,
            rows=unchanged.rows + (overlay.rows if overlay else 0),
            removed_rows=write_removed_hashes(self._folder, removed) if removed.height else "",
            overlay=overlay.blob if overlay else "",
            row_hashes=base.row_hashes,
        )

    def _mark_lines_invalid(self, files: Sequence[int | None], lines: Sequence[int | None]) -> None:
        for file, line in zip(files, lines, strict=True):
            if file in self._line_status and line is not None:
                self._line_status[file].mark_invalid(line)

    def _hash_stored_rows(self, blob: str, *, table: Table) -> str:
        writer = open_hash_writer(self._folder)
        for batch in pq.ParquetFile(get_blob_path(self._folder, blob)).iter_batches():
            writer.write(hash_rows(pl.DataFrame(pl.from_arrow(batch)), table=table).to_arrow().cast(ROW_HASH_SCHEMA))
        return writer.close()

    def _find_repeated(self, name: str, blob: str) -> pa.Table:
        """Return rows whose key an earlier row has; equal key hashes only show where to look, the keys decide."""
        hashes = pl.concat(self._keys.pop(name))
        if hashes.n_unique() == hashes.len():
            return pa.table({})
        return _find_repeated_rows(get_blob_path(self._folder, blob), table=TABLES[name])

    def _deduplicate_by_key(self, blob: str, *, table: Table, order: str) -> tuple[str, int]:
        position_columns = ", ".join(f'"{name}"' for name in PROVENANCE)
        ordering = ", ".join(f'"{name}" {order}' for name in PROVENANCE)
        key = ", ".join(f'"{name}"' for name in table.key)
        first_rows = (
            open_connection(self._folder)
            .execute(
                f"SELECT * FROM {scan_parquet_sql(get_blob_path(self._folder, blob))} "
                f"QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY {ordering}) = 1 ORDER BY {position_columns}"
            )
            .to_arrow_table()
            .cast(build_blob_schema(table))
        )
        return write_table(self._folder, first_rows), first_rows.num_rows


def _write(writer: BlobWriter, hash_writer: BlobWriter | None, rows: Sequence[pl.DataFrame], table: Table) -> None:
    frame = pl.concat(rows)
    if hash_writer is not None:
        hash_writer.write(hash_rows(frame, table=table).to_arrow().cast(ROW_HASH_SCHEMA))
    writer.write(frame.to_arrow().cast(build_blob_schema(table)))


def build_blob_schema(table: Table) -> pa.Schema:
    """Return the schema of a table's blobs: its columns, and the position that each row was read from."""
    return pa.schema([*build_arrow_schema(table), pa.field("_file", pa.int32()), pa.field("_line", pa.int64())])


def _find_repeated_rows(path: Path, *, table: Table) -> pa.Table:
    """Return rows (key, _file, _line, first_file, first_line, alike) whose key an earlier row has."""
    key = ", ".join(f'"{name}"' for name in table.key)
    packed = ", ".join(f'"{name}"' for name in table.names)
    return (
        open_connection(path.parent)
        .execute(
            f"""
        WITH twice AS (SELECT {key} FROM {scan_parquet_sql(path)} GROUP BY ALL HAVING count(*) > 1),
             each AS (
                SELECT a.*, hash(({packed})) AS _hash
                FROM {scan_parquet_sql(path)} a SEMI JOIN twice t ON {same_key_sql("a", "t", key=table.key)}
             )
        SELECT *, first_value(_line) OVER w AS first_line, first_value(_hash) OVER w = _hash AS alike,
               row_number() OVER w AS place
        FROM each WINDOW w AS (PARTITION BY {key} ORDER BY _file, _line)
        QUALIFY place > 1
        """
        )
        .to_arrow_table()
    )


def _build_rejects(repeated_rows: pa.Table, *, table: Table, names: Sequence[str]) -> pa.Table:
    rows = [
        {
            "file": names[row["_file"]] if row["_file"] is not None and row["_file"] < len(names) else "",
            "line": row["_line"],
            "field": " ".join(table.key),
            "value": None,
            "reason": f"the same {' and '.join(table.key)} as line {row['first_line']}, which stands",
            "row_lost": True,
        }
        for row in repeated_rows.select(["_file", "_line", "first_line", "alike"]).to_pylist()
        if not row["alike"]
    ]
    return pa.Table.from_pylist(rows, schema=REJECTS)
