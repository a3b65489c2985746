"""Segments: the rows of one table and day in one file, in the order of their times.

Beside the table's columns a row has its source, the instance, the number of the load that it counts as brought by, and
when that was loaded. `_first_load` and `_ordinal` are its identity for good, also where an undone load passes it on to
another; `_hash` shows whether a row of the same key is the same. The hash is of this version of polars: after another
is installed, equal rows may seem to differ, which costs space and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from homeroom.evidence.event_files.catalog import UNDATED, EventSegment, LogFact
from homeroom.evidence.event_files.segment_schema import HASH, LOAD, SOURCE, build_segment_schema
from homeroom.evidence.files.blobs import get_blob_path, write_table
from homeroom.evidence.tables import Table

MAX_MERGED_ROWS = 1_000_000
"""Segments are not merged beyond this, so that a day of any size fits in memory."""


def get_log_column(table: Table) -> str:
    """Return the column that names the log of a row."""
    return next(name for name in ("log", "channel", "drill") if name in table.names)


def sort_rows(rows: pl.DataFrame, *, table: Table) -> pl.DataFrame:
    """Return rows in the order of a segment: by time, then by key."""
    return rows.sort("at", *(name for name in table.key if name != "at"), nulls_last=True)


def write_segment(folder: Path, rows: pl.DataFrame, *, table: Table, is_variant: bool = False) -> EventSegment:
    """Write sorted rows as a segment. Call it with at least one row."""
    schema = build_segment_schema(table)
    blob = write_table(folder, rows.select(schema.names).to_arrow().cast(schema), ordered=True)
    first, last = rows[LOAD].min(), rows[LOAD].max()
    return EventSegment(
        blob=blob,
        rows=rows.height,
        first_load=int(first),  # type: ignore[arg-type]
        last_load=int(last),  # type: ignore[arg-type]
        logs={} if is_variant else _count_logs(rows, table=table),
        is_variant=is_variant,
    )


def _count_logs(rows: pl.DataFrame, *, table: Table) -> dict[str, LogFact]:
    log = get_log_column(table)
    counts = rows.group_by(SOURCE, log).agg(pl.len(), pl.col("at").max()).sort(SOURCE, log)
    return {f"{source}/{name or ''}": LogFact(count, newest) for source, name, count, newest in counts.iter_rows()}


def combine_logs(facts: Iterable[Mapping[str, LogFact]]) -> dict[str, LogFact]:
    """Return the facts of several segments together."""
    combined: dict[str, LogFact] = {}
    for logs in facts:
        for name, fact in logs.items():
            before = combined.get(name, LogFact(0))
            times = [time for time in (before.newest, fact.newest) if time is not None]
            combined[name] = LogFact(before.rows + fact.rows, max(times, default=None))
    return combined


def read_segments(
    folder: Path, segments: Sequence[EventSegment], *, table: Table, columns: Sequence[str] = ()
) -> pl.DataFrame:
    """Return the rows of segments, all columns or some; those that an older version lacks are null."""
    schema = build_segment_schema(table)
    names = tuple(columns) or tuple(schema.names)
    tables = [
        fill_columns(
            pq.ParquetFile(get_blob_path(folder, segment.blob)).read(columns=list(names)), schema=schema, names=names
        )
        for segment in segments
    ]
    empty = pa.schema([schema.field(name) for name in names]).empty_table()
    frame = pl.from_arrow(pa.concat_tables(tables) if tables else empty)
    assert isinstance(frame, pl.DataFrame)
    return frame


def fill_columns(rows: pa.Table, *, schema: pa.Schema, names: Sequence[str]) -> pa.Table:
    """Return rows with those columns in order; one that is missing is null."""
    present = set(rows.column_names)
    columns = [
        rows.column(name) if name in present else pa.nulls(rows.num_rows, schema.field(name).type) for name in names
    ]
    return pa.Table.from_arrays(columns, names=list(names))


def compact_segments(
    folder: Path, segments: Sequence[EventSegment], *, table: Table, merges_all: bool = False
) -> list[EventSegment]:
    """Return the segments with the last of them merged as long as the one before is at most twice as large.

    A day so has few files however many loads it came in, and each row is written again a few times only. `merges_all`
    merges all. Variants are merged among themselves.
    """
    current = [segment for segment in segments if not segment.is_variant]
    variants = [segment for segment in segments if segment.is_variant]
    return [
        *_merge_last(folder, current, table=table, merges_all=merges_all),
        *_merge_last(folder, variants, table=table, merges_all=merges_all),
    ]


def _merge_last(folder: Path, segments: list[EventSegment], *, table: Table, merges_all: bool) -> list[EventSegment]:
    count, rows = 1, segments[-1].rows if segments else 0
    while count < len(segments):
        before = segments[-count - 1].rows
        if (before > 2 * rows and not merges_all) or before + rows > MAX_MERGED_ROWS:
            break
        count, rows = count + 1, rows + before
    if count < 2:
        return segments
    merged = sort_rows(read_segments(folder, segments[-count:], table=table), table=table)
    return [*segments[:-count], write_segment(folder, merged, table=table, is_variant=segments[-1].is_variant)]


def hash_content(rows: pl.DataFrame, *, table: Table) -> pl.Series:
    """Return the hashes of rows over the table's columns."""
    return rows.select(table.names).hash_rows().alias(HASH)


def partition_by_day(rows: pl.DataFrame, *, table: Table) -> dict[str, pl.DataFrame]:
    """Return the rows of a table by day, each in the order of a segment."""
    day = pl.col("at").dt.strftime("%Y-%m-%d").fill_null(UNDATED)
    parts = rows.with_columns(day.alias("_day")).partition_by("_day", as_dict=True, maintain_order=True)
    return {str(key): sort_rows(part.drop("_day"), table=table) for (key,), part in parts.items()}
