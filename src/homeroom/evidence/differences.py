"""How two snapshots of one canonical table differ, set-wise, and what each operation over them leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from homeroom.evidence.alongside import apart
from homeroom.evidence.manifests import Partition
from homeroom.evidence.remembered import parted
from homeroom.evidence.schema import SQL
from homeroom.evidence.snapshots import Snapshot, snapshot_of
from homeroom.evidence.tables import Table

if TYPE_CHECKING:
    import duckdb

SPILLED = "spilled"
PROVENANCE = ("_file", "_line")


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Row counts: how many the older snapshot had, and how many were added, removed and changed since."""

    before: int
    added: int
    removed: int
    changed: int


def connection(blobs: Path, *, threads: int = 2, memory: str = "1GB") -> duckdb.DuckDBPyConnection:
    """A private DuckDB for file-to-file work over these blobs; it loads no extension, and spills beside them alone."""
    import duckdb  # 33 MiB, which a load that repeats nothing and follows none does not need

    opened = duckdb.connect(":memory:")
    opened.execute(f"SET threads={threads}")
    opened.execute(f"SET memory_limit='{memory}'")
    opened.execute(f"SET temp_directory='{spilled(blobs)}'")
    opened.execute("SET TimeZone='UTC'")
    opened.execute("SET autoinstall_known_extensions=false")
    opened.execute("SET preserve_insertion_order=true")
    return opened


def spilled(blobs: Path) -> str:
    """Where DuckDB puts what its memory does not hold, quoted for SQL: in the data folder, which its owner alone may read.

    Left to itself it would take the folder that the program was started in. It clears away after itself; what a killed
    process left there goes with a later sweep.
    """
    return (blobs.parent / SPILLED).as_posix().replace("'", "''")


def rows_of(snapshot: Snapshot, *, table: Table) -> str:
    """The SQL of one snapshot with every column of the table: those that an older version did not have are null."""
    there = set(pq.read_schema(snapshot.base).names)
    added = ", ".join(
        f'CAST(NULL AS {SQL[column.type]}) AS "{column.name}"' for column in table.columns if column.name not in there
    )
    return f"(SELECT *, {added} FROM {snapshot.rows})" if added else snapshot.rows


def same_key(left: str, right: str, *, key: Sequence[str]) -> str:
    """The SQL condition that two rows have one key; null equals null."""
    return " AND ".join(f'{left}."{name}" IS NOT DISTINCT FROM {right}."{name}"' for name in key)


def compare(folder: Path, older: Partition, newer: Partition, *, table: Table) -> Difference:
    """Counts what changed between two snapshots of a table whose blobs lie in that folder, its volatile columns apart."""
    weighed = [name for name in table.names if name not in table.volatile]
    if (told := parted(folder, older, newer, table=table)) is not None:
        return Difference(before=older.rows, added=told.added, removed=told.removed, changed=told.changed)
    left, right = (snapshot_of(folder, part) for part in (older, newer))
    if left.whole and right.whole and (found := apart(left.base, right.base, table=table, weighed=weighed)) is not None:
        before = pq.read_metadata(left.base).num_rows
        return Difference(before=before, added=found.come, removed=found.gone.height, changed=found.changed)
    return _joined(folder, left, right, table=table, weighed=weighed)


def _joined(folder: Path, older: Snapshot, newer: Snapshot, *, table: Table, weighed: Sequence[str]) -> Difference:
    """The same of snapshots whose rows are in no common order."""
    packed = ", ".join(f'"{name}"' for name in weighed)
    row = (
        connection(folder)
        .execute(
            f"""
            WITH o AS (SELECT {_names(table.key)}, hash(({packed})) AS _hash FROM {rows_of(older, table=table)}),
                 n AS (SELECT {_names(table.key)}, hash(({packed})) AS _hash FROM {rows_of(newer, table=table)})
            SELECT count(*) FILTER (o._hash IS NOT NULL),
                   count(*) FILTER (o._hash IS NULL),
                   count(*) FILTER (n._hash IS NULL),
                   count(*) FILTER (o._hash <> n._hash)
            FROM o FULL JOIN n ON {same_key("o", "n", key=table.key)}
            """
        )
        .fetchone()
    )
    before, added, removed, changed = row or (0, 0, 0, 0)
    return Difference(before=before, added=added, removed=removed, changed=changed)


def examples(
    folder: Path, older: Partition, newer: Partition, *, table: Table, limit: int = 5
) -> tuple[list[str], list[str]]:
    """The first keys (joined by a space) that the newer snapshot lacks, and the first that it adds."""
    left, right = (snapshot_of(folder, part).rows for part in (older, newer))

    def missing(source: str, other: str) -> list[str]:
        joined = " || ' ' || ".join(f"coalesce(CAST(a.\"{name}\" AS VARCHAR), '')" for name in table.key)
        rows = (
            connection(folder)
            .execute(
                f"SELECT {joined} FROM {source} a ANTI JOIN {other} b "
                f"ON {same_key('a', 'b', key=table.key)} ORDER BY 1 LIMIT {limit}"
            )
            .fetchall()
        )
        return [row[0] for row in rows]

    return missing(left, right), missing(right, left)


def laid_over(folder: Path, base: Partition, newer: Partition, *, table: Table, by: Sequence[str]) -> pa.Table:
    """The base snapshot with the newer rows in place of those that agree in the columns `by`."""
    columns = _names((*table.names, *PROVENANCE))
    under, over = snapshot_of(folder, base), snapshot_of(folder, newer).rows
    return (
        connection(folder)
        .execute(
            f"SELECT {columns} FROM {rows_of(under, table=table)} a ANTI JOIN {over} b ON {same_key('a', 'b', key=by)} "
            f"UNION ALL SELECT {columns} FROM {over}"
        )
        .to_arrow_table()
    )


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)
