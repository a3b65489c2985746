"""Open DuckDB sessions over pinned snapshots: the only way in which engines and pages query evidence.

Every source table `t` of `homeroom.evidence.tables` is a view `t` of the current rows and a view `t_gone` of rows that
an older complete load held and the newest one does not. Both have, before the declared columns: `connector`,
`instance`, `load_id` (text) and `seen_at` (UTC time of the load that last held the row). Derived tables are plain
views. The view `sources` has a row for each current load: connector, instance, stream, scope, load_id, loaded_at,
complete, decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from homeroom.evidence.diff.snapshot_diff import get_spill_directory
from homeroom.evidence.event_files.catalog import NO_EVENTS, Catalog
from homeroom.evidence.files.arrow_schema import ARROW_TYPES, SQL_TYPES, build_arrow_schema
from homeroom.evidence.files.snapshots import Snapshot, select_keys_sql
from homeroom.evidence.query import calendar_views
from homeroom.evidence.query.event_views import register_events
from homeroom.evidence.tables import SOURCE_TABLES, TABLES, Table

if TYPE_CHECKING:
    import duckdb
    import polars as pl

ORIGIN_COLUMNS: tuple[tuple[str, pa.DataType], ...] = (
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
_SQL_TYPE_BY_ARROW = {ARROW_TYPES[kind]: words for kind, words in SQL_TYPES.items()}


@dataclass(frozen=True, kw_only=True)
class SessionLimits:
    """Threads and memory that one session may use; timeouts are enforced by the caller that interrupts it."""

    threads: int = 2
    memory: str = "2GB"


WORKER = SessionLimits()
WEB = SessionLimits(threads=1, memory="256MB")
SINGLE_THREAD = SessionLimits(threads=1)
"""One thread for few rows, or many statements: splitting each among threads adds more cost than it saves time."""
SMALL_SNAPSHOT = 4 << 20
"""Bytes of Parquet up to which one thread is enough (about 5,000 students)."""


@dataclass(frozen=True, kw_only=True)
class SnapshotPart:
    """One snapshot of a view.

    `shadows` are snapshots whose rows replace the rows of this one with the same key, and `where` is a condition over
    its rows `r`, or empty. Derived files have no origin; departed files carry `load_id` and `seen_at` in their own
    rows.
    """

    snapshot: Snapshot
    connector: str = ""
    instance: str = ""
    load_id: str = ""
    seen_at: datetime | None = None
    shadows: tuple[Snapshot, ...] = ()
    where: str = ""


@dataclass(frozen=True, kw_only=True)
class PinnedSnapshot:
    """The Parquet files behind each view, and the root folder: the session may read nothing outside it.

    If `names` is not empty, the session has these views alone (and those over calendars, if theirs are among them), and
    opens in a tenth of the time. `catalog` names the
    files of the tables of events; a query opens those that may hold rows of the times that it asks for.
    """

    root: Path
    views: Mapping[str, Sequence[SnapshotPart]]
    sources: pa.Table = field(default_factory=lambda: SOURCES_SCHEMA.empty_table())
    names: tuple[str, ...] = ()
    catalog: Catalog = NO_EVENTS

    def restrict_to(self, *names: str) -> PinnedSnapshot:
        """Return a copy for a session that has those views alone."""
        return replace(self, names=names)

    def choose_limits(self) -> SessionLimits:
        """Return limits for a session over these files: one thread if they are small."""
        parts = chain.from_iterable(self.views.get(name, ()) for name in self.names or self.views)
        snapshots = [part.snapshot for part in parts]
        files = {file for item in snapshots for file in (item.base, item.removed, item.overlay) if file is not None}
        return SINGLE_THREAD if sum(file.stat().st_size for file in files) <= SMALL_SNAPSHOT else WORKER


def build_view_schema(name: str) -> pa.Schema:
    """Return the Arrow schema of a view: a declared table, or `<source table>_gone`. Raise KeyError for others."""
    table: Table = TABLES[name.removesuffix("_gone")]
    declared = build_arrow_schema(table)
    return declared if table.derived else pa.schema([*(pa.field(n, t) for n, t in ORIGIN_COLUMNS), *declared])


def open_session(pinned: PinnedSnapshot, *, limits: SessionLimits | None = None) -> duckdb.DuckDBPyConnection:
    """Open a locked session over pinned files: it can read nothing else, and cannot be unlocked.

    Without limits, it has the threads that files of their size need.
    """
    connection = _open_connection(limits or pinned.choose_limits())
    connection.execute(f"SET temp_directory='{get_spill_directory(pinned.root)}'")
    names = pinned.names or _list_view_names()
    event_names = [name for name in names if name in pinned.catalog.tables]
    connection.execute(
        "; ".join(_build_relation_sql(name, pinned.views.get(name, ())) for name in names if name not in event_names)
    )
    for name in event_names:
        register_events(connection, name, folder=pinned.root, catalog=pinned.catalog)
    for view in calendar_views.VIEWS if calendar_views.TABLES.issubset(names) else ():
        connection.execute(view)
    connection.register("_sources", pinned.sources)
    connection.execute("CREATE TABLE sources AS SELECT * FROM _sources")
    connection.unregister("_sources")
    connection.execute(f"SET allowed_directories=['{_escape_quotes(pinned.root.as_posix())}']")
    connection.execute("SET enable_external_access=false")
    connection.execute("SET lock_configuration=true")
    return connection


def open_session_over(
    tables: Mapping[str, pa.Table | pl.DataFrame],
    *,
    sources: pa.Table | None = None,
    limits: SessionLimits = SINGLE_THREAD,
) -> duckdb.DuckDBPyConnection:
    """Open a session over tables in memory, for examples and tests; columns and views that are not given are empty."""
    connection = _open_connection(limits)
    connection.execute("; ".join(_build_empty_table_sql(name) for name in _list_view_names()))
    _insert_rows(connection, tables)
    for view in calendar_views.VIEWS:
        connection.execute(view)
    connection.register("_sources", sources if sources is not None else SOURCES_SCHEMA.empty_table())
    connection.execute("CREATE TABLE sources AS SELECT * FROM _sources")
    connection.unregister("_sources")
    connection.execute("SET enable_external_access=false")
    return connection


@contextmanager
def provide_rows(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table]) -> Iterator[None]:
    """Let those tables of a session over tables in memory have these rows for a while; they are empty before and after.

    To open a session takes longer than most queries of a few rows.
    """
    try:
        _insert_rows(connection, tables)
        yield
    finally:
        for name in tables:
            connection.execute(f"TRUNCATE {name}")


def _insert_rows(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table | pl.DataFrame]) -> None:
    for name, rows in tables.items():
        frame = rows if isinstance(rows, pa.Table) else rows.to_arrow()
        connection.register("_given", _fill_columns(frame, schema=build_view_schema(name)))
        connection.execute(f"INSERT INTO {name} SELECT * FROM _given")
        connection.unregister("_given")


def _open_connection(limits: SessionLimits) -> duckdb.DuckDBPyConnection:
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


def _list_view_names() -> list[str]:
    return [*TABLES, *(f"{table.name}_gone" for table in SOURCE_TABLES)]


def _build_relation_sql(name: str, parts: Sequence[SnapshotPart]) -> str:
    """Return the statement that creates a view over files, or an empty table, which takes half as long, without any."""
    return _build_view_sql(name, parts) if parts else _build_empty_table_sql(name)


@cache
def _build_empty_table_sql(name: str) -> str:
    column_list = ", ".join(f'"{item.name}" {_SQL_TYPE_BY_ARROW[item.type]}' for item in build_view_schema(name))
    return f"CREATE TABLE {name} ({column_list})"


def _build_view_sql(name: str, parts: Sequence[SnapshotPart]) -> str:
    schema = build_view_schema(name)
    columns = ", ".join(f'CAST(NULL AS {_SQL_TYPE_BY_ARROW[item.type]}) AS "{item.name}"' for item in schema)
    column_list = ", ".join(f'"{item.name}"' for item in schema)
    rows = [
        f"SELECT {columns} WHERE false",
        *(_part_rows_sql(part, table=TABLES[name.removesuffix("_gone")]) for part in parts),
    ]
    return f"CREATE VIEW {name} AS SELECT {column_list} FROM ({' UNION ALL BY NAME '.join(rows)})"


def _part_rows_sql(part: SnapshotPart, *, table: Table) -> str:
    origin = ""
    if part.connector:
        origin = f"'{_escape_quotes(part.connector)}' AS connector, '{_escape_quotes(part.instance)}' AS instance, "
    if part.load_id and part.seen_at is not None:
        origin += f"'{part.load_id}' AS load_id, TIMESTAMPTZ '{part.seen_at.isoformat()}' AS seen_at, "
    shadows = _anti_join_sql(part.shadows, table=table) if part.shadows else ""
    return f"SELECT {origin}r.* FROM {part.snapshot.rows_sql} r{shadows}{f' WHERE {part.where}' if part.where else ''}"


def _anti_join_sql(snapshots: Sequence[Snapshot], *, table: Table) -> str:
    """Return one anti-join for all shadowing files: fifty schools' calendars are fifty files."""
    condition = " AND ".join(f'r."{name}" IS NOT DISTINCT FROM s."{name}"' for name in table.key)
    return f" ANTI JOIN ({select_keys_sql(snapshots, key=table.key)}) s ON {condition}"


def _escape_quotes(text: str) -> str:
    return text.replace("'", "''")


def _fill_columns(table: pa.Table, *, schema: pa.Schema) -> pa.Table:
    unknown = [name for name in table.column_names if name not in schema.names]
    if unknown:
        raise ValueError(f"no column {', '.join(unknown)}; there are {', '.join(schema.names)}")
    columns = [
        table.column(item.name).cast(item.type) if item.name in table.column_names else pa.nulls(len(table), item.type)
        for item in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


assert set(ARROW_TYPES.values()) <= set(_SQL_TYPE_BY_ARROW), "every canonical type has a SQL type"
