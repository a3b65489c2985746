"""Read a district's events: those that are new since a load, those of a time, and those of some keys."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl
import pyarrow as pa

from homeroom.evidence.diff.snapshot_diff import open_connection
from homeroom.evidence.event_files.catalog import UNDATED, Catalog, EventSegment, read_catalog
from homeroom.evidence.event_files.segment_schema import INSTANCE, LOAD, SOURCE, build_segment_schema
from homeroom.evidence.event_files.segments import combine_logs, fill_columns, read_segments, sort_rows
from homeroom.evidence.files.snapshots import scan_parquet_sql
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.tables import TABLES, Table

_BATCH_ROWS = 10_000
_ROWS_IN_MEMORY = 500_000
"""A day with more rows is sorted by DuckDB, which spills to the disk."""


@dataclass(frozen=True, kw_only=True)
class StoredLog:
    """One log of one source: `google` and `login`.

    `newest` is the time of its newest event, `rows` how many are stored, and `loaded_at` when its stream was last
    loaded, also where that load brought nothing of it.
    """

    source: str
    log: str
    table: str
    rows: int
    newest: datetime | None
    loaded_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class _Selection:
    """Which rows are wanted: those of loads above a number, or of a time in [since, until)."""

    after: int = -1
    since: datetime | None = None
    until: datetime | None = None

    @property
    def expression(self) -> pl.Expr:
        if self.since is None or self.until is None:
            return pl.col(LOAD) > self.after
        return (pl.col("at") >= self.since) & (pl.col("at") < self.until)

    @property
    def sql(self) -> str:
        if self.since is None or self.until is None:
            return f"{LOAD} > {self.after}"
        return f"\"at\" >= TIMESTAMPTZ '{self.since.isoformat()}' AND \"at\" < TIMESTAMPTZ '{self.until.isoformat()}'"


class EventStore:
    """The events of one district. Reading needs no lock; each call reads the events as they are when it is made."""

    def __init__(self, store: EvidenceStore) -> None:
        self._store = store

    def get_position(self) -> int:
        """Return the number of the newest event load, 0 if there is none."""
        return self._read_catalog().position

    def get_version(self) -> int:
        """Return a number that changes with each change of the events: a load, one that is undone, an erasure."""
        return self._read_catalog().number

    def iter_new_rows(self, table: str, *, after: int, columns: Sequence[str] = ()) -> Iterator[pa.RecordBatch]:
        """Yield the rows that came first with an event load numbered above `after`, each key once, by day and time.

        Some columns are read in a fraction of the time that all take.
        """
        catalog = self._read_catalog()
        for day in catalog.list_days(table):
            segments = [item for item in catalog.list_segments(table, day) if item.last_load > after]
            yield from self._iter_day(TABLES[table], segments, _Selection(after=after), columns=columns)

    def iter_rows(self, table: str, *, since: datetime, until: datetime) -> Iterator[pa.RecordBatch]:
        """Yield the rows with a time in [since, until), day by day, in the order of their times."""
        catalog = self._read_catalog()
        selection = _Selection(since=since, until=until)
        for day in catalog.list_days(table, since=since, until=until):
            yield from self._iter_day(TABLES[table], catalog.list_segments(table, day), selection)

    def iter_selected_rows(
        self, table: str, condition: pl.Expr, *, columns: Sequence[str], since: datetime, until: datetime
    ) -> Iterator[pl.DataFrame]:
        """Yield some columns of the rows with a time in [since, until) that fulfill a condition, a day at a time.

        Only the files of those days are opened, and of other columns than the condition's only the rows that fulfill
        it are read.
        """
        catalog, declared = self._read_catalog(), TABLES[table]
        schema = _get_polars_schema(declared)
        wanted = _Selection(since=since, until=until).expression & condition
        for day in catalog.list_days(table, since=since, until=until):
            files = [self._store.get_blob_path(item.blob) for item in catalog.list_segments(table, day)]
            if files:
                rows = pl.scan_parquet(
                    files, schema=schema, missing_columns="insert", extra_columns="ignore", parallel="prefiltered"
                )
                yield rows.filter(wanted).select(columns).collect()

    def find_rows(self, table: str, keys: Collection[str], *, since: datetime, until: datetime) -> pa.Table:
        """Return the rows of those keys with a time in [since, until)."""
        catalog, declared = self._read_catalog(), TABLES[table]
        wanted = pl.Series("key", list(keys), dtype=pl.String)
        in_time = _Selection(since=since, until=until).expression
        frames = [_select_columns(self._read([], declared), declared)]
        for day in catalog.list_days(table, since=since, until=until):
            segments = [
                item
                for item in catalog.list_segments(table, day)
                if self._read([item], declared, columns=("key",))["key"].is_in(wanted.implode()).any()
            ]
            rows = self._read(segments, declared).filter(pl.col("key").is_in(wanted.implode()) & in_time)
            frames.append(_select_columns(rows, declared))
        return pl.concat(frames).to_arrow().cast(build_event_schema(declared))

    def list_logs(self) -> tuple[StoredLog, ...]:
        """Return the logs with rows, by source and name."""
        catalog = self._read_catalog()
        loaded_at: dict[str, datetime] = {}
        for stream in catalog.streams.values():
            for name in stream.logs:
                loaded_at[name] = max(stream.loaded_at, loaded_at.get(name, stream.loaded_at))
        logs = []
        for table, days in catalog.tables.items():
            facts = combine_logs(segment.logs for segments in days.values() for segment in segments)
            for name, fact in facts.items():
                source, _, log = name.partition("/")
                logs.append(
                    StoredLog(
                        source=source,
                        log=log,
                        table=table,
                        rows=fact.rows,
                        newest=fact.newest,
                        loaded_at=loaded_at.get(name),
                    )
                )
        return tuple(sorted(logs, key=lambda log: (log.source, log.log, log.table)))

    def list_log_days(self, table: str) -> dict[tuple[str, str], frozenset[date]]:
        """Return the days with entries of each log of a table, by source and name; no file of events is read."""
        catalog, days = self._read_catalog(), dict[tuple[str, str], set[date]]()
        for day in catalog.list_days(table):
            if day == UNDATED:
                continue
            for name in combine_logs(segment.logs for segment in catalog.list_segments(table, day)):
                source, _, log = name.partition("/")
                days.setdefault((source, log), set()).add(date.fromisoformat(day))
        return {log: frozenset(dates) for log, dates in days.items()}

    def _read_catalog(self) -> Catalog:
        return read_catalog(self._store.folder)

    def _read(self, segments: Sequence[EventSegment], table: Table, columns: Sequence[str] = ()) -> pl.DataFrame:
        return read_segments(self._store.blobs, segments, table=table, columns=columns)

    def _iter_day(
        self, table: Table, segments: Sequence[EventSegment], selection: _Selection, *, columns: Sequence[str] = ()
    ) -> Iterator[pa.RecordBatch]:
        """Yield the wanted rows of a day, in the order of their times."""
        if not segments:
            return
        schema = build_event_schema(table)
        if columns:
            schema = pa.schema([schema.field(name) for name in columns])
        needed = tuple(dict.fromkeys((*schema.names, *table.key, "at", LOAD)))
        if sum(segment.rows for segment in segments) <= _ROWS_IN_MEMORY:
            rows = self._read(segments, table, needed)
            matching = sort_rows(rows.filter(selection.expression), table=table)
            yield from matching.select(schema.names).to_arrow().cast(schema).to_batches(max_chunksize=_BATCH_ROWS)
            return
        files = scan_parquet_sql(*(self._store.get_blob_path(segment.blob) for segment in segments))
        query = f'SELECT * FROM {files} WHERE {selection.sql} ORDER BY "at", "key"'
        reader = open_connection(self._store.blobs).execute(query).to_arrow_reader(_BATCH_ROWS)
        for batch in reader:
            rows = fill_columns(pa.Table.from_batches([batch]), schema=schema, names=schema.names)
            yield from rows.cast(schema).to_batches()


def build_event_schema(table: Table) -> pa.Schema:
    """Return the schema of rows as they are read: the table's columns, source, instance and number of the load."""
    segment = build_segment_schema(table)
    return pa.schema([segment.field(name) for name in (*table.names, SOURCE, INSTANCE, LOAD)])


def _get_polars_schema(table: Table) -> pl.Schema:
    frame = pl.from_arrow(build_event_schema(table).empty_table())
    assert isinstance(frame, pl.DataFrame)
    return frame.schema


def _select_columns(rows: pl.DataFrame, table: Table) -> pl.DataFrame:
    return rows.select(build_event_schema(table).names)
