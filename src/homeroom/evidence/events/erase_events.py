"""Erase a person's events: exactly the files that hold them are written again, and the old ones removed at once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import reduce
from operator import or_

import polars as pl
from msgspec.structs import replace

from homeroom.evidence.event_files.catalog import (
    Catalog,
    EventSegment,
    list_catalog_paths,
    publish_catalog,
    read_catalog,
)
from homeroom.evidence.event_files.segments import read_segments, write_segment
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.tables import TABLES, Privacy, Table, Type


@dataclass(frozen=True, kw_only=True)
class ErasedEvents:
    """What an erasure did: how many rows it removed, and how many files it wrote again or removed."""

    rows: int
    files: int


def erase_person(store: EvidenceStore, values: Collection[str]) -> ErasedEvents:
    """Erase every event that names a person by one of these addresses or ids, in any column about people.

    Case does not matter. Call it inside `lock_for_writing`; snapshots that are pinned lose the files.
    """
    catalog = read_catalog(store.folder)
    wanted = sorted({value.casefold() for value in values if value})
    rows, replaced = 0, set[str]()
    tables: dict[str, dict[str, tuple[EventSegment, ...]]] = {}
    for name, days in catalog.tables.items() if wanted else ():
        for day, segments in days.items():
            rewritten = [(segment, _erase_rows(store, segment, wanted, table=TABLES[name])) for segment in segments]
            replaced |= {segment.blob for segment, remaining in rewritten if remaining is not None}
            rows += sum(segment.rows - remaining.height for segment, remaining in rewritten if remaining is not None)
            new_segments = [
                segment if remaining is None else _write_remaining(store, segment, remaining, table=TABLES[name])
                for segment, remaining in rewritten
                if remaining is None or remaining.height
            ]
            if new_segments:
                tables.setdefault(name, {})[day] = tuple(new_segments)
    if replaced:
        _publish_without(store, replace(catalog, tables=tables), replaced)
    return ErasedEvents(rows=rows, files=len(replaced))


def _write_remaining(
    store: EvidenceStore, segment: EventSegment, remaining: pl.DataFrame, *, table: Table
) -> EventSegment:
    return write_segment(store.blobs, remaining, table=table, is_variant=segment.is_variant)


def _erase_rows(
    store: EvidenceStore, segment: EventSegment, wanted: Collection[str], *, table: Table
) -> pl.DataFrame | None:
    """Return the rows of a segment without those that name the person; None if there are none such."""
    columns = [
        column.name
        for column in table.columns
        if column.type is Type.TEXT and column.privacy in (Privacy.STUDENT, Privacy.STAFF)
    ]
    texts = read_segments(store.blobs, [segment], table=table, columns=columns)
    names_person = reduce(
        or_, (pl.col(name).str.to_lowercase().str.contains(value, literal=True) for name in columns for value in wanted)
    )
    is_named = texts.select(names_person.fill_null(value=False).alias("named"))["named"]
    if not is_named.any():
        return None
    return read_segments(store.blobs, [segment], table=table).filter(~is_named)


def _publish_without(store: EvidenceStore, catalog: Catalog, replaced: Collection[str]) -> None:
    """Publish a catalog and remove the files that it replaces, with the catalogs that name them."""
    retired = {item.blob for item in catalog.retired}
    published = publish_catalog(store.folder, replace(catalog, retired=()))
    for path in list_catalog_paths(store.folder)[:-1]:
        path.unlink(missing_ok=True)
    for blob in {*replaced, *retired} - published.stored_blobs:
        store.get_blob_path(blob).unlink(missing_ok=True)
