"""Drop events beyond retention without a load: days by their date, drills by their end, others by their load."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl
from msgspec.structs import replace

from homeroom.evidence.event_files.catalog import (
    RETIRED_FOR,
    UNDATED,
    EventSegment,
    publish_catalog,
    read_catalog,
    replace_days,
)
from homeroom.evidence.event_files.segment_schema import INSTANCE, SEEN
from homeroom.evidence.event_files.segments import read_segments, write_segment
from homeroom.evidence.events.ended_drills import DRILL, find_expired_drills
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.tables import TABLES, Table

LATE_LOAD_DAYS = 30
"""How long an old day stays after a load brought events to it: somebody loaded an old export to look at it."""


@dataclass(frozen=True, kw_only=True)
class ExpiredEvents:
    """Events of a table beyond retention: how many, and the days that they are of."""

    table: str
    rows: int
    days: tuple[str, ...]
    retention_days: int


@dataclass(frozen=True, kw_only=True)
class _ExpiredDay:
    """One day of a table: its segments with expired rows, and the rows of each that stay."""

    day: str
    rows: int
    segments: tuple[EventSegment, ...]
    remaining: tuple[pl.DataFrame, ...]


def find_expired_events(
    store: EvidenceStore, *, at: datetime, retention: Mapping[str, int] | None = None
) -> tuple[ExpiredEvents, ...]:
    """Return what is beyond retention at that time. `retention` overrides how many days of a table are stored."""
    expired = _find_expired_days(store, at=at, retention=retention or {})
    return tuple(_summarize(name, days, retention or {}) for name, days in expired.items())


def drop_expired_events(
    store: EvidenceStore, *, at: datetime, retention: Mapping[str, int] | None = None
) -> tuple[ExpiredEvents, ...]:
    """Drop what is beyond retention and return it. Call it inside `lock_for_writing`.

    Files that were dropped stay for a day, as with each change; `remove_retired_files` removes them.
    """
    expired = _find_expired_days(store, at=at, retention=retention or {})
    if not expired:
        return ()
    catalog = read_catalog(store.folder)
    for name, days in expired.items():
        rewritten = {}
        for item in days:
            stored = catalog.tables[name][item.day]
            untouched = [segment for segment in stored if segment not in item.segments]
            rewritten[item.day] = (*untouched, *_write_remaining(store, item, table=TABLES[name]))
        catalog = replace_days(catalog, name, rewritten, at=at)
    publish_catalog(store.folder, catalog)
    return tuple(_summarize(name, days, retention or {}) for name, days in expired.items())


def remove_retired_files(store: EvidenceStore, *, at: datetime) -> int:
    """Remove the files that changes of events replaced more than a day ago. Call it inside `lock_for_writing`.

    Loads do this too, but a district whose logs no longer come would store what it dropped.
    """
    catalog = read_catalog(store.folder)
    retired = tuple(item for item in catalog.retired if at - item.at < RETIRED_FOR)
    if len(retired) == len(catalog.retired):
        return 0
    publish_catalog(store.folder, replace(catalog, retired=retired))
    return store.sweep()


def _find_expired_days(
    store: EvidenceStore, *, at: datetime, retention: Mapping[str, int]
) -> dict[str, list[_ExpiredDay]]:
    expired = {}
    for name, days in read_catalog(store.folder).tables.items():
        stored_days = retention.get(name, TABLES[name].retention_days)
        iter_days = _iter_days_of_drills if TABLES[name].expires_with else _iter_expired_days
        expired_days = list(iter_days(store, TABLES[name], days, at=at, stored_days=stored_days))
        if expired_days:
            expired[name] = expired_days
    return expired


def _iter_expired_days(
    store: EvidenceStore, table: Table, days: Mapping[str, tuple[EventSegment, ...]], *, at: datetime, stored_days: int
) -> Iterator[_ExpiredDay]:
    """Yield the days with expired rows.

    Events without a time, and those of a clock in the future, expire so long after their load.
    """
    today = f"{at:%Y-%m-%d}"
    first_day = (date.fromisoformat(today) - timedelta(days=stored_days)).isoformat()
    for day, segments in sorted(days.items()):
        has_no_date = day == UNDATED or day > today
        if not has_no_date and day >= first_day:
            continue
        limit = at - timedelta(days=stored_days if has_no_date else LATE_LOAD_DAYS)
        item = _select_expired(store, table, day, segments, limit=limit, is_divided=has_no_date)
        if item.segments:
            yield item


def _iter_days_of_drills(
    store: EvidenceStore, table: Table, days: Mapping[str, tuple[EventSegment, ...]], *, at: datetime, stored_days: int
) -> Iterator[_ExpiredDay]:
    """Yield the days with rows of drills that ended too long ago, with the rows of other drills."""
    limit = at - timedelta(days=LATE_LOAD_DAYS)
    ended = find_expired_drills(store, days, table=table, at=at, stored_days=stored_days, unjudged_until=limit)
    if ended.is_empty():
        return
    flagged = ended.with_columns(is_ended=True)
    for day, segments in sorted(days.items()):
        columns = (INSTANCE, DRILL[1])
        rows = [read_segments(store.blobs, [segment], table=table, columns=columns) for segment in segments]
        flags = [
            frame.join(flagged, on=columns, how="left", maintain_order="left")["is_ended"].fill_null(value=False)
            for frame in rows
        ]
        item = _build_expired_day(store, table, day, segments, flags)
        if item.segments:
            yield item


def _select_expired(
    store: EvidenceStore,
    table: Table,
    day: str,
    segments: tuple[EventSegment, ...],
    *,
    limit: datetime,
    is_divided: bool,
) -> _ExpiredDay:
    """Return which segments of a day have rows that were loaded before the limit; a dated day goes whole or stays."""
    loaded_at = [read_segments(store.blobs, [segment], table=table, columns=(SEEN,))[SEEN] for segment in segments]
    is_old = [pl.Series(times < limit).fill_null(value=True) for times in loaded_at]
    if not is_divided and not all(flags.all() for flags in is_old):
        return _ExpiredDay(day=day, rows=0, segments=(), remaining=())
    return _build_expired_day(store, table, day, segments, is_old)


def _build_expired_day(
    store: EvidenceStore, table: Table, day: str, segments: Sequence[EventSegment], is_expired: Sequence[pl.Series]
) -> _ExpiredDay:
    """Return the segments of a day with expired rows, and the rows of each that stay."""
    chosen = [(segment, flags) for segment, flags in zip(segments, is_expired, strict=True) if flags.any()]
    return _ExpiredDay(
        day=day,
        rows=sum(int(flags.sum()) for segment, flags in chosen if not segment.is_variant),
        segments=tuple(segment for segment, _ in chosen),
        remaining=tuple(
            pl.DataFrame() if flags.all() else read_segments(store.blobs, [segment], table=table).filter(~flags)
            for segment, flags in chosen
        ),
    )


def _write_remaining(store: EvidenceStore, item: _ExpiredDay, *, table: Table) -> Iterator[EventSegment]:
    for segment, rows in zip(item.segments, item.remaining, strict=True):
        if rows.height:
            yield write_segment(store.blobs, rows, table=table, is_variant=segment.is_variant)


def _summarize(name: str, days: list[_ExpiredDay], retention: Mapping[str, int]) -> ExpiredEvents:
    return ExpiredEvents(
        table=name,
        rows=sum(item.rows for item in days),
        days=tuple(item.day for item in days),
        retention_days=retention.get(name, TABLES[name].retention_days),
    )
