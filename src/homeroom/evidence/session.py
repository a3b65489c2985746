"""A DuckDB session over pinned snapshots: the only way in which engines and pages ask evidence.

Every source table `t` of `homeroom.evidence.tables` is a view `t` of the current rows and a view `t_gone` of rows that
an older complete load held and the newest one does not. Both have, before the declared columns: `connector`, `instance`,
`load_id` (text) and `seen_at` (UTC time of the load that last held the row). Derived tables are plain views. The view
`sources` has a row for each standing load: connector, instance, stream, scope, load_id, loaded_at, complete.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from homeroom.evidence.calendars import VIEWS
from homeroom.evidence.differences import spilled
from homeroom.evidence.schema import ARROW, SQL, arrow_schema
from homeroom.evidence.snapshots import Snapshot, keys_of
from homeroom.evidence.tables import SOURCE_TABLES, TABLES, Table

if TYPE_CHECKING:
    import duckdb

ORIGIN: tuple[tuple[str, pa.DataType], ...] = (
    ("connector", pa.string()),
    ("instance", pa.string()),
    ("load_id", pa.string()),
    ("seen_at", pa.timestamp("us", tz="UTC")),
)
SOURCES_SCHEMA = pa.schema(
    [
        ("connector", pa.string()),
        ("instance", pa.string()),
        ("stream", pa.string()),
        ("scope", pa.string()),
        ("load_id", pa.string()),
        ("loaded_at", pa.timestamp("us", tz="UTC")),
        ("complete", pa.bool_()),
        ("decides", pa.list_(pa.string())),
    ]
)
_SQL_TYPE = {ARROW[kind]: words for kind, words in SQL.items()}


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one session may use. `deadline` is enforced by the caller that interrupts it."""

    threads: int = 2
    memory: str = "2GB"


WORKER = Limits()
WEB = Limits(threads=1, memory="256MB")
FEW = Limits(threads=1)
"""A few rows are never split among threads: a second one only costs as much again at each statement."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One snapshot of a view. `shadows` are those whose rows stand in place of this one's rows of the same key, and
    `where` is a condition over its rows `r`, or empty.

    Derived files have no origin; departed files carry `load_id` and `seen_at` in their own rows.
    """

    snapshot: Snapshot
    connector: str = ""
    instance: str = ""
    load_id: str = ""
    seen_at: datetime | None = None
    shadows: tuple[Snapshot, ...] = ()
    where: str = ""


@dataclass(frozen=True, kw_only=True)
class Pinned:
    """The Parquet files behind each view, and the root outside of which the session may read nothing.

    Where `names` are given, the session has these views alone, and opens in a tenth of the time.
    """

    root: Path
    views: Mapping[str, Sequence[Part]]
    sources: pa.Table = field(default_factory=lambda: SOURCES_SCHEMA.empty_table())
    names: tuple[str, ...] = ()

    def only(self, *names: str) -> Pinned:
        """The same for a session that has those views alone."""
        return replace(self, names=names)


def view_schema(name: str) -> pa.Schema:
    """The Arrow schema of a view: a declared table, or `<source table>_gone`. Raises KeyError for others."""
    table: Table = TABLES[name.removesuffix("_gone")]
    declared = arrow_schema(table)
    return declared if table.derived else pa.schema([*(pa.field(n, t) for n, t in ORIGIN), *declared])


def session_of(pinned: Pinned, *, limits: Limits = WORKER) -> duckdb.DuckDBPyConnection:
    """A locked session over pinned files: it reads nothing else, and nobody can unlock it."""
    connection = _connection(limits)
    connection.execute(f"SET temp_directory='{spilled(pinned.root)}'")
    names = pinned.names or _view_names()
    connection.execute("; ".join(_view_over(name, pinned.views.get(name, ())) for name in names))
    for view in () if pinned.names else VIEWS:
        connection.execute(view)
    connection.register("_sources", pinned.sources)
    connection.execute("CREATE TABLE sources AS SELECT * FROM _sources")
    connection.unregister("_sources")
    connection.execute(f"SET allowed_directories=['{_quoted(pinned.root.as_posix())}']")
    connection.execute("SET enable_external_access=false")
    connection.execute("SET lock_configuration=true")
    return connection


def session_over(
    tables: Mapping[str, pa.Table | pl.DataFrame], *, sources: pa.Table | None = None, limits: Limits = FEW
) -> duckdb.DuckDBPyConnection:
    """A session over tables in memory, for examples and tests. Columns and views that are not given are empty."""
    connection = _connection(limits)
    connection.execute(_empty_tables())
    for name, given in tables.items():
        frame = given.to_arrow() if isinstance(given, pl.DataFrame) else given
        connection.register("_given", _filled(frame, schema=view_schema(name)))
        connection.execute(f"INSERT INTO {name} SELECT * FROM _given")
        connection.unregister("_given")
    for view in VIEWS:
        connection.execute(view)
    connection.register("_sources", sources if sources is not None else SOURCES_SCHEMA.empty_table())
    connection.execute("CREATE TABLE sources AS SELECT * FROM _sources")
    connection.unregister("_sources")
    connection.execute("SET enable_external_access=false")
    return connection


def _connection(limits: Limits) -> duckdb.DuckDBPyConnection:
    import duckdb  # 33 MiB, which a process that asks nothing does not need

    connection = duckdb.connect(":memory:")
    connection.execute(f"SET threads={limits.threads}")
    connection.execute(f"SET memory_limit='{limits.memory}'")
    connection.execute("SET TimeZone='UTC'")
    connection.execute(
        "SET parquet_metadata_cache=true"
    )  # files are named by what they hold, so that none ever changes
    connection.execute("SET autoinstall_known_extensions=false")
    connection.execute("SET autoload_known_extensions=false")
    return connection


def _view_names() -> list[str]:
    return [*TABLES, *(f"{table.name}_gone" for table in SOURCE_TABLES)]


@cache
def _empty_tables() -> str:
    """The statements that make every view's table, empty."""
    columns = {
        name: ", ".join(f'"{item.name}" {_SQL_TYPE[item.type]}' for item in view_schema(name)) for name in _view_names()
    }
    return "; ".join(f"CREATE TABLE {name} ({listed})" for name, listed in columns.items())


def _view_over(name: str, parts: Sequence[Part]) -> str:
    schema = view_schema(name)
    columns = ", ".join(f'CAST(NULL AS {_SQL_TYPE[item.type]}) AS "{item.name}"' for item in schema)
    wanted = ", ".join(f'"{item.name}"' for item in schema)
    rows = [
        f"SELECT {columns} WHERE false",
        *(_rows_of(part, table=TABLES[name.removesuffix("_gone")]) for part in parts),
    ]
    return f"CREATE VIEW {name} AS SELECT {wanted} FROM ({' UNION ALL BY NAME '.join(rows)})"


def _rows_of(part: Part, *, table: Table) -> str:
    origin = ""
    if part.connector:
        origin = f"'{_quoted(part.connector)}' AS connector, '{_quoted(part.instance)}' AS instance, "
    if part.load_id and part.seen_at is not None:
        origin += f"'{part.load_id}' AS load_id, TIMESTAMPTZ '{part.seen_at.isoformat()}' AS seen_at, "
    shadows = _shadowing(part.shadows, table=table) if part.shadows else ""
    return f"SELECT {origin}r.* FROM {part.snapshot.rows} r{shadows}{f' WHERE {part.where}' if part.where else ''}"


def _shadowing(snapshots: Sequence[Snapshot], *, table: Table) -> str:
    """One join however many files there are: fifty schools' calendars stand as fifty files beside each other."""
    same = " AND ".join(f'r."{name}" IS NOT DISTINCT FROM s."{name}"' for name in table.key)
    return f" ANTI JOIN ({keys_of(snapshots, key=table.key)}) s ON {same}"


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _filled(given: pa.Table, *, schema: pa.Schema) -> pa.Table:
    unknown = [name for name in given.column_names if name not in schema.names]
    if unknown:
        raise ValueError(f"no column {', '.join(unknown)}; there are {', '.join(schema.names)}")
    columns = [
        given.column(item.name).cast(item.type) if item.name in given.column_names else pa.nulls(len(given), item.type)
        for item in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


assert set(ARROW.values()) <= set(_SQL_TYPE), "every canonical type has a SQL type"
