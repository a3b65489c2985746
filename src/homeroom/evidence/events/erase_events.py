"""Erase a person's events: exactly the files that hold them are written again, and the old ones removed at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from msgspec.structs import replace

from homeroom.evidence.event_files.catalog import (
    Catalog,
    EventSegment,
    list_catalog_paths,
    publish_catalog,
    read_catalog,
)
from homeroom.evidence.event_files.segment_schema import INSTANCE
from homeroom.evidence.event_files.segments import read_segments, write_segment
from homeroom.evidence.files.manifest_records import remove_manifests
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.tables import TABLES, Privacy, Table, Type

MIN_NAME_LENGTH = 3
_NO_LETTER = re.compile("[^a-z0-9]")


@dataclass(frozen=True, kw_only=True)
class ErasedEvents:
    """What an erasure did: how many rows it removed, and how many files it wrote again or removed."""

    rows: int
    files: int


def erase_person(store: EvidenceStore, values: Collection[str]) -> ErasedEvents:
    """Erase every event that names a person by one of these addresses or ids, in any column about people.

    Case does not matter. Call it inside `lock_for_writing`; snapshots that are pinned lose the files. Raise ValueError
    if a name is too short to be one person's.
    """
    catalog = read_catalog(store.folder)
    wanted = build_name_pattern(values)
    rows, replaced = 0, set[str]()
    tables: dict[str, dict[str, tuple[EventSegment, ...]]] = {}
    for name, days in catalog.tables.items():
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


def count_events_of_person(store: EvidenceStore, values: Collection[str]) -> ErasedEvents:
    """Return what `erase_person` would do, and change nothing. Raise ValueError as it does."""
    catalog, wanted = read_catalog(store.folder), build_name_pattern(values)
    rows = files = 0
    for name, days in catalog.tables.items():
        for segment in (segment for segments in days.values() for segment in segments):
            remaining = _erase_rows(store, segment, wanted, table=TABLES[name])
            rows += 0 if remaining is None else segment.rows - remaining.height
            files += remaining is not None
    return ErasedEvents(rows=rows, files=files)


def count_naming_events(store: EvidenceStore, values: Collection[str]) -> Mapping[tuple[str, str], int]:
    """Return how many events name a person by one of these addresses or ids, by source and table, without a value.

    Names that are too short to be one person's are left out.
    """
    names = {value for value in values if len(value.strip()) >= MIN_NAME_LENGTH}
    if not names:
        return {}
    wanted, counts = build_name_pattern(names), Counter[tuple[str, str]]()
    for table, days in read_catalog(store.folder).tables.items():
        columns = _list_naming_columns(TABLES[table])
        for segment in (segment for segments in days.values() for segment in segments):
            rows = read_segments(store.blobs, [segment], table=TABLES[table], columns=[*columns, INSTANCE])
            named = rows.filter(_build_naming_test(columns, wanted))
            for instance, number in named.group_by(INSTANCE).len().iter_rows():
                counts[instance or "", table] += number
    return dict(sorted(counts.items()))


def build_name_pattern(values: Collection[str]) -> str:
    """Return the pattern of texts that name somebody by one of these addresses or ids, whole and without case.

    `ana@maple.example` is not in `diana@maple.example`. The name that a personal site has after an address is one of
    its names too. Raise ValueError for a name of fewer than three characters, which many texts have.
    """
    names = {value.strip().casefold() for value in values}
    short = sorted(name for name in names if len(name) < MIN_NAME_LENGTH)
    if short or not names:
        raise ValueError(f"{short[0] if short else ''!r} is no name of one person; an address or an id would fit")
    names |= {_NO_LETTER.sub("_", name) for name in names if "@" in name}
    choices = "|".join(map(re.escape, sorted(names)))
    return rf"(?i)(?:^|[^\w.@+-])(?:{choices})(?:$|[^\w.@+-]|\.(?:$|\W))"


def _write_remaining(
    store: EvidenceStore, segment: EventSegment, remaining: pl.DataFrame, *, table: Table
) -> EventSegment:
    return write_segment(store.blobs, remaining, table=table, is_variant=segment.is_variant)


def _erase_rows(store: EvidenceStore, segment: EventSegment, wanted: str, *, table: Table) -> pl.DataFrame | None:
    """Return the rows of a segment without those that name the person; None if there are none such."""
    columns = _list_naming_columns(table)
    texts = read_segments(store.blobs, [segment], table=table, columns=columns)
    is_named = texts.select(_build_naming_test(columns, wanted).alias("named"))["named"]
    if not is_named.any():
        return None
    return read_segments(store.blobs, [segment], table=table).filter(~is_named)


def _list_naming_columns(table: Table) -> list[str]:
    """Return the columns whose texts may name a person."""
    return [
        column.name
        for column in table.columns
        if column.type is Type.TEXT and column.privacy in (Privacy.STUDENT, Privacy.STAFF, Privacy.INDIVIDUAL)
    ]


def _build_naming_test(columns: Sequence[str], wanted: str) -> pl.Expr:
    return pl.any_horizontal(pl.col(name).str.contains(wanted).fill_null(value=False) for name in columns)


def _publish_without(store: EvidenceStore, catalog: Catalog, replaced: Collection[str]) -> None:
    """Publish a catalog and remove the files that it replaces, with the catalogs that name them."""
    retired = {item.blob for item in catalog.retired}
    published = publish_catalog(store.folder, replace(catalog, retired=()))
    remove_manifests(list_catalog_paths(store.folder)[:-1])
    for blob in {*replaced, *retired} - published.stored_blobs:
        store.get_blob_path(blob).unlink(missing_ok=True)
