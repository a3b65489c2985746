"""How two snapshots of one canonical table differ, set-wise, and what each operation over them leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from homeroom.evidence.alongside import apart
from homeroom.evidence.schema import SQL
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


def scan(path: Path) -> str:
    """The SQL that reads one Parquet file."""
    quoted = path.as_posix().replace("'", "''")
    return f"read_parquet('{quoted}')"


def rows_of(path: Path, *, table: Table) -> str:
    """The SQL of one snapshot with every column of the table: those that an older version did not have are null."""
    there = set(pq.read_schema(path).names)
    added = ", ".join(
        f'CAST(NULL AS {SQL[column.type]}) AS "{column.name}"' for column in table.columns if column.name not in there
    )
    return f"(SELECT *, {added} FROM {scan(path)})" if added else scan(path)


def same_key(left: str, right: str, *, key: Sequence[str]) -> str:
    """The SQL condition that two rows have one key; null equals null."""
    return " AND ".join(f'{left}."{name}" IS NOT DISTINCT FROM {right}."{name}"' for name in key)


def compare(older: Path, newer: Path, *, table: Table) -> Difference:
    """Counts what changed between two snapshots of a table, its volatile columns apart."""
    weighed = [name for name in table.names if name not in table.volatile]
    if (found := apart(older, newer, table=table, weighed=weighed)) is not None:
        before = pq.read_metadata(older).num_rows
        return Difference(before=before, added=found.come, removed=found.gone.height, changed=found.changed)
    return _joined(older, newer, table=table, weighed=weighed)


def _joined(older: Path, newer: Path, *, table: Table, weighed: Sequence[str]) -> Difference:
    """The same of snapshots whose rows are in no common order."""
    packed = ", ".join(f'"{name}"' for name in weighed)
    row = (
        connection(newer.parent)
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


def examples(older: Path, newer: Path, *, table: Table, limit: int = 5) -> tuple[list[str], list[str]]:
    """The first keys (joined by a space) that the newer snapshot lacks, and the first that it adds."""

    def missing(source: Path, other: Path) -> list[str]:
        joined = " || ' ' || ".join(f"coalesce(CAST(a.\"{name}\" AS VARCHAR), '')" for name in table.key)
        rows = (
            connection(source.parent)
            .execute(
                f"SELECT {joined} FROM {scan(source)} a ANTI JOIN {scan(other)} b "
                f"ON {same_key('a', 'b', key=table.key)} ORDER BY 1 LIMIT {limit}"
            )
            .fetchall()
        )
        return [row[0] for row in rows]

    return missing(older, newer), missing(newer, older)


def laid_over(base: Path, newer: Path, *, table: Table, by: Sequence[str]) -> pa.Table:
    """The base snapshot with the newer rows in place of those that agree in the columns `by`."""
    columns = _names((*table.names, *PROVENANCE))
    return (
        connection(newer.parent)
        .execute(
            f"SELECT {columns} FROM {rows_of(base, table=table)} a ANTI JOIN {scan(newer)} b ON {same_key('a', 'b', key=by)} "
            f"UNION ALL SELECT {columns} FROM {scan(newer)}"
        )
        .to_arrow_table()
    )


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)
