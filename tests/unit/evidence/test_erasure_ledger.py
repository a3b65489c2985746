"""The ledger beside the backups: joined, and refused where it cannot know who must not come back."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from homeroom.evidence.erasing.ledger import (
    SHARED_LEDGER,
    ErasureLedger,
    LedgerErasure,
    check_counts,
    check_is_newer,
    identify_place,
    join_own,
    list_ledgers,
    list_missing,
    read_ledger,
    update_ledger,
)
from homeroom.evidence.erasing.register import Register, RegisterRefused, TermHasher, write_register
from homeroom.evidence.files.data_folder import load_secret_key
from homeroom.evidence.files.manifests import write_manifest

AT = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)
LATER = AT + timedelta(days=7)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return an empty data folder."""
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def build_register(key: str, *ids: str, number: int = 1) -> Register:
    hasher = TermHasher(key, district="district")
    return Register(
        number=number,
        district="district",
        at=AT,
        by="privacy officer",
        why="Asked for by the family.",
        people=1,
        key=hasher.fingerprint,
        hashes=frozenset(map(hasher.hash_id, ids)),
    )


def build_ledger(*registers: Register, installation: str = "own", at: datetime = AT) -> ErasureLedger:
    entries = tuple(LedgerErasure(district="district", register=register) for register in registers)
    return ErasureLedger(updated_at=at, entries=entries, installation=installation)


def check(path: Path, *, folder: Path | None, installation: str = "own", made_at: datetime = AT) -> None:
    check_is_newer({path: read_ledger(path)}, made_at=made_at, installation=installation, folder=folder)


def test_a_ledger_that_erasures_write_is_enough_and_any_other_must_be_newer_than_the_backup(
    data: Path, tmp_path: Path
) -> None:
    update_ledger(tmp_path, data=data, installation="own", at=AT, followed=True)
    [path] = list_ledgers(tmp_path)
    check(path, folder=tmp_path, made_at=LATER)
    check(path, folder=None, made_at=AT - timedelta(seconds=1))
    with pytest.raises(RegisterRefused, match="2026-03-03 03:00 UTC, as old as the backup"):
        check(path, folder=None)


def test_a_copy_of_the_folder_that_erasures_write_to_does_not_count_as_that_folder(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    update_ledger(folder, data=data, installation="own", at=AT, followed=True)
    copied = Path(shutil.copytree(folder, tmp_path / "copied"))
    shutil.move(folder, tmp_path / "burnt")
    shutil.copytree(copied, folder)  # a new server whose settings name the same place
    for place in (copied, folder):
        with pytest.raises(RegisterRefused, match="not in the folder of backups that erasures write to"):
            check(list_ledgers(place)[0], folder=place)


def test_a_ledger_that_only_another_installation_wrote_does_not_count(data: Path, tmp_path: Path) -> None:
    update_ledger(tmp_path, data=data, installation="another", at=LATER, followed=True)
    [path] = list_ledgers(tmp_path)
    with pytest.raises(RegisterRefused, match="no ledger of erasures is of the installation"):
        check(path, folder=tmp_path)
    check(path, folder=tmp_path, installation="another")
    check(path, folder=tmp_path, installation="")  # a backup that does not state whose it is


def test_erasures_of_another_installation_are_neither_missing_nor_counted(data: Path) -> None:
    key = load_secret_key(data)
    own, other = build_register(key, "ana"), build_register("another key", "ben")
    ledger, foreign = join_own(
        [build_ledger(own), build_ledger(other, installation="another"), build_ledger(own, other, installation="")],
        data=data,
    )
    assert ([entry.register for entry in ledger.entries], foreign) == ([own], 1)
    assert list_missing(ledger, data=data) == ledger.entries
    check_counts(ledger, {"district": 1})
    with pytest.raises(RegisterRefused, match="fewer erasures of district than the backup"):
        check_counts(ledger, {"district": 2})
    write_register(data / "evidence" / "district", own)
    assert list_missing(ledger, data=data) == ()


def test_erasures_that_an_installation_made_with_a_replaced_key_are_not_left_out(data: Path) -> None:
    registers = build_register(load_secret_key(data), "ana"), build_register("the next key", "ben", number=2)
    ledger, foreign = join_own([build_ledger(*registers, installation="after")], data=data)
    assert (len(ledger.entries), foreign) == (2, 0)


def test_joined_ledgers_are_of_the_newest(data: Path) -> None:
    ledgers = [build_ledger(), build_ledger(at=LATER)]
    assert join_own(ledgers, data=data) == join_own(ledgers[::-1], data=data) == (ErasureLedger(updated_at=LATER), 0)


def test_each_installation_writes_its_own_ledger_and_takes_its_erasures_from_the_shared_one(
    data: Path, tmp_path: Path
) -> None:
    own, other = build_register(load_secret_key(data), "ana"), build_register("another key", "ben")
    write_manifest(tmp_path / SHARED_LEDGER, build_ledger(own, other, installation=""))
    for is_followed in (True, False):
        update_ledger(tmp_path, data=data, installation="own", at=AT, followed=is_followed)
        ledger = read_ledger(tmp_path / "homeroom-erasures-own.json")
        assert [entry.register for entry in ledger.entries] == [own]
        assert ledger.place == (identify_place(tmp_path) if is_followed else "")
    assert len(read_ledger(tmp_path / SHARED_LEDGER).entries) == 2
