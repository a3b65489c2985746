"""Every kind of damage of every kind of file is named with its subject and consequence, and repaired or explained."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import msgspec
import pytest

from homeroom.evidence.files.manifests import EvidenceDamaged, Load, is_sealed, read_manifest, seal_manifest
from homeroom.evidence.integrity.check import References, check_evidence
from homeroom.evidence.integrity.repair import repair_locally, restore_from_backup
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.row_store import open_row_store
from tests.assessed_district import build_snapshot
from tests.unit.evidence.test_store import AT, build_accounts, list_emails, publish_load

DAY = date(2026, 1, 15)


@dataclass(frozen=True)
class DamagedStore:
    data: Path
    store: EvidenceStore
    references: References

    def find_damage(self) -> list[tuple[str, str, str]]:
        damages = check_evidence(self.store, references=self.references)
        return [(damage.path, damage.problem, damage.remedy) for damage in damages]

    def repair(self) -> None:
        with self.store.lock_for_writing():
            repair_locally(self.store, check_evidence(self.store, references=self.references), data=self.data)
        self.store.pin_snapshot()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> DamagedStore:
    """Return a store with a current, a replaced, an undone and a held load, departed rows, a snapshot and its cache."""
    data = tmp_path_factory.mktemp("integrity") / "data"
    store = EvidenceStore(data / "evidence", district="maple")
    publish_load(store, build_accounts(("1", "ann@maple.test"), ("2", "bo@maple.test")), name="1")
    current = publish_load(store, build_accounts(("1", "ann@maple.test")), name="2")
    undone = publish_load(store, build_accounts(("9", "zoe@maple.test")), name="3")
    with store.lock_for_writing():
        store.undo(undone.id)
        held = store.hold(msgspec.structs.replace(current, fingerprint="4" * 12, tables=undone.tables))
    store.pin_snapshot()
    derived = store.publish_derived(build_snapshot(20), inputs="inputs", today=DAY, at=AT)
    open_row_store(store, derived=derived.id, table="accounts")
    references = References(
        loads=[load.id for load in store.list_all_loads()],
        undone=[undone.id],
        held=[held.id],
        derived=[derived.id],
    )
    return DamagedStore(data, store, references)


@pytest.fixture
def damaged(prepared: DamagedStore, tmp_path: Path) -> DamagedStore:
    """Return a copy of the store, to be damaged."""
    data = shutil.copytree(prepared.data, tmp_path / "data")
    return DamagedStore(data, EvidenceStore(data / "evidence", district="maple"), prepared.references)


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x10
    path.write_bytes(content)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def clear_file(path: Path) -> None:
    path.write_bytes(b"")


DAMAGES: dict[str, Callable[[Path], None]] = {
    "flip": flip,
    "truncate": truncate,
    "delete": Path.unlink,
    "empty": clear_file,
}


def find_blob(store: EvidenceStore, kind: str) -> Path:
    loads = {load.fingerprint[:1]: load for load in store.list_all_loads()}
    departed = next(iter((store.folder / "departed_rows").glob("*.json")))
    derived = store.get_latest_derived()
    assert derived is not None
    names = {
        "current": loads["2"].tables["account_records"].blob,
        "replaced": loads["1"].tables["account_records"].blob,
        "held": store.list_held_loads()[0].tables["account_records"].blob,
        "derived": derived.tables["accounts"].blob,
        "departed": msgspec.json.decode(departed.read_bytes())["tables"]["account_records"]["blob"],
    }
    return store.get_blob_path(names[kind])


def find_file(store: EvidenceStore, kind: str) -> Path:
    if kind.endswith(" manifest"):
        folders = {"load": "loads", "held": "pending", "derived": "derived", "departed": "departed_rows"}
        return max((store.folder / folders[kind.removesuffix(" manifest")]).glob("*.json"))
    if kind == "tombstone":
        return next(iter((store.folder / "undone").glob("*.json")))
    return next(iter(store.folder.glob("row_store/*/*.arrow"))) if kind == "page cache" else find_blob(store, kind)


REMEDIES = {
    "current": "reload", "replaced": "reload", "held": "reload", "derived": "resolve", "departed": "remove",
    "load manifest": "reload", "held manifest": "reload", "derived manifest": "resolve", "departed manifest": "remove",
    "tombstone": "reseal", "page cache": "remove",
}  # fmt: skip
REBUILT_WHEN_MISSING = {("departed manifest", "delete"), ("page cache", "delete")}
"""Files that are written again whenever they are missing, so that their absence is no damage."""


@pytest.mark.parametrize("damage_name", DAMAGES)
@pytest.mark.parametrize("kind", REMEDIES)
def test_each_kind_of_damage_is_named_and_repaired_or_explained(
    damaged: DamagedStore, kind: str, damage_name: str
) -> None:
    assert damaged.find_damage() == []
    path = find_file(damaged.store, kind)
    DAMAGES[damage_name](path)
    damages = damaged.find_damage()
    if (kind, damage_name) in REBUILT_WHEN_MISSING:
        assert damages == []
        return
    name = path.relative_to(damaged.data).as_posix()
    assert [(entry[0], entry[2]) for entry in damages] == [(name, REMEDIES[kind])]
    damaged.repair()
    remaining = [(entry[0], entry[2]) for entry in damaged.find_damage()]
    assert remaining == ([(name, REMEDIES[kind])] if REMEDIES[kind] in ("reload", "resolve") else [])


@pytest.mark.fault(area="reading", fault="a file is missing, cut off or altered, and restored from a backup")
@pytest.mark.parametrize("damage_name", DAMAGES)
@pytest.mark.parametrize("kind", [kind for kind in REMEDIES if kind != "page cache"])
def test_a_backup_restores_each_kind(damaged: DamagedStore, kind: str, damage_name: str, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    shutil.copytree(damaged.data, backup)
    path = find_file(damaged.store, kind)
    before = path.read_bytes()
    DAMAGES[damage_name](path)
    damages = check_evidence(damaged.store, references=damaged.references)
    assert restore_from_backup(damages, data=damaged.data, backup=backup) == []
    assert damaged.find_damage() == []
    assert (kind, damage_name) in REBUILT_WHEN_MISSING or path.read_bytes() == before


def test_a_load_that_was_undone_is_undone_again(damaged: DamagedStore) -> None:
    before = list_emails(damaged.store)
    find_file(damaged.store, "tombstone").unlink()
    assert list_emails(damaged.store) != before, "without a tombstone, its rows are current"
    (damage,) = check_evidence(damaged.store, references=damaged.references)
    assert "is missing" in str(damage)
    assert "its rows are current again" in str(damage)
    damaged.repair()
    assert list_emails(damaged.store) == before
    unknown = References(undone=["20260101T000000-nowhere"])
    assert check_evidence(damaged.store, references=unknown) == (), "a load that is not there cannot be current"


def test_a_backup_that_is_damaged_itself_restores_nothing(damaged: DamagedStore, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    path = find_file(damaged.store, "current")
    flip(path)
    shutil.copytree(damaged.data, backup)
    damages = check_evidence(damaged.store, references=damaged.references)
    assert restore_from_backup(damages, data=damaged.data, backup=backup) == list(damages)


def test_departed_rows_and_the_snapshot_are_the_same_after_they_were_built_again(damaged: DamagedStore) -> None:
    gone = list_emails(damaged.store, "account_records_gone")
    assert gone == ["bo@maple.test"]
    flip(find_file(damaged.store, "departed"))
    derived = find_file(damaged.store, "derived manifest").name
    clear_file(find_file(damaged.store, "derived manifest"))
    damaged.repair()
    damaged.store.publish_derived(build_snapshot(20), inputs="inputs", today=DAY, at=AT)
    assert damaged.find_damage() == []
    assert list_emails(damaged.store, "account_records_gone") == gone
    assert find_file(damaged.store, "derived manifest").name == derived


def test_the_damage_of_a_load_says_which_and_what_follows(damaged: DamagedStore) -> None:
    flip(find_file(damaged.store, "current"))
    (damage,) = check_evidence(damaged.store, references=damaged.references)
    assert damage.originals == ("users.csv",)
    assert "of google (google.users, 2026-01-15)" in damage.subject
    assert str(damage).endswith("its rows cannot be resolved or assessed until the file is restored")


def test_a_damaged_manifest_is_refused_with_what_to_do(damaged: DamagedStore) -> None:
    flip(find_file(damaged.store, "load manifest"))
    with pytest.raises(EvidenceDamaged, match=r"maple/loads/000003-\w+\.json .*; run: homeroom doctor --repair"):
        damaged.store.list_loads()


@pytest.mark.fault(area="reading", fault="a bit of a manifest is flipped")
def test_every_flipped_bit_of_a_manifest_is_noticed(damaged: DamagedStore) -> None:
    path = find_file(damaged.store, "load manifest")
    content = path.read_bytes()
    for position in range(0, len(content), 3):
        changed = bytearray(content)
        changed[position] ^= 1 << position % 8
        path.write_bytes(changed)
        try:
            read_manifest(path, kind=Load)
        except EvidenceDamaged:
            continue
        assert not is_sealed(bytes(changed)), position


def test_sealing_twice_changes_nothing() -> None:
    assert seal_manifest(seal_manifest(b'{"a":1}')) == seal_manifest(b'{"a":1}')
    assert msgspec.json.decode(seal_manifest(b"{}"))["checksum"]
