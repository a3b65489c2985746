"""Incremental reading: a writer that knows the unchanged rows, a revised plan after a failure, and hashes to store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import msgspec
import numpy as np
import polars as pl

from homeroom.apps.know.sources.loading.plan import MAX_CHANGED_SHARE, IncrementalPlan, select_agreeing_files
from homeroom.evidence.diff.row_hashes import IncrementalBase, write_line_hashes
from homeroom.evidence.files.manifests import LoadedFile, Partition
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.loads.writer import CleanRows, DuplicateKeyConflict, LoadWriter
from homeroom.ingest.csv_files.line_hashes import NO_HASH
from homeroom.ingest.detection.detect import Package, PackageFile


class IncrementalNotPossible(Exception):
    """The changed lines alone are not enough; the package has to be read completely."""


def create_writer(
    plan: IncrementalPlan, *, package: Package, store: EvidenceStore, clean: CleanRows | None = None
) -> LoadWriter:
    """Create the writer to read into by a plan, which stores the hashes of its hashed files."""
    by_lines = plan.by_lines.values()
    unchanged = {incremental_file.number: incremental_file.unchanged_lines for incremental_file in by_lines}
    first = {incremental_file.number: incremental_file.first for incremental_file in by_lines}
    return LoadWriter(
        store.blobs,
        bases={
            name: IncrementalBase(partition=part, unchanged_lines=unchanged, first_lines=first)
            for name, part in plan.base.items()
        },
        hashed_tables={table for number in plan.full for table in package.files[number].kind.tables},
        lines={number: (hashed_file.first, len(hashed_file.lines)) for number, hashed_file in plan.full.items()},
        clean=clean,
    )


def revise_plan(plan: IncrementalPlan, error: IncrementalNotPossible | DuplicateKeyConflict) -> IncrementalPlan:
    """Return the plan after a failure: first also read the lines with conflicting keys, then everything."""
    if isinstance(error, IncrementalNotPossible) or plan.is_retry:
        return IncrementalPlan(full={**plan.full, **plan.by_lines})
    by_lines = {}
    for number, incremental_file in plan.by_lines.items():
        lines = (
            error.positions.filter(pl.col("_file") == incremental_file.number)["_line"].to_numpy()
            - incremental_file.first
        )
        by_lines[number] = replace(
            incremental_file,
            matches=np.where(np.isin(incremental_file.matches, lines), -1, incremental_file.matches),
        )
    return replace(plan, by_lines=by_lines, is_retry=True)


def store_hashes(
    plan: IncrementalPlan,
    *,
    package: Package,
    files: Sequence[LoadedFile],
    tables: Mapping[str, Partition],
    clean_files: Iterable[int],
    writer: LoadWriter,
    store: EvidenceStore,
) -> tuple[tuple[LoadedFile, ...], dict[str, Partition]]:
    """Store the line hashes of files where they are worthwhile.

    Return the files with the blobs of their hashes, and the tables, with row hashes only if the line hashes of their
    files are stored. `clean_files` are the numbers of files without anything odd or secret: the hash of a line would
    reveal a password to an attacker who tries them all.
    """
    blobs = {number: incremental_file.previous.line_hashes for number, incremental_file in plan.by_lines.items()}
    clean_lines = {number: writer.get_valid_lines(number) for number in clean_files if number in plan.full}
    worthwhile = [number for number, flags in clean_lines.items() if flags.mean() >= 1 - MAX_CHANGED_SHARE]
    for number in select_agreeing_files(package.files, [*worthwhile, *blobs]):
        if number in clean_lines:
            hashed_file = plan.full[number]
            hashes = np.where(clean_lines[number], hashed_file.lines.hashes, NO_HASH)
            blobs[number] = write_line_hashes(store.blobs, hashes, version=hashed_file.version, file_number=number)
    hashed_files = tuple(
        msgspec.structs.replace(file, line_hashes=blobs.get(number, "")) for number, file in enumerate(files)
    )
    return hashed_files, _drop_unused_row_hashes(tables, files=hashed_files, package_files=package.files)


def _drop_unused_row_hashes(
    tables: Mapping[str, Partition], *, files: Sequence[LoadedFile], package_files: Sequence[PackageFile]
) -> dict[str, Partition]:
    hashed_tables = {
        table for number, file in enumerate(files) if file.line_hashes for table in package_files[number].kind.tables
    }
    return {
        name: part if name in hashed_tables else msgspec.structs.replace(part, row_hashes="")
        for name, part in tables.items()
    }
