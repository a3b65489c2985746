"""Files of a data folder beside evidence and databases that may hold a person: what goes, and what stays."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from homeroom.domain.platform.district import District
from homeroom.evidence.diff.snapshot_diff import SPILL_FOLDER
from homeroom.evidence.erasing.person_terms import TermMatcher
from homeroom.evidence.erasing.register import RemainingData
from homeroom.evidence.integrity.repair import DAMAGED_FOLDER
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.folders import ASSESSMENT_FOLDERS, LIST_FOLDERS, SNAPSHOT_FOLDERS

KEPT_BY_PEOPLE = {
    "incidents": "files of incidents",
    "proofs": "proofs of attestations",
    "privacy": "letters and files of requests",
}
_CHUNK = 1 << 20
_OVERLAP = 512


def remove_old_page_files(store: EvidenceStore, *, derived: str, number: int) -> int:
    """Remove what is materialized of every snapshot and assessment but the newest; return how many folders."""
    current = {derived, f"{number:06d}-{derived}"}
    removed = 0
    for name in (SNAPSHOT_FOLDERS, ASSESSMENT_FOLDERS, LIST_FOLDERS):
        folder = store.folder / name
        for path in folder.iterdir() if folder.is_dir() else ():
            if path.name not in current:
                shutil.rmtree(path, ignore_errors=True)
                removed += 1
    return removed


def remove_set_aside_files(data: Path, store: EvidenceStore) -> int:
    """Remove damaged files that a repair set aside, and what queries spilled: nothing reads them; return how many."""
    removed = 0
    for folder in (data / DAMAGED_FOLDER, store.folder / DAMAGED_FOLDER, store.folder / SPILL_FOLDER):
        files = [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []
        for path in files:
            path.unlink(missing_ok=True)
        removed += len(files)
    return removed


def list_remaining_files(data: Path, district: District, matcher: TermMatcher) -> Iterator[RemainingData]:
    """Yield what people attached and what waits to be loaded, where it holds one of the terms."""
    for name, label in KEPT_BY_PEOPLE.items():
        folder = data / name / district.slug
        if count := sum(_is_named_in(path, matcher) for path in _list_files(folder)):
            yield RemainingData(what=label, count=count, why="somebody attached them; who answers for them decides")
    for name, label in {"uploads": "uploads that wait to be loaded", "spool": "answers of a sync that goes on"}.items():
        if count := sum(_is_named_in(path, matcher) for path in _list_files(data / name)):
            yield RemainingData(
                what=label, count=count, why="they are removed when they are loaded, without the person"
            )


def _list_files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file()] if folder.is_dir() else []


def _is_named_in(path: Path, matcher: TermMatcher) -> bool:
    """Return whether a file may hold one of the terms."""
    needles = [needle.lower().encode() for needle in matcher.needles]
    needles += [needle.lower().encode("utf-16-le") for needle in matcher.needles]
    before = b""
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            content = before[-_OVERLAP:] + chunk.lower()
            if any(needle in content for needle in needles):
                return True
            before = content
    return False
