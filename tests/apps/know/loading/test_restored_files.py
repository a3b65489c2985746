"""A damaged file of a load is noticed when its original is loaded again, and restored under the same name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from homeroom.apps.know.sources.commands import discard, undo
from homeroom.apps.know.sources.integrity import find_damage
from homeroom.apps.platform.audit.queries import list_audited_subjects
from homeroom.apps.platform.districts.models import District
from homeroom.evidence.integrity.repair import repair_locally
from homeroom.evidence.loads.store import EvidenceStore
from tests.apps.know.loading.test_changed_lines import BY_LINE, load_folder, write_bundle
from tests.apps.know.loading.test_load import (
    AT,
    build_users,
    district,
    get_only_result,
    list_emails,
    load_paths,
    store,
    write_users,
)

__all__ = ["district", "store"]
pytestmark = pytest.mark.django_db


def flip_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "flip": flip_byte,
    "truncate": lambda path: path.write_bytes(path.read_bytes()[:-9]),
    "delete": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
}


@pytest.mark.parametrize("damage_name", DAMAGES)
def test_each_file_of_a_load_is_restored_by_its_original(
    tmp_path: Path, district: District, store: EvidenceStore, damage_name: str
) -> None:
    path = write_users(tmp_path / "in", *build_users(3), ("", "/no-login"))
    loaded = get_only_result(load_paths([path], district, store)).load
    assert loaded is not None
    before = {name: store.get_blob_path(name).read_bytes() for name in loaded.blobs}
    for name in before:
        DAMAGES[damage_name](store.get_blob_path(name))
    assert len(find_damage(district=district, store=store)) == len(before)
    restored = get_only_result(load_paths([path], district, store))
    assert (restored.outcome, restored.load) == ("restored", loaded)
    assert {name: store.get_blob_path(name).read_bytes() for name in before} == before
    assert find_damage(district=district, store=store) == ()
    assert list_audited_subjects(district=district, action="restore load") == {loaded.id}
    assert get_only_result(load_paths([path], district, store)).outcome == "unchanged"


def test_an_undone_load_without_its_tombstone_is_named(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    loaded = get_only_result(load_paths([write_users(tmp_path / "in", *build_users(3))], district, store)).load
    assert loaded is not None
    undo(district=district, store=store, load_id=loaded.id, actor="director", at=AT)
    assert find_damage(district=district, store=store) == ()
    tombstone = store.folder / "undone" / f"{loaded.id}.json"
    tombstone.unlink()
    (damage,) = find_damage(district=district, store=store)
    assert (damage.path.endswith(f"undone/{loaded.id}.json"), damage.problem, damage.remedy) == (
        True,
        "is missing",
        "reseal",
    )
    with store.lock_for_writing():
        repair_locally(store, [damage], data=store.folder.parent.parent)
    assert store.list_undone_ids() == {loaded.id}
    assert find_damage(district=district, store=store) == ()


def test_a_load_that_was_read_by_changed_lines_is_restored_with_its_rows_and_counts(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    folders = [write_bundle(tmp_path / "first"), write_bundle(tmp_path / "second", changed=2)]
    for day, folder in enumerate(folders):
        load_folder(folder, store, district, limits=BY_LINE, day=day)
    (load,) = store.list_current_loads()
    for name in load.blobs:
        store.get_blob_path(name).unlink(missing_ok=True)
    result = load_folder(folders[1], store, district, limits=BY_LINE)
    assert (result.outcome, result.load and result.load.id) == ("restored", load.id)
    (after,) = store.list_current_loads()
    assert store.find_damaged_blobs(after) == ()
    counts = {name: (part.rows, part.added, part.removed, part.changed) for name, part in load.tables.items()}
    assert {name: (part.rows, part.added, part.removed, part.changed) for name, part in after.tables.items()} == counts


def test_a_held_load_is_restored_and_still_held(tmp_path: Path, district: District, store: EvidenceStore) -> None:
    load_paths([write_users(tmp_path / "in", *build_users(30))], district, store)
    fewer = write_users(tmp_path / "fewer", *build_users(3))
    held = get_only_result(load_paths([fewer], district, store)).load
    assert held is not None
    for name in held.blobs:
        flip_byte(store.get_blob_path(name))
    assert get_only_result(load_paths([fewer], district, store)).outcome == "restored"
    assert [load.id for load in store.list_held_loads()] == [held.id]
    assert find_damage(district=district, store=store) == ()


def test_a_held_load_that_vanished_is_missed_until_it_is_decided(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    load_paths([write_users(tmp_path / "in", *build_users(30))], district, store)
    held = get_only_result(load_paths([write_users(tmp_path / "fewer", *build_users(3))], district, store)).load
    assert held is not None
    manifest = store.folder / "pending" / f"{held.id}.json"
    content = manifest.read_bytes()
    manifest.unlink()
    assert [damage.path for damage in find_damage(district=district, store=store)] == [
        f"evidence/maple/pending/{held.id}.json"
    ]
    manifest.write_bytes(content)
    discard(district=district, store=store, load_id=held.id, actor="", at=AT)
    assert find_damage(district=district, store=store) == ()


def test_a_damaged_manifest_costs_the_packages_that_need_it_and_says_what_to_do(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    path = write_users(tmp_path / "in", *build_users(3))
    load_paths([path], district, store)
    (manifest,) = (store.folder / "loads").glob("*.json")
    flip_byte(manifest)
    result = get_only_result(load_paths([path], district, store))
    assert result.outcome == "refused"
    assert "homeroom doctor --repair" in result.problems[0].reason
    assert (store.folder / "blobs").exists()
    assert len(list(store.blobs.glob("*.parquet"))) >= 1, "nothing that it needs was swept"
    manifest.unlink()
    assert [damage.remedy for damage in find_damage(district=district, store=store)] == ["reload"]
    assert get_only_result(load_paths([path], district, store)).outcome == "new"
    assert len(list_emails(store)) == 3
