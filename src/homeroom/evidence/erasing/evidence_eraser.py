"""Erase people from all evidence of a district: prepare new files and manifests, then replace all manifests at once.

Nothing that a reader sees changes while files are prepared. Manifests are written beside the old ones and synced, and
then renamed one after the other, within milliseconds. A run that was killed is repeated: what was done is found to be
done.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import polars as pl
from msgspec.structs import replace

from homeroom.domain.progress import Progress, ignore_progress
from homeroom.evidence.erasing.blob_rewriter import BlobRewriter
from homeroom.evidence.erasing.person_terms import PersonTerms, TermMatcher
from homeroom.evidence.erasing.row_eraser import RowEraser
from homeroom.evidence.event_files.catalog import Catalog, list_catalog_paths, publish_catalog, read_catalog
from homeroom.evidence.event_files.event_loads import EVENT_LOAD_FOLDER, EventLoad, LoadArchive, list_archives
from homeroom.evidence.files.blobs import TEMPORARY_PREFIX, open_owner_only
from homeroom.evidence.files.manifest_records import announce_manifests, remove_manifests
from homeroom.evidence.files.manifests import (
    Departed,
    Derived,
    Load,
    LoadedFile,
    Partition,
    read_manifest,
    seal_manifest,
)
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.tables import TABLES


@dataclass(frozen=True, kw_only=True)
class ErasedEvidence:
    """What was erased, or would be: rows removed and rows changed by table, and how many files and manifests."""

    removed: Mapping[str, int] = field(default_factory=dict)
    changed: Mapping[str, int] = field(default_factory=dict)
    files: int = 0
    manifests: int = 0


class EvidenceEraser:
    """One erasure from the evidence of one district. Call it inside `lock_for_writing`."""

    def __init__(self, store: EvidenceStore, terms: PersonTerms, *, preview: bool = False) -> None:
        self._store, self._matcher = store, TermMatcher(terms)
        self._eraser = RowEraser(self._matcher)
        self._rewriter = BlobRewriter(store.blobs, self._eraser, preview=preview)
        self._rejects: dict[str, str] = {}
        self._manifests: dict[Path, msgspec.Struct] = {}
        self._catalog: Catalog | None = None

    def prepare(self, *, shown: str = "", progress: Progress = ignore_progress) -> ErasedEvidence:
        """Write all new files and return what changes; a preview writes none. A sweep removes what nothing names.

        `shown` is the resolved snapshot that pages show: it stays, until another is shown and `prepare_snapshot` takes
        it.
        """
        folder = self._store.folder
        paths = [path for name in ("loads", "pending", "departed_rows", "derived") for path in _list(folder / name)]
        instances = {path.stem: read_manifest(path, kind=Load).instance for path in _list(folder / "loads")}
        for number, path in enumerate(paths):
            progress("Erasing from evidence", number, len(paths))
            if not shown or (path.parent.name, path.stem) != ("derived", shown):
                self._prepare_manifest(path, instances)
        self._prepare_events()
        return self._count()

    def prepare_snapshot(self, derived: str) -> ErasedEvidence:
        """Write the new files of one resolved snapshot and return what changes."""
        path = self._store.folder / "derived" / f"{derived}.json"
        if path.exists():
            self._prepare_manifest(path, {})
        return self._count()

    def _count(self) -> ErasedEvidence:
        return ErasedEvidence(
            removed=dict(sorted((+self._rewriter.removed_rows).items())),
            changed=dict(sorted((+self._rewriter.changed_rows).items())),
            files=self._rewriter.files,
            manifests=len(self._manifests) + (self._catalog is not None),
        )

    def replace_manifests(self) -> None:
        """Let readers see the prepared files in place of the old ones, which stay until `sweep` removes them."""
        contents = {path: seal_manifest(msgspec.json.encode(item)) for path, item in self._manifests.items()}
        renames = [(_write_beside(path, content), path) for path, content in contents.items()]
        announce_manifests(contents)
        for temporary, path in renames:
            temporary.replace(path)
        for folder in {path.parent for _, path in renames}:
            _sync_folder(folder)
        if self._catalog is not None:
            publish_catalog(self._store.folder, self._catalog)
        remove_manifests(list_catalog_paths(self._store.folder)[:-1])

    def _prepare_manifest(self, path: Path, instances: Mapping[str, str]) -> None:
        if path.parent.name == "departed_rows":
            departed = read_manifest(path, kind=Departed)
            self._note(
                path, departed, replace(departed, tables=self._rewrite_tables(departed.tables, _by_load(instances)))
            )
        elif path.parent.name == "derived":
            derived = read_manifest(path, kind=Derived)
            self._note(path, derived, replace(derived, tables=self._rewrite_tables(derived.tables, pl.col("instance"))))
        else:
            load = read_manifest(path, kind=Load)
            self._note(path, load, self._rewrite_load(load))

    def _note(self, path: Path, before: msgspec.Struct, after: msgspec.Struct) -> None:
        if after != before:
            self._manifests[path] = after

    def _rewrite_tables(self, tables: Mapping[str, Partition], instance: str | pl.Expr) -> dict[str, Partition]:
        return {
            name: self._rewriter.rewrite_partition(
                part,
                table=TABLES[name],
                instance=instance if isinstance(instance, str) or name == "links" or not TABLES[name].derived else "",
            )
            for name, part in tables.items()
        }

    def _rewrite_load[L: Load](self, load: L) -> L:
        tables = self._rewrite_tables(load.tables, load.instance)
        has_lost_hashes = any(part.row_hashes and not tables[name].row_hashes for name, part in load.tables.items())
        return replace(
            load,
            tables=tables,
            rejects=self._rewrite_rejects(load.rejects),
            files=tuple(self._rewrite_file(file, keeps_hashes=not has_lost_hashes) for file in load.files),
            hold_reasons=tuple(map(self._matcher.replace_in, load.hold_reasons)),
        )

    def _rewrite_file(self, file: LoadedFile, *, keeps_hashes: bool) -> LoadedFile:
        return replace(
            file,
            name=self._matcher.replace_in(file.name),
            notes=tuple(map(self._matcher.replace_in, file.notes)),
            line_hashes=file.line_hashes if keeps_hashes else "",
        )

    def _rewrite_rejects(self, blob: str) -> str:
        if blob and blob not in self._rejects:
            self._rejects[blob] = self._rewriter.rewrite_rows(blob, self._clean_rejects)
        return self._rejects.get(blob, "")

    def _clean_rejects(self, rows: pl.DataFrame) -> pl.DataFrame:
        names = [name for name in ("file", "field", "value", "reason") if name in rows.columns]
        texts = pl.concat_str([pl.col(name).fill_null("") for name in names], separator="\n")
        if not rows.select(self._eraser.may_hold_term(texts).any()).item():
            return rows
        return rows.with_columns(
            pl.Series(
                name,
                [None if text is None else self._matcher.replace_in(text) for text in rows[name]],
                dtype=rows.schema[name],
            )
            for name in names
        )

    def _prepare_events(self) -> None:
        for path in _list(self._store.folder / EVENT_LOAD_FOLDER, "e[0-9]*.json"):
            load = read_manifest(path, kind=EventLoad)
            self._note(path, load, self._rewrite_load(load))
        for path in list_archives(self._store.folder):
            archive = read_manifest(path, kind=LoadArchive)
            loads = tuple(map(self._rewrite_load, archive.loads))
            blobs = tuple(name for load in loads for name in load.blobs)
            self._note(path, archive, replace(archive, loads=loads, blobs=blobs))
        catalog = read_catalog(self._store.folder)
        tables: dict[str, dict[str, tuple[object, ...]]] = {}
        for name, days in catalog.tables.items():
            for day, segments in days.items():
                rewritten = [self._rewriter.rewrite_segment(segment, table=TABLES[name]) for segment in segments]
                if remaining := tuple(segment for segment in rewritten if segment is not None):
                    tables.setdefault(name, {})[day] = remaining
        changed = replace(catalog, tables=tables, retired=())
        self._catalog = changed if changed != catalog else None


def _list(folder: Path, pattern: str = "*.json") -> list[Path]:
    return sorted(folder.glob(pattern))


def _by_load(instances: Mapping[str, str]) -> pl.Expr:
    """Return the source instance of a departed row, which names the load that last held it."""
    return pl.col("load_id").replace_strict(instances, default="", return_dtype=pl.String)


def _write_beside(path: Path, content: bytes) -> Path:
    temporary = path.with_name(f"{TEMPORARY_PREFIX}{uuid.uuid4().hex}")
    with open(temporary, "xb", opener=open_owner_only) as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    return temporary


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
