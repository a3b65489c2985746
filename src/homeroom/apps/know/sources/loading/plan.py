"""Plan the load of a package: whether it is loaded or held already, and else what has to be read of it.

A file is read by lines if each of its rows is read independently (`Kind.alone`), all files that fill its tables are as
well, and most of its lines are in the previous load. All others are read completely, and the hashes of those that
qualify are stored for the next load.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib import resources
from pathlib import Path

import numpy as np
import polars as pl

from homeroom.evidence.diff.row_hashes import LineFlags, read_line_hashes
from homeroom.evidence.files.manifests import Load, LoadedFile, Partition
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.tables import TABLES
from homeroom.ingest.csv_files.line_hashes import HashedLines, LineNumbers, NotLineByLine, match_lines
from homeroom.ingest.detection.detect import Package, PackageFile
from homeroom.library.know.manifests.connector_names import PACKAGE

READER_VERSION = "7"
RESTORED = "restored"
"""Outcome of a package that is a load already, whose damaged files were written again."""
_CHUNK_LINES = 1 << 18
MAX_CHANGED_SHARE = 1 / 8
"""Share of changed lines above which a file is read completely, so that a table's overlay stays small."""


@dataclass(frozen=True, kw_only=True, eq=False)
class HashedFile:
    """Line hashes of one file, the physical line of its first row, and the version that the hashes depend on."""

    lines: HashedLines
    first: int
    version: str


@dataclass(frozen=True, kw_only=True, eq=False)
class IncrementalFile(HashedFile):
    """A file whose changed lines alone are read, with the matching lines of the previous load.

    `previous` is that load's file, `number` its position there, `count` the number of its lines, and `matches` for each
    line of this file its number there, or -1.
    """

    previous: LoadedFile
    number: int
    matches: LineNumbers
    count: int

    @cached_property
    def unchanged_lines(self) -> LineFlags:
        """Return flags of the previous load's lines that are lines of this file."""
        flags = np.zeros(self.count, dtype=np.bool_)
        for start in range(0, len(self.matches), _CHUNK_LINES):  # so that the memory of the first is used again
            part = self.matches[start : start + _CHUNK_LINES]
            flags[part[part >= 0]] = True
        return flags

    @cached_property
    def changed_lines(self) -> LineNumbers:
        """Lines that have to be read."""
        return np.flatnonzero(self.matches < 0)


@dataclass(frozen=True, kw_only=True)
class IncrementalPlan:
    """Hashed files by number: those to read completely, and those whose changed lines alone are read.

    `base` are the previous load's partitions that the rows of the latter are merged with, by table. `is_retry` is true
    for a plan that was revised once, since reading by lines failed.
    """

    full: Mapping[int, HashedFile] = field(default_factory=dict)
    by_lines: Mapping[int, IncrementalFile] = field(default_factory=dict)
    base: Mapping[str, Partition] = field(default_factory=dict)
    is_retry: bool = False


READ_ALL = IncrementalPlan()
"""Plan that reads every file completely and stores no hashes."""


@dataclass(frozen=True, kw_only=True)
class LoadPlan:
    """How a package is loaded: from which source instance, as which scope, and by which `fingerprint`.

    `existing` is the load that the package is already, so that nothing has to be read; None for a new load. `outcome`
    is then unchanged for a published load, else held; or restored if files of that load are damaged, which are read
    again. `replaced` is the held load that a new, approved load replaces.
    """

    package: Package
    instance: str
    stated_scope: str | None
    approved: bool
    fingerprint: str
    existing: Load | None = None
    outcome: str = ""
    replaced: Load | None = None
    incremental: IncrementalPlan = READ_ALL


def plan_load(
    package: Package, *, store: EvidenceStore, source: str | None, scope: str | None, approved: bool
) -> LoadPlan:
    """Plan the load of a package; if it is a new load, also what has to be read of each file.

    `source` and `scope` are those that were stated. Raise FileRefused if a file changes.
    """
    instance = source or package.connector.name
    fingerprint = compute_fingerprint(package, instance=instance, scope=scope)
    plan = LoadPlan(package=package, instance=instance, stated_scope=scope, approved=approved, fingerprint=fingerprint)
    duplicate = _find_duplicate(package, store=store, fingerprint=fingerprint)
    held = find_same_load(store.list_held_loads(), fingerprint=fingerprint) if duplicate is None else None
    damaged = next((load for load in (duplicate, held) if load is not None and store.find_damaged_blobs(load)), None)
    if damaged is not None:
        return replace(plan, existing=damaged, outcome=RESTORED, incremental=_plan_complete(package))
    if duplicate is not None:
        return replace(plan, existing=duplicate, outcome="unchanged")
    if held is not None and not approved:
        return replace(plan, existing=held, outcome="held")
    incremental = plan_incremental(package, store=store, instance=instance)
    return replace(plan, replaced=held, incremental=incremental)


def _find_duplicate(package: Package, *, store: EvidenceStore, fingerprint: str) -> Load | None:
    """Return the load that a package is already; that of a log file stays valid under the loads that came after it."""
    if is_event_package(package):
        return None if package.sync_id else store.find_event_load(fingerprint)
    candidates = store.list_loads() if package.accumulates else store.list_current_loads()
    return find_same_load(candidates, fingerprint=fingerprint)


def is_event_package(package: Package) -> bool:
    """Return whether a package is a log: its rows are added to the events of their days."""
    tables = {table for file in package.files for table in file.kind.tables}
    return bool(tables) and all(TABLES[table].events for table in tables)


def compute_fingerprint(package: Package, *, instance: str, scope: str | None) -> str:
    """Return one hash (64 hex digits) of all that decides a load's content: reader, source, scope and file bytes."""
    files = sorted(f"{file.kind.id} {file.sha256}" for file in package.files)
    content = "\n".join(
        [READER_VERSION, instance, package.stream, package.mode, str(package.complete), scope or "", *files]
        + ([f"walk {package.sync_id}"] if package.sync_id else [])
    )
    return hashlib.sha256(content.encode()).hexdigest()


def find_same_load(loads: Iterable[Load], *, fingerprint: str) -> Load | None:
    """Return the first of the loads with that fingerprint, or None."""
    return next((stored_load for stored_load in loads if stored_load.fingerprint == fingerprint), None)


def _plan_complete(package: Package) -> IncrementalPlan:
    """Plan to read every file, and to store hashes as a first load does, so that the same files are written again."""
    is_hashed = _is_hashable(package)
    return IncrementalPlan(full=_hash_files(package.files)) if is_hashed else READ_ALL


def _is_hashable(package: Package) -> bool:
    return package.mode == "full" and not package.accumulates and package.stream not in package.connector.unit_column


def plan_incremental(package: Package, *, store: EvidenceStore, instance: str) -> IncrementalPlan:
    """Plan what has to be read of a package. Raise FileRefused if a file changes."""
    if not _is_hashable(package):
        return READ_ALL
    hashed = _hash_files(package.files)
    chain = (instance, package.stream)
    current = [entry for entry in store.list_current_loads() if (entry.instance, entry.stream) == chain]
    if len(current) != 1 or not hashed:
        return IncrementalPlan(full=hashed)
    (load,) = current
    matched_files = {
        number: _match_previous(entry, package.files[number], load, store=store) for number, entry in hashed.items()
    }
    mostly_unchanged = {
        number: entry for number, entry in matched_files.items() if entry is not None and _is_mostly_unchanged(entry)
    }
    tables_with_hashes = {table for table, part in load.tables.items() if part.row_hashes}
    ready = select_agreeing_files(
        package.files, [n for n in mostly_unchanged if tables_with_hashes.issuperset(package.files[n].kind.tables)]
    )
    return IncrementalPlan(
        full={number: entry for number, entry in hashed.items() if number not in ready},
        by_lines={number: mostly_unchanged[number] for number in ready},
        base={table: load.tables[table] for number in ready for table in package.files[number].kind.tables},
    )


def select_agreeing_files(files: Sequence[PackageFile], numbers: Iterable[int]) -> tuple[int, ...]:
    """Return those numbers whose tables are filled only by such files."""
    selected = set(numbers)
    while True:
        excluded_tables = {
            table for number, file in enumerate(files) if number not in selected for table in file.kind.tables
        }
        remaining = {number for number in selected if excluded_tables.isdisjoint(files[number].kind.tables)}
        if remaining == selected:
            return tuple(sorted(selected))
        selected = remaining


def _hash_files(files: Sequence[PackageFile]) -> dict[int, HashedFile]:
    hashed = {}
    for number in select_agreeing_files(files, [number for number, file in enumerate(files) if file.fingerprint]):
        try:
            hashed[number] = _hash_lines(files[number])
        except NotLineByLine:
            continue
    return {number: hashed[number] for number in select_agreeing_files(files, hashed)}


def _hash_lines(file: PackageFile) -> HashedFile:
    tables = [repr(TABLES[name]) for name in file.kind.tables]
    content = "\n".join((READER_VERSION, _hash_reader_code(), pl.__version__, file.fingerprint, *tables))
    return HashedFile(
        lines=file.hash_lines(), first=file.first_row_line, version=hashlib.sha256(content.encode()).hexdigest()
    )


@cache
def _hash_reader_code() -> str:
    """Return one hash of all code that reads files: another version may read a line differently."""
    folders = [Path(str(resources.files(package))) for package in (PACKAGE, "homeroom.ingest")]
    files = sorted(path for folder in folders for path in folder.rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _match_previous(
    hashed_file: HashedFile, file: PackageFile, load: Load, *, store: EvidenceStore
) -> IncrementalFile | None:
    """Return the lines matched with those of the same file in the previous load; None if its hashes are not usable."""
    candidates = [
        loaded_file for loaded_file in load.files if loaded_file.kind == file.kind.id and loaded_file.line_hashes
    ]
    stored = (
        read_line_hashes(store.blobs, candidates[0].line_hashes, version=hashed_file.version)
        if len(candidates) == 1
        else None
    )
    if stored is None:
        return None
    stored_hashes, number = stored
    return IncrementalFile(
        lines=hashed_file.lines,
        first=hashed_file.first,
        version=hashed_file.version,
        previous=candidates[0],
        number=number,
        matches=match_lines(hashed_file.lines.hashes, stored_hashes),
        count=len(stored_hashes),
    )


def _is_mostly_unchanged(incremental_file: IncrementalFile) -> bool:
    missing_lines = incremental_file.count - (len(incremental_file.lines) - incremental_file.changed_lines.size)
    return max(incremental_file.changed_lines.size, missing_lines) <= MAX_CHANGED_SHARE * incremental_file.count
