"""Add the rows of a load of a log to the events of a district, each to its day, if they are not stored yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
from msgspec.structs import asdict, replace

from homeroom.evidence.event_files.catalog import (
    UNDATED,
    Catalog,
    EventSegment,
    StreamFact,
    publish_catalog,
    read_catalog,
    replace_days,
)
from homeroom.evidence.event_files.event_loads import (
    EventLoad,
    Range,
    archive_event_loads,
    assign_id,
    remove_unpublished_loads,
    write_event_load,
)
from homeroom.evidence.event_files.row_ranges import build_ranges
from homeroom.evidence.event_files.segment_schema import FIRST_LOAD, HASH, INSTANCE, LOAD, ORDINAL, SEEN, SOURCE
from homeroom.evidence.event_files.segments import (
    compact_segments,
    get_log_column,
    hash_content,
    partition_by_day,
    read_segments,
    write_segment,
)
from homeroom.evidence.events.ended_drills import DRILL, list_closed_drills
from homeroom.evidence.files.blobs import get_blob_path
from homeroom.evidence.files.manifests import Load, LoadedFile, Partition
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.tables import TABLES, Table

_BATCH_ROWS = 500_000
"""Rows that are in memory at a time."""
_MERGED_DAYS = 4
"""Older days that a load merges completely, at most."""
_OPEN_DAYS = 3
"""The newest days, to which events are still added."""


@dataclass(kw_only=True)
class _TableChanges:
    """What a load changes in one table."""

    days: dict[str, tuple[EventSegment, ...]] = field(default_factory=dict)
    repeats: dict[str, tuple[Range, ...]] = field(default_factory=dict)
    logs: set[str] = field(default_factory=set)
    added: int = 0
    repeated: int = 0
    changed: int = 0
    expired: int = 0


def publish_event_load(store: EvidenceStore, load: Load, *, retention: Mapping[str, int] | None = None) -> EventLoad:
    """Publish a load of a log under the next number and return it with its counts.

    `load.tables` name the files with its rows as they were read. Of a key that is stored already, the stored row stays.
    `retention` overrides how many days of a table are kept. Call it inside `lock_for_writing`.
    """
    catalog = read_catalog(store.folder)
    remove_unpublished_loads(store.folder, position=catalog.position)
    number = catalog.position + 1
    changed = replace(catalog, position=number)
    changes = {}
    for name in load.tables:
        first_day = _find_first_day(catalog, name, load=load, store=store, retention=retention or {})
        closed = _list_closed(name, load=load, store=store, retention=retention or {})
        changes[name] = _add_rows(
            store.blobs, catalog, load, number=number, name=name, first_day=first_day, closed=closed
        )
        dropped = {day: () for day in catalog.tables.get(name, {}) if day < first_day}
        changed = replace_days(changed, name, {**changes[name].days, **dropped}, at=load.loaded_at)
        changed = _merge_old_days(store.blobs, changed, name, at=load.loaded_at)
    event_load = _build_event_load(load, changes, number=number)
    archive_event_loads(store.folder)
    write_event_load(store.folder, event_load)
    published = publish_catalog(store.folder, _note_stream(changed, event_load, changes))
    for partition in load.tables.values():  # as they were read; a sweep would find them only later
        if partition.blob not in published.stored_blobs:
            get_blob_path(store.blobs, partition.blob).unlink(missing_ok=True)
    return event_load


def _find_first_day(
    catalog: Catalog, name: str, *, load: Load, store: EvidenceStore, retention: Mapping[str, int]
) -> str:
    """Return the oldest day that is kept: so many days before the newest event, or before the load if that is older.

    An event of the future, of a clock that is wrong, so drops nothing; nor does an old export that is loaded late.
    """
    if TABLES[name].expires_with:
        return ""
    days = [day for day in catalog.tables.get(name, {}) if day != UNDATED]
    path = get_blob_path(store.blobs, load.tables[name].blob)
    newest = pl.scan_parquet(path).select(pl.col("at").filter(pl.col("at") <= load.loaded_at).max()).collect().item()
    today = f"{load.loaded_at:%Y-%m-%d}"
    known_days = [day for day in (*days, *([f"{newest:%Y-%m-%d}"] if newest else [])) if day <= today]
    if not known_days:
        return ""
    days_stored = retention.get(name, TABLES[name].retention_days)
    return (date.fromisoformat(max(known_days)) - timedelta(days=days_stored)).isoformat()


def _list_closed(name: str, *, load: Load, store: EvidenceStore, retention: Mapping[str, int]) -> pl.DataFrame | None:
    """Return the drills whose events are left out of a load; None for tables whose events expire by their day."""
    if not TABLES[name].expires_with:
        return None
    stored_days = retention.get(name, TABLES[name].retention_days)
    closed = list_closed_drills(store, day=load.loaded_at.date(), stored_days=stored_days)
    return closed.filter(pl.col("instance") == load.instance)


def _add_rows(
    folder: Path,
    catalog: Catalog,
    load: Load,
    *,
    number: int,
    name: str,
    first_day: str,
    closed: pl.DataFrame | None,
) -> _TableChanges:
    table, changes = TABLES[name], _TableChanges()
    ordinal = 0
    for read_batch in _iter_batches(get_blob_path(folder, load.tables[name].blob)):
        batch = (
            read_batch if closed is None else read_batch.join(closed, on=DRILL[1], how="anti", maintain_order="left")
        )
        changes.expired += read_batch.height - batch.height
        rows = batch.with_columns(
            hash_content(batch, table=table),
            pl.lit(load.connector).alias(SOURCE),
            pl.lit(load.instance).alias(INSTANCE),
            pl.lit(number).cast(pl.Int64).alias(LOAD),
            pl.lit(load.loaded_at).cast(pl.Datetime("us", "UTC")).alias(SEEN),
            pl.lit(number).cast(pl.Int64).alias(FIRST_LOAD),
        )
        logs = rows.select(pl.col(get_log_column(table)).unique().fill_null("")).to_series()
        changes.logs |= {f"{load.connector}/{log}" for log in logs}
        for day, day_rows in sorted(partition_by_day(rows, table=table).items()):
            if day < first_day:
                changes.expired += day_rows.height
                continue
            numbered = day_rows.with_columns(
                pl.int_range(ordinal, ordinal + day_rows.height, dtype=pl.Int64).alias(ORDINAL)
            )
            ordinal += day_rows.height
            _add_day(folder, catalog, changes, table=table, day=day, rows=numbered)
    return changes


def _iter_batches(path: Path) -> Iterator[pl.DataFrame]:
    """Yield the rows of a file in batches of some hours, so that a load of any size fits in memory."""
    scan = pl.scan_parquet(path)
    hour = pl.col("at").dt.truncate("1h")
    counts = scan.group_by(hour.alias("hour")).agg(pl.len()).sort("hour", nulls_last=True).collect()
    hours: list[datetime | None] = []
    size = 0
    for value, count in counts.iter_rows():
        if hours and size + count > _BATCH_ROWS:
            yield scan.filter(hour.is_in(hours, nulls_equal=True)).collect()
            hours, size = [], 0
        hours.append(value)
        size += count
    if size == counts["len"].sum():
        yield scan.collect()
    elif hours:
        yield scan.filter(hour.is_in(hours, nulls_equal=True)).collect()


def _add_day(
    folder: Path, catalog: Catalog, changes: _TableChanges, *, table: Table, day: str, rows: pl.DataFrame
) -> None:
    """Add the rows of a day that are not stored, and note which are."""
    stored = changes.days.get(day, catalog.tables.get(table.name, {}).get(day, ()))
    current = catalog.list_segments(table.name, day)
    identity = (FIRST_LOAD, ORDINAL, HASH)
    before = read_segments(folder, current, table=table, columns=(*table.key, *identity)).rename(
        {name: f"{name}_before" for name in identity}
    )
    joined = rows.join(before, on=table.key, how="left", nulls_equal=True, maintain_order="left")
    is_new = pl.col(f"{FIRST_LOAD}_before").is_null()
    new_rows = joined.filter(is_new).select(rows.columns)
    repeated = joined.filter(~is_new).with_columns(
        pl.col(f"{FIRST_LOAD}_before").alias(FIRST_LOAD), pl.col(f"{ORDINAL}_before").alias(ORDINAL)
    )
    variants = repeated.filter(pl.col(HASH) != pl.col(f"{HASH}_before")).select(rows.columns)
    segments = list(stored)
    if new_rows.height:
        segments.append(write_segment(folder, new_rows, table=table))
    if variants.height:
        segments.append(write_segment(folder, variants, table=table, is_variant=True))
    if len(segments) > len(stored):
        changes.days[day] = tuple(compact_segments(folder, segments, table=table))
    if repeated.height:
        changes.repeats[day] = (*changes.repeats.get(day, ()), *build_ranges(repeated))
    changes.added += new_rows.height
    changes.repeated += repeated.height
    changes.changed += variants.height


def _merge_old_days(folder: Path, catalog: Catalog, name: str, *, at: datetime) -> Catalog:
    """Merge the segments of some days that few events come to any more."""
    days = catalog.list_days(name)[:-_OPEN_DAYS]
    several = [day for day in days if len(catalog.list_segments(name, day)) > 1][:_MERGED_DAYS]
    merged = {
        day: tuple(compact_segments(folder, catalog.tables[name][day], table=TABLES[name], merges_all=True))
        for day in several
    }
    return replace_days(catalog, name, merged, at=at) if merged else catalog


def _build_event_load(load: Load, changes: Mapping[str, _TableChanges], *, number: int) -> EventLoad:
    tables = {
        name: Partition(
            blob="",
            rows=load.tables[name].rows,
            added=change.added,
            rows_before=change.repeated,
            changed=change.changed,
        )
        for name, change in changes.items()
    }
    expired = sum(change.expired for change in changes.values())
    return assign_id(
        EventLoad(
            **{**asdict(load), "tables": tables, "files": _note_expired(load.files, expired)},
            number=number,
            repeats={name: change.repeats for name, change in changes.items() if change.repeats},
            expired=expired,
        )
    )


def _note_expired(files: tuple[LoadedFile, ...], count: int) -> tuple[LoadedFile, ...]:
    """Return the files with a note at the last about entries that are too old."""
    if not count or not files:
        return files
    note = f"{count:,} entr{'ies are' if count > 1 else 'y is'} older than this log's entries are kept, and left out"
    return (*files[:-1], replace(files[-1], notes=(*files[-1].notes, note)))


def _note_stream(catalog: Catalog, load: EventLoad, changes: Mapping[str, _TableChanges]) -> Catalog:
    name = "\n".join(load.chain)
    before = catalog.streams.get(name)
    logs = dict(before.logs) if before is not None else {}
    logs |= {log: table for table, change in changes.items() for log in change.logs}
    streams = {**catalog.streams, name: StreamFact(loaded_at=load.loaded_at, load=load.id, logs=logs)}
    return replace(catalog, streams=streams)
