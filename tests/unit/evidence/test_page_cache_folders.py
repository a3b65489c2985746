"""Test which folders of the page cache are removed, and when."""

from __future__ import annotations

from pathlib import Path

from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.folders import (
    get_assessment_folder,
    get_list_folder,
    get_snapshot_folder,
    prune_page_cache,
)
from tests.unit.evidence.test_row_store import publish_devices


def test_an_assessment_keeps_its_files_those_of_its_snapshot_and_those_of_the_newest(tmp_path: Path) -> None:
    store, newest = publish_devices(tmp_path, {"id": 3})
    expected = {
        get_assessment_folder(store, number=3, derived="b"),
        get_snapshot_folder(store, derived="b"),
        get_snapshot_folder(store, derived=newest),
        get_list_folder(store, derived="a"),
    }
    assert _list_after_pruning(store, newest, assessments=[(3, "b")]) == expected


def test_a_generation_keeps_its_lists_and_leaves_the_rest_alone(tmp_path: Path) -> None:
    store, newest = publish_devices(tmp_path, {"id": 3})
    all_folders = _create_folders(store, newest)
    assert _list_after_pruning(store, newest, listed_snapshots=["a"]) == all_folders
    expected = all_folders - {get_list_folder(store, derived="a")}
    assert _list_after_pruning(store, newest, listed_snapshots=["", "b"]) == expected


def test_nothing_to_prune_is_nothing_wrong(tmp_path: Path) -> None:
    prune_page_cache(EvidenceStore(tmp_path, district="maple-valley"), assessments=[], listed_snapshots=[])


def _create_folders(store: EvidenceStore, newest: str) -> set[Path]:
    folders = {
        *(get_assessment_folder(store, number=number, derived=derived) for number, derived in ((2, "a"), (3, "b"))),
        *(get_snapshot_folder(store, derived=derived) for derived in ("a", "b", newest)),
        get_list_folder(store, derived="a"),
    }
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    return folders


def _list_after_pruning(store: EvidenceStore, newest: str, **retained: list[tuple[int, str]] | list[str]) -> set[Path]:
    folders = _create_folders(store, newest)
    prune_page_cache(store, **retained)  # type: ignore[arg-type]
    return {folder for folder in folders if folder.exists()}
