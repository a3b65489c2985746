"""Folders of the page cache in an evidence store, and the removal of those that no page reads any more.

A snapshot has a folder with its row stores, indexes and summaries, an assessment one with its state files, and a
snapshot that the inventory shows one with its lists. Only `prune_page_cache` removes them.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from homeroom.evidence.loads.store import EvidenceStore

SNAPSHOT_FOLDERS, ASSESSMENT_FOLDERS, LIST_FOLDERS = "row_store", "assessed_states", "list_cache"


def get_snapshot_folder(store: EvidenceStore, *, derived: str) -> Path:
    """Return the folder of what is materialized of a snapshot."""
    return store.folder / SNAPSHOT_FOLDERS / derived


def get_assessment_folder(store: EvidenceStore, *, number: int, derived: str) -> Path:
    """Return the folder of the state files of assessment `number` over a snapshot."""
    return store.folder / ASSESSMENT_FOLDERS / _name_assessment(number, derived)


def get_list_folder(store: EvidenceStore, *, derived: str) -> Path:
    """Return the folder of the inventory's lists in the generation that shows a snapshot, "" before the first."""
    return store.folder / LIST_FOLDERS / (derived or "none")


def prune_page_cache(
    store: EvidenceStore,
    *,
    assessments: Sequence[tuple[int, str]] | None = None,
    listed_snapshots: Sequence[str] | None = None,
) -> None:
    """Remove the folders that no page reads any more.

    `assessments` are the (number, snapshot) to retain, with the folders of those snapshots and of the newest one;
    `listed_snapshots` are those whose lists to retain. Nothing is removed of what an argument that is None decides.
    """
    if assessments is not None:
        newest = store.get_latest_derived()
        snapshots = [*(derived for _, derived in assessments), *([newest.id] if newest else [])]
        _remove_except(store.folder / ASSESSMENT_FOLDERS, keep=[_name_assessment(*item) for item in assessments])
        _remove_except(store.folder / SNAPSHOT_FOLDERS, keep=snapshots)
    if listed_snapshots is not None:
        _remove_except(store.folder / LIST_FOLDERS, keep=listed_snapshots)


def _name_assessment(number: int, derived: str) -> str:
    return f"{number:06d}-{derived}"


def _remove_except(folder: Path, *, keep: Iterable[str]) -> None:
    """Remove all folders but those names. A mapped file stays readable to the process that mapped it."""
    names = set(keep)
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in names:
            shutil.rmtree(path, ignore_errors=True)
