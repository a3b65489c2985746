"""One manifest an event load: what a load of a log read, what of it was new, and which stored rows it had too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from homeroom.evidence.files.manifest_records import remove_manifests
from homeroom.evidence.files.manifests import Load, read_manifest, write_manifest

EVENT_LOAD_FOLDER = "event_loads"
_PREFIX = "e"
_DIGITS = 8
ARCHIVE_PREFIX = "archive-"
ARCHIVED_LOADS = 512
"""Loads in one archive. Before they are archived, so many more have their own manifests."""
Range = tuple[int, int, int]
"""Rows that one load brought first, by their ordinals: the load's number, the first ordinal and the last."""


class EventLoad(Load, frozen=True, kw_only=True):
    """A load of a log. Its tables name no files: those are in the catalog.

    `added` of a table counts the rows that were new, `rows_before` those that were stored already, and `changed` those
    of them that were stored with other content. `repeats` are the latter two by table and day: they stay if the load
    that brought them is undone. `expired` counts rows that are older than events are kept.
    """

    number: int
    repeats: Mapping[str, Mapping[str, tuple[Range, ...]]] = {}
    expired: int = 0


class _ArchivedBlobs(msgspec.Struct, frozen=True, kw_only=True):
    """The files that the loads of an archive need."""

    blobs: tuple[str, ...] = ()


class LoadArchive(_ArchivedBlobs, frozen=True, kw_only=True):
    """Event loads in one file, so that two years of a load every ten minutes are few files."""

    loads: tuple[EventLoad, ...]


def build_load_id(number: int, fingerprint: str) -> str:
    """Return the id of an event load."""
    return f"{_PREFIX}{number:0{_DIGITS}d}-{fingerprint[:12]}"


def parse_load_number(load_id: str) -> int:
    """Return the number in the id of an event load, 0 if it is the id of another load."""
    number, _, rest = load_id.removeprefix(_PREFIX).partition("-")
    is_event_load = load_id.startswith(_PREFIX) and len(number) == _DIGITS and number.isdigit() and bool(rest)
    return int(number) if is_event_load else 0


def write_event_load(folder: Path, load: EventLoad) -> None:
    """Write the manifest of an event load. It counts once a catalog of its number is published."""
    write_manifest(folder / EVENT_LOAD_FOLDER / f"{load.id}.json", load)


def iter_event_loads(folder: Path, *, after: int = 0, until: int) -> Iterator[EventLoad]:
    """Yield the event loads with a number above `after` and at most `until`, oldest first. Raise EvidenceDamaged."""
    yield from sorted(iter_newest_event_loads(folder, after=after, until=until), key=lambda load: load.number)


def iter_newest_event_loads(folder: Path, *, after: int = 0, until: int) -> Iterator[EventLoad]:
    """Yield the same loads, newest first, so that whoever needs the newest reads no archive. Raise EvidenceDamaged."""
    lowest = until + 1
    for path in reversed(_list_manifests(folder)):
        number = parse_load_number(path.stem)
        if after < number < lowest:
            try:
                load = read_manifest(path, kind=EventLoad)
            except FileNotFoundError:
                break  # it was archived meanwhile
            lowest = number
            yield load
    for path in reversed(list_archives(folder)):
        first, last = parse_archive_name(path)
        if first < lowest and last > after:
            loads = read_manifest(path, kind=LoadArchive).loads
            yield from (load for load in reversed(loads) if after < load.number < lowest)


def get_event_load(folder: Path, load_id: str) -> EventLoad | None:
    """Return the event load of that id, None if there is none."""
    number = parse_load_number(load_id)
    path = folder / EVENT_LOAD_FOLDER / f"{load_id}.json"
    if not number:
        return None
    if path.exists():
        return read_manifest(path, kind=EventLoad)
    loads = iter_newest_event_loads(folder, after=number - 1, until=number)
    return next((load for load in loads if load.id == load_id), None)


def find_event_load(folder: Path, fingerprint: str) -> EventLoad | None:
    """Return the newest event load with that fingerprint, None if there is none.

    Archives without it are not decoded.
    """
    digits = fingerprint.encode()
    for path in [*reversed(_list_manifests(folder)), *reversed(list_archives(folder))]:
        is_archive = parse_load_number(path.stem) == 0
        if is_archive and digits in path.read_bytes():
            return next(load for load in read_manifest(path, kind=LoadArchive).loads if load.fingerprint == fingerprint)
        if not is_archive and path.stem.endswith(f"-{fingerprint[:12]}"):
            return read_manifest(path, kind=EventLoad)
    return None


def list_event_blobs(folder: Path) -> set[str]:
    """Return the names of the files that event loads need beside those of the catalog: their rejects."""
    blobs = {name for path in list_archives(folder) for name in read_manifest(path, kind=_ArchivedBlobs).blobs}
    return blobs | {name for path in _list_manifests(folder) for name in read_manifest(path, kind=EventLoad).blobs}


def archive_event_loads(folder: Path) -> None:
    """Put the oldest manifests into one file if there are very many. Call it inside `lock_for_writing`."""
    paths = _list_manifests(folder)
    if len(paths) < 2 * ARCHIVED_LOADS:
        return
    oldest = paths[:ARCHIVED_LOADS]
    loads = tuple(read_manifest(path, kind=EventLoad) for path in oldest)
    blobs = tuple(name for load in loads for name in load.blobs)
    name = f"{ARCHIVE_PREFIX}{loads[0].number:0{_DIGITS}d}-{loads[-1].number:0{_DIGITS}d}.json"
    write_manifest(folder / EVENT_LOAD_FOLDER / name, LoadArchive(blobs=blobs, loads=loads))
    remove_manifests(oldest)


def list_archives(folder: Path) -> list[Path]:
    """Return the archives, the oldest first."""
    return sorted((folder / EVENT_LOAD_FOLDER).glob(f"{ARCHIVE_PREFIX}*.json"))


def parse_archive_name(path: Path) -> tuple[int, int]:
    """Return the numbers of the first and last load in an archive."""
    first, _, last = path.stem.removeprefix(ARCHIVE_PREFIX).partition("-")
    return int(first), int(last)


def _list_manifests(folder: Path) -> list[Path]:
    return sorted((folder / EVENT_LOAD_FOLDER).glob(f"{_PREFIX}[0-9]*.json"))


def remove_unpublished_loads(folder: Path, *, position: int) -> int:
    """Remove the manifests that a killed writer left before it published a catalog. Return how many."""
    left = [path for path in _list_manifests(folder) if parse_load_number(path.stem) > position]
    remove_manifests(left)
    return len(left)


def assign_id(load: EventLoad) -> EventLoad:
    """Return the load with the id that its number and fingerprint make."""
    return msgspec.structs.replace(load, id=build_load_id(load.number, load.fingerprint))
