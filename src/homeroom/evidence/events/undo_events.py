"""Undo a load of a log: its rows go, except those that a later load had too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import polars as pl
from msgspec.structs import replace

from homeroom.evidence.event_files.catalog import EventSegment, publish_catalog, read_catalog, replace_days
from homeroom.evidence.event_files.event_loads import EventLoad, get_event_load, iter_event_loads
from homeroom.evidence.event_files.row_ranges import is_in_ranges
from homeroom.evidence.event_files.segment_schema import FIRST_LOAD, INSTANCE, LOAD, ORDINAL, SEEN, SOURCE
from homeroom.evidence.event_files.segments import read_segments, sort_rows, write_segment
from homeroom.evidence.loads.store import EvidenceStore, NoSuchLoad
from homeroom.evidence.tables import TABLES, Table


def undo_event_load(store: EvidenceStore, load_id: str, *, at: datetime) -> EventLoad:
    """Undo an event load completely. Raise NoSuchLoad. Call it inside `lock_for_writing`.

    A row that a later load had too becomes that load's, with the content that it had there.
    """
    catalog = read_catalog(store.folder)
    load = get_event_load(store.folder, load_id)
    if load is None or load.number > catalog.position or load.number in catalog.undone:
        raise NoSuchLoad(f"no load {load_id} stands or stood")
    later_loads = [
        later
        for later in iter_event_loads(store.folder, after=load.number, until=catalog.position)
        if later.number not in catalog.undone
    ]
    changed = replace(catalog, undone=tuple(sorted({*catalog.undone, load.number})))
    for name, days in catalog.tables.items():
        rewritten = {
            day: _take_back(store.blobs, segments, load, later_loads, table=TABLES[name], day=day)
            for day, segments in days.items()
            if any(segment.first_load <= load.number <= segment.last_load for segment in segments)
        }
        changed = replace_days(changed, name, rewritten, at=at)
    publish_catalog(store.folder, changed)
    store.mark_undone(load.id)
    return load


def _take_back(
    folder: Path,
    segments: Sequence[EventSegment],
    load: EventLoad,
    later_loads: Sequence[EventLoad],
    *,
    table: Table,
    day: str,
) -> tuple[EventSegment, ...]:
    """Return the segments of a day without what only that load had."""
    variants = [segment for segment in segments if segment.is_variant]
    other_variants = read_segments(folder, variants, table=table).filter(pl.col(LOAD) != load.number)
    result = []
    for segment in segments:
        if segment.is_variant or not segment.first_load <= load.number <= segment.last_load:
            continue
        rows = read_segments(folder, [segment], table=table)
        own = rows.filter(pl.col(LOAD) == load.number)
        passed_on = _pass_on(own, later_loads, variants=other_variants, table=table, day=day)
        remaining = pl.concat([rows.filter(pl.col(LOAD) != load.number), passed_on])
        if remaining.height:
            result.append(write_segment(folder, sort_rows(remaining, table=table), table=table))
    untouched = [item for item in segments if not (item.is_variant or item.first_load <= load.number <= item.last_load)]
    if other_variants.height:
        rewritten = sort_rows(other_variants, table=table)
        result.append(write_segment(folder, rewritten, table=table, is_variant=True))
    return (*untouched, *result)


def _pass_on(
    own: pl.DataFrame, later_loads: Sequence[EventLoad], *, variants: pl.DataFrame, table: Table, day: str
) -> pl.DataFrame:
    """Return those of a load's rows that a later load had too, as that load's."""
    remaining, taken = own, [own.clear()]
    for later in later_loads:
        ranges = later.repeats.get(table.name, {}).get(day, ())
        if not ranges or not remaining.height:
            continue
        is_repeated = is_in_ranges(ranges)
        rows = remaining.filter(is_repeated)
        remaining = remaining.filter(~is_repeated)
        identity = [FIRST_LOAD, ORDINAL]
        with_content = variants.filter(pl.col(LOAD) == later.number).join(rows, on=identity, how="semi")
        same = rows.join(with_content, on=identity, how="anti").with_columns(
            pl.lit(later.connector).alias(SOURCE),
            pl.lit(later.instance).alias(INSTANCE),
            pl.lit(later.number).cast(pl.Int64).alias(LOAD),
            pl.lit(later.loaded_at).cast(pl.Datetime("us", "UTC")).alias(SEEN),
        )
        taken += [same.select(own.columns), with_content.select(own.columns)]
    return pl.concat(taken)
