"""The catalog of a district's events: which files hold the events of each table and day.

One file, numbered, is the catalog: `events/<number>.json`. Each change of the events (a load, an undone load, an
erasure) writes the next one and publishes it by one rename, after the files that it names are synced: a reader sees all
of a change or nothing of it. Files that a change replaced stay for a day, since a session may be reading them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from homeroom.evidence.files.manifest_records import remove_manifests
from homeroom.evidence.files.manifests import read_manifest, write_manifest

CATALOG_FOLDER = "events"
UNDATED = "undated"
"""The day of events without a time."""
RETIRED_FOR = timedelta(days=1)
"""How long a replaced file stays: no session lasts longer."""
_STORED_CATALOGS = 2
"""The newest, and the one before, for when the newest is damaged."""


class LogFact(msgspec.Struct, frozen=True):
    """What a segment holds of one log: how many rows, and the newest time."""

    rows: int
    newest: datetime | None = None


class EventSegment(msgspec.Struct, frozen=True, kw_only=True):
    """One file with rows of one table and day, in the order of their times.

    `first_load` and `last_load` are the smallest and largest numbers of the loads that its rows came with; `logs` has
    its facts by source and log, as "google/login". `is_variant` is true of rows that a load had with other content
    than the stored ones of the same key: they become current if the load that brought the stored one is undone.
    """

    blob: str
    rows: int
    first_load: int
    last_load: int
    logs: Mapping[str, LogFact] = {}
    is_variant: bool = False


class StreamFact(msgspec.Struct, frozen=True, kw_only=True):
    """When a stream of a source was last loaded, by which load, and the logs that it brought, with their tables."""

    loaded_at: datetime
    load: str
    logs: Mapping[str, str] = {}


class Retired(msgspec.Struct, frozen=True):
    """A file that was replaced, and when."""

    blob: str
    at: datetime


Days = Mapping[str, tuple[EventSegment, ...]]
"""The segments of one table by day (YYYY-MM-DD in UTC, or `UNDATED`)."""


class Catalog(msgspec.Struct, frozen=True, kw_only=True):
    """All events of a district. `position` is the number of the newest event load, `undone` those that were undone,
    `damaged` those that lost a file: their rows are read again from their originals.
    """

    number: int
    position: int = 0
    tables: Mapping[str, Days] = {}
    undone: tuple[int, ...] = ()
    damaged: tuple[int, ...] = ()
    streams: Mapping[str, StreamFact] = {}
    retired: tuple[Retired, ...] = ()

    @property
    def blobs(self) -> frozenset[str]:
        """Names of the files that hold current rows and variants."""
        return frozenset(
            segment.blob for days in self.tables.values() for segments in days.values() for segment in segments
        )

    @property
    def stored_blobs(self) -> frozenset[str]:
        """Names of all files that may still be read."""
        return self.blobs | {item.blob for item in self.retired}

    def list_days(self, table: str, *, since: datetime | None = None, until: datetime | None = None) -> list[str]:
        """Return the days of a table that may hold rows of that time, in order, `UNDATED` last."""
        first = f"{since:%Y-%m-%d}" if since is not None else ""
        last = f"{until:%Y-%m-%d}" if until is not None else "9999"
        days = self.tables.get(table, {})
        dated = sorted(day for day in days if day != UNDATED and first <= day <= last)
        return [*dated, *([UNDATED] if UNDATED in days and since is None and until is None else [])]

    def list_segments(self, table: str, day: str) -> list[EventSegment]:
        """Return the segments with the current rows of a day."""
        return [segment for segment in self.tables.get(table, {}).get(day, ()) if not segment.is_variant]


NO_EVENTS = Catalog(number=0)
"""The catalog of a district that has loaded no log."""


def read_catalog(folder: Path) -> Catalog:
    """Return the newest catalog of a district's folder, an empty one if it has no events. Raise EvidenceDamaged."""
    while True:
        paths = list_catalog_paths(folder)
        if not paths:
            return NO_EVENTS
        try:
            return read_manifest(paths[-1], kind=Catalog)
        except FileNotFoundError:
            continue  # a newer one was published, and this one removed


def list_catalog_paths(folder: Path) -> list[Path]:
    """Return the stored catalogs, the newest last."""
    return sorted((folder / CATALOG_FOLDER).glob("[0-9]*.json"))


def get_next_catalog_path(folder: Path) -> Path:
    """Return the path of the catalog that is published next. Call it with the district's lock."""
    return _get_catalog_path(folder, read_catalog(folder).number + 1)


def _get_catalog_path(folder: Path, number: int) -> Path:
    return folder / CATALOG_FOLDER / f"{number:09d}.json"


def publish_catalog(folder: Path, catalog: Catalog) -> Catalog:
    """Publish a catalog as the next one, and remove those before the last. Call it with the district's lock."""
    numbered = msgspec.structs.replace(catalog, number=catalog.number + 1)
    write_manifest(_get_catalog_path(folder, numbered.number), numbered)
    remove_manifests(list_catalog_paths(folder)[:-_STORED_CATALOGS])
    return numbered


def replace_days(catalog: Catalog, table: str, days: Days, *, at: datetime) -> Catalog:
    """Return the catalog with other segments for some days of a table; a day without segments is dropped."""
    current = catalog.tables.get(table, {})
    merged = {day: segments for day, segments in {**current, **days}.items() if segments}
    tables = {name: value for name, value in {**catalog.tables, table: merged}.items() if value}
    changed = msgspec.structs.replace(catalog, tables=tables)
    dropped = sorted(catalog.blobs - changed.blobs)
    retired = tuple(item for item in catalog.retired if at - item.at < RETIRED_FOR and item.blob not in changed.blobs)
    return msgspec.structs.replace(changed, retired=(*retired, *(Retired(blob=blob, at=at) for blob in dropped)))
