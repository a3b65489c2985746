"""Writing one load: rows of every table as they come, then duplicates, deltas and the difference to what stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType

import polars as pl
import pyarrow as pa

from homeroom.evidence.blobs import BlobWriter, blob_path, write_table
from homeroom.evidence.differences import PROVENANCE, compare, connection, laid_over, same_key, scan
from homeroom.evidence.manifests import Load, Partition
from homeroom.evidence.schema import arrow_schema, fitted
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
DELETED_AT_MOST = 0.10
CHANGED_AT_MOST = 0.75


class Draft:
    """The tables and rejects of one load while it is written. Call `abandon` where it fails.

    Rows are packed and written in a thread of its own, at most one group of them at a time, while the next are read.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
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
            self._tables[table] = BlobWriter(self._folder, schema=_stored(TABLES[table]))
        waiting = self._waiting.pop(table, [])
        self._written()
        if waiting:
            self._at_work = self._hand.submit(_write, self._tables[table], waiting, _stored(TABLES[table]))

    def _written(self) -> None:
        if self._at_work is not None:
            self._at_work.result()
            self._at_work = None

    def abandon(self) -> None:
        """Forgets everything; blobs that are in place already go with the next sweep."""
        self._hand.shutdown()
        for writer in self._tables.values():
            writer.discard()

    def finish(self, *, names: Sequence[str], newest: bool = False) -> tuple[dict[str, Partition], str, int]:
        """Closes all tables: (partitions by table, the rejects' blob or "", rows lost to repeated keys).

        `names` are the files' names by number. Where a key appears twice, the first row stands and the others are
        rejected; rows that repeat another in every column are dropped without a word. With `newest`, as in a log, the last
        row stands, and nothing is lost by that.
        """
        for name in list(self._waiting):
            self._flush(name)
        self._written()
        self._hand.shutdown()
        partitions, repeated = {}, 0
        for name, writer in sorted(self._tables.items()):
            rows, blob = writer.rows, writer.close()
            again = self._repeated(name, blob)
            if again.num_rows:
                blob, rows = self._one_a_key(blob, table=TABLES[name], order="DESC" if newest else "ASC")
            if again.num_rows and not newest:
                told = _as_rejects(again, table=TABLES[name], names=names)
                repeated += told.num_rows
                self.lost_of.update(told["file"].to_pylist())
                self._rejects.append(told)
            partitions[name] = Partition(blob=blob, rows=rows)
        kept = [table for table in self._rejects if table.num_rows]
        return partitions, write_table(self._folder, pa.concat_tables(kept)) if kept else "", repeated

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
            .cast(_stored(table))
        )
        return write_table(self._folder, kept), kept.num_rows


def _write(writer: BlobWriter, rows: Sequence[pl.DataFrame], schema: pa.Schema) -> None:
    writer.write(pl.concat(rows).to_arrow().cast(schema))


def over_base(
    folder: Path, *, base: Load, tables: Mapping[str, Partition], by: Mapping[str, Sequence[str]]
) -> dict[str, Partition]:
    """A delta's or partial load's tables laid over those of the load that stands. `by` overrides what a row replaces."""
    made = dict(tables)
    for name, partition in tables.items():
        if name in base.tables:
            older, newer = (blob_path(folder, part.blob) for part in (base.tables[name], partition))
            rows = laid_over(older, newer, table=TABLES[name], by=by.get(name, TABLES[name].key))
            rows = rows.cast(_stored(TABLES[name]))
            made[name] = Partition(blob=write_table(folder, rows), rows=rows.num_rows)
    return made


def compared(
    folder: Path,
    *,
    base: Load | None,
    tables: Mapping[str, Partition],
    before: Mapping[str, Partition] = MappingProxyType({}),
) -> dict[str, Partition]:
    """The partitions with their difference to the load that stands; tables that were not brought are carried over.

    `before` are partitions to compare with in place of those of the base, where not it alone tells what stands.
    """
    made = {}
    for name, partition in tables.items():
        older = before.get(name) or (base.tables.get(name) if base is not None else None)
        if older is None:
            made[name] = Partition(blob=partition.blob, rows=partition.rows, added=partition.rows)
        elif older.blob == partition.blob:
            made[name] = Partition(blob=partition.blob, rows=partition.rows, before=partition.rows)
        else:
            found = compare(blob_path(folder, older.blob), blob_path(folder, partition.blob), table=TABLES[name])
            made[name] = Partition(
                blob=partition.blob,
                rows=partition.rows,
                before=found.before,
                added=found.added,
                removed=found.removed,
                changed=found.changed,
            )
    for name, older in (base.tables if base is not None else {}).items():
        if name not in made:
            made[name] = Partition(blob=older.blob, rows=older.rows, before=older.rows, carried=True)
    return made


def too_much(tables: Mapping[str, Partition]) -> tuple[str, ...]:
    """Why a person must look first: a kind of record of which over 10 % would go or over 75 % would change."""
    reasons = []
    for name, part in sorted(tables.items()):
        said = name.replace("_", " ")
        if part.before and part.removed > part.before * DELETED_AT_MOST:
            reasons.append(f"{part.removed:,} of {part.before:,} {said} would go ({part.removed / part.before:.0%})")
        if part.before and part.changed > part.before * CHANGED_AT_MOST:
            reasons.append(
                f"{part.changed:,} of {part.before:,} {said} would change ({part.changed / part.before:.0%})"
            )
    return tuple(reasons)


def _stored(table: Table) -> pa.Schema:
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
