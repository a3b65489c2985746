"""Leave a damaged file of events out of the catalog, so that its day can be read and its logs be loaded again."""

from __future__ import annotations

from msgspec.structs import replace

from homeroom.evidence.event_files.catalog import Catalog, EventSegment, publish_catalog, read_catalog
from homeroom.evidence.loads.store import EvidenceStore


def drop_damaged_segment(store: EvidenceStore, blob: str) -> bool:
    """Publish a catalog without that file, and return whether the catalog named it. Call it inside `lock_for_writing`.

    Loads whose rows were in it count as damaged: their files are read once more when they are loaded again.
    """
    catalog = read_catalog(store.folder)
    changed, damaged = catalog, set(catalog.damaged)
    for table, days in catalog.tables.items():
        for day, segments in days.items():
            broken_segments = [segment for segment in segments if segment.blob == blob]
            if broken_segments:
                remaining = tuple(segment for segment in segments if segment.blob != blob)
                changed = _replace_day(changed, table, day, remaining)
                damaged |= {number for item in broken_segments for number in range(item.first_load, item.last_load + 1)}
    if changed is catalog:
        return False
    publish_catalog(store.folder, replace(changed, damaged=tuple(sorted(damaged))))
    return True


def _replace_day(catalog: Catalog, table: str, day: str, segments: tuple[EventSegment, ...]) -> Catalog:
    days = {name: value for name, value in catalog.tables[table].items() if name != day or segments}
    if segments:
        days[day] = segments
    tables = {**catalog.tables, table: days}
    return replace(catalog, tables={name: value for name, value in tables.items() if value})
