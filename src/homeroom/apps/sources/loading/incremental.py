"""Incremental loading: skip the lines of a package that the current load already has.

A file is read by lines if each of its rows is read independently (`Kind.alone`), all files that fill its tables are as
well, and most of its lines are in the previous load. All others are read completely, and the hashes of those that
qualify are stored for the next load.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from pathlib import Path

import msgspec
import numpy as np
import polars as pl

from homeroom.evidence.diff.row_hashes import IncrementalBase, LineFlags, read_line_hashes, write_line_hashes
from homeroom.evidence.files.manifests import Load, LoadedFile, Partition
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.loads.writer import DuplicateKeyConflict, LoadWriter
from homeroom.evidence.tables import TABLES
from homeroom.ingest.csv_files.line_hashes import NO_HASH, HashedLines, LineNumbers, NotLineByLine, match_lines
from homeroom.ingest.detection.detect import Package, PackageFile
from homeroom.library.connectors import PACKAGE

MAX_CHANGED_SHARE = 1 / 8
"""Share of changed lines above which a file is read completely, so that a table's overlay stays small."""


class IncrementalNotPossible(Exception):
    """The changed lines alone are not enough; the package has to be read completely."""


@dataclass(frozen=True, kw_only=True, eq=False)
class IncrementalFile:
    """Line hashes of one file, with the matching lines of the previous load.

    If the previous load had the file: that load's file, and for each line its number there, or -1.
    """

    lines: HashedLines
    first: int
    version: str
    previous: LoadedFile | None = None
    number: int = 0
    matches: LineNumbers = field(default_factory=lambda: np.empty(0, np.int64))
    count: int = 0

    @property
    def unchanged_lines(self) -> LineFlags:
        """Return flags of the previous load's lines that are lines of this file."""
        flags = np.zeros(self.count, dtype=np.bool_)
        flags[self.matches[self.matches >= 0]] = True
        return flags

    @property
    def changed_lines(self) -> LineNumbers:
        """Lines that have to be read."""
        return np.flatnonzero(self.matches < 0)


@dataclass(frozen=True, kw_only=True)
class IncrementalPlan:
    """Hashed files by number, and the previous load's partitions that their rows are merged with, by table.

    `is_retry` is true for a plan that was revised once, since reading by lines failed.
    """

    files: Mapping[int, IncrementalFile] = field(default_factory=dict)
    base: Mapping[str, Partition] = field(default_factory=dict)
    is_retry: bool = False

    def get_incremental_file(self, number: int) -> IncrementalFile | None:
        """Return the file if only its changed lines are read; None if it is read completely."""
        incremental_file = self.files.get(number)
        return incremental_file if incremental_file is not None and incremental_file.previous is not None else None

    def create_writer(self, store: EvidenceStore, package: Package) -> LoadWriter:
        """Create the writer to read into."""
        incremental_files = [
            incremental_file for incremental_file in self.files.values() if incremental_file.previous is not None
        ]
        unchanged = {
            incremental_file.number: incremental_file.unchanged_lines for incremental_file in incremental_files
        }
        first = {incremental_file.number: incremental_file.first for incremental_file in incremental_files}
        full_files = {
            number: incremental_file
            for number, incremental_file in self.files.items()
            if incremental_file.previous is None
        }
        return LoadWriter(
            store.blobs,
            bases={
                name: IncrementalBase(partition=part, unchanged_lines=unchanged, first_lines=first)
                for name, part in self.base.items()
            },
            hashed_tables={table for number in full_files for table in package.files[number].kind.tables},
            lines={
                number: (incremental_file.first, len(incremental_file.lines))
                for number, incremental_file in full_files.items()
            },
        )

    def revise_after(self, error: IncrementalNotPossible | DuplicateKeyConflict) -> IncrementalPlan:
        """Return the plan after a failure: first also read the lines with conflicting keys, then everything."""
        if isinstance(error, IncrementalNotPossible) or self.is_retry:
            return IncrementalPlan(
                files={
                    number: replace(incremental_file, previous=None) for number, incremental_file in self.files.items()
                }
            )
        files = dict(self.files)
        for number, incremental_file in self.files.items():
            if incremental_file.previous is not None:
                lines = (
                    error.positions.filter(pl.col("_file") == incremental_file.number)["_line"].to_numpy()
                    - incremental_file.first
                )
                files[number] = replace(
                    incremental_file,
                    matches=np.where(np.isin(incremental_file.matches, lines), -1, incremental_file.matches),
                )
        return replace(self, files=files, is_retry=True)


def plan_incremental(package: Package, *, store: EvidenceStore, instance: str, reader: str) -> IncrementalPlan:
    """Plan what has to be read of a package. `reader` is the reader version. Raise FileRefused if a file changes."""
    if package.mode != "full" or package.accumulates or package.stream in package.connector.unit_column:
        return IncrementalPlan()
    hashed = _hash_files(package.files, reader=reader)
    chain = (instance, package.stream)
    current = [entry for entry in store.list_current_loads() if (entry.instance, entry.stream) == chain]
    if len(current) != 1 or not hashed:
        return IncrementalPlan(files=hashed)
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
    incremental_files = {number: mostly_unchanged[number] for number in ready}
    return IncrementalPlan(
        files={**hashed, **incremental_files},
        base={table: load.tables[table] for number in incremental_files for table in package.files[number].kind.tables},
    )


def store_hashes(
    plan: IncrementalPlan,
    *,
    package: Package,
    files: Sequence[LoadedFile],
    clean_files: Iterable[int],
    writer: LoadWriter,
    store: EvidenceStore,
) -> tuple[LoadedFile, ...]:
    """Return the files with the blobs of their line hashes, where those are worthwhile.

    `clean_files` are the numbers of files without anything odd or secret: the hash of a line would reveal a password to
    an attacker who tries them all.
    """
    blobs = {
        number: read_by_lines.previous.line_hashes
        for number in plan.files
        if (read_by_lines := plan.get_incremental_file(number)) and read_by_lines.previous
    }
    clean_lines = {
        number: writer.get_valid_lines(number) for number in clean_files if number in plan.files and number not in blobs
    }
    worthwhile = [number for number, flags in clean_lines.items() if flags.mean() >= 1 - MAX_CHANGED_SHARE]
    for number in select_agreeing_files(package.files, [*worthwhile, *blobs]):
        if number in clean_lines:
            incremental_file = plan.files[number]
            hashes = np.where(clean_lines[number], incremental_file.lines.hashes, NO_HASH)
            blobs[number] = write_line_hashes(store.blobs, hashes, version=incremental_file.version, file_number=number)
    return tuple(msgspec.structs.replace(file, line_hashes=blobs.get(number, "")) for number, file in enumerate(files))


def attach_hashes(
    tables: Mapping[str, Partition], *, package: Package, files: Sequence[LoadedFile]
) -> dict[str, Partition]:
    """Return the tables, with row hashes only if the line hashes of their files are stored."""
    hashed_tables = {
        table for number, file in enumerate(files) if file.line_hashes for table in package.files[number].kind.tables
    }
    return {
        name: part if name in hashed_tables else msgspec.structs.replace(part, row_hashes="")
        for name, part in tables.items()
    }


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


def _hash_files(files: Sequence[PackageFile], *, reader: str) -> dict[int, IncrementalFile]:
    hashed = {}
    for number in select_agreeing_files(files, [number for number, file in enumerate(files) if file.fingerprint]):
        try:
            hashed[number] = _hash_lines(files[number], reader=reader)
        except NotLineByLine:
            continue
    return {number: hashed[number] for number in select_agreeing_files(files, hashed)}


def _hash_lines(file: PackageFile, *, reader: str) -> IncrementalFile:
    tables = [repr(TABLES[name]) for name in file.kind.tables]
    content = "\n".join((reader, _hash_reader_code(), pl.__version__, file.fingerprint, *tables))
    return IncrementalFile(
        lines=file.hash_lines(), first=file.first_row_line, version=hashlib.sha256(content.encode()).hexdigest()
    )


@cache
def _hash_reader_code() -> str:
    """Return one hash of all code that reads files: another version may read a line differently."""
    folders = [Path(str(resources.files(package))) for package in (PACKAGE, "homeroom.ingest")]
    files = sorted(path for folder in folders for path in folder.rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _match_previous(
    incremental_file: IncrementalFile, file: PackageFile, load: Load, *, store: EvidenceStore
) -> IncrementalFile | None:
    """Return the lines matched with those of the same file in the previous load; None if its hashes are not usable."""
    candidates = [
        loaded_file for loaded_file in load.files if loaded_file.kind == file.kind.id and loaded_file.line_hashes
    ]
    stored = (
        read_line_hashes(store.blobs, candidates[0].line_hashes, version=incremental_file.version)
        if len(candidates) == 1
        else None
    )
    if stored is None:
        return None
    stored_hashes, number = stored
    matches = match_lines(incremental_file.lines.hashes, stored_hashes)
    return replace(incremental_file, previous=candidates[0], number=number, matches=matches, count=len(stored_hashes))


def _is_mostly_unchanged(incremental_file: IncrementalFile) -> bool:
    missing_lines = incremental_file.count - int((incremental_file.matches >= 0).sum())
    return max(incremental_file.changed_lines.size, missing_lines) <= MAX_CHANGED_SHARE * incremental_file.count
