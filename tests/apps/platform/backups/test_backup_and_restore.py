"""What was backed up comes back equal on either database, and whoever was erased since does not."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from django.db import connection

from bench.support.byte_search import search_folder
from bench.support.erasure_district import NUMBER, UNIQUE_VALUES, fill_district
from homeroom.evidence.backups.age_stream import BackupKeys
from homeroom.evidence.backups.manifest import BackupManifest
from homeroom.evidence.erasing.ledger import list_ledgers, name_ledger, read_ledger
from homeroom.evidence.files.manifests import write_manifest
from tests.apps.platform.backups.keys import get_settings, read_keys, read_manifest, write_keys
from tests.apps.program import run_homeroom
from tests.prepared_folders import prepare_folder

pytestmark = pytest.mark.scale
CHANGED_BY_RESTORE = {"audit_entry", "audit_head"}
"""Tables that get rows because of the restore or the backup itself."""
REASON = ("--why", "Asked for by the family.", "--by", "privacy officer")


def build_backups(folder: Path) -> None:
    """Back up a small district, then erase a student of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", "")  # the run on PostgreSQL may prepare the folder
        fill_district(folder / "data", folder / "exports", others=10)
    (folder / "backups").mkdir()
    write_keys(folder)
    (folder / "disk").mkdir()
    own = {"HOMEROOM_BACKUP_FOLDER": str(folder / "backups")}
    run(folder, "backup", folder / "disk" / "before", **own)
    shutil.copy(folder / "disk" / "before", folder / "backups" / "before")
    shutil.copytree(folder / "data", folder / "before")
    run(folder, "erase", NUMBER, *REASON, **own)
    run(folder, "backup", folder / "backups" / "after", **own)


def run(folder: Path, *arguments: object, data: Path | None = None, **environment: str) -> dict[str, Any]:
    """Run a command that succeeds with the keys of a folder, and return what it prints."""
    settings = {**get_settings(folder), **environment}
    done = run_homeroom(*map(str, arguments), "--json", data=data or folder / "data", **settings)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def folder() -> Path:
    """Return the folder with the data before and after the erasure, and both backups; tests only read it."""
    return prepare_folder("backups of a district", build_backups)


def name_ledgers(folder: Path) -> tuple[str, str]:
    """Return the option with the ledger beside the backups: the folder has moved since erasures wrote to it."""
    return ("--erasures", str(list_ledgers(folder / "backups")[0]))


def hash_tables(manifest: BackupManifest) -> dict[str, tuple[int, str, int]]:
    return {
        table.name: (table.rows, table.sha256, table.sequence)
        for table in manifest.tables
        if table.name not in CHANGED_BY_RESTORE
    }


def hash_files(manifest: BackupManifest) -> dict[str, str]:
    return {file.path: file.sha256 for file in manifest.files}


def test_a_restored_backup_has_the_same_rows_and_files(folder: Path, tmp_path: Path) -> None:
    backup = folder / "backups" / "after"
    report = run(folder, "restore", backup, *name_ledgers(folder), "--by", "director", data=tmp_path / "data")
    assert report["erased_again"] == 0
    run(folder, "backup", tmp_path / "again", data=tmp_path / "data")
    first, second = (read_manifest(path, read_keys(folder)) for path in (backup, tmp_path / "again"))
    assert hash_tables(second) == hash_tables(first)
    assert hash_files(second) == hash_files(first)
    assert sum(rows for rows, _, _ in hash_tables(first).values()) > 300
    assert len(hash_files(first)) > 50
    assert not [path for path in (tmp_path / "data").iterdir() if path.name.startswith("restoring")]


def test_a_backup_that_is_locked_with_a_passphrase_is_as_complete(folder: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(folder / "data", tmp_path / "data"))
    (tmp_path / "passphrase").write_text("correct horse battery staple\n")
    lock = {"HOMEROOM_BACKUP_RECIPIENTS": "", "HOMEROOM_BACKUP_PASSPHRASE_FILE": str(tmp_path / "passphrase")}
    run(folder, "backup", tmp_path / "locked", data=data, **lock)
    locked = read_manifest(tmp_path / "locked", BackupKeys(passphrase="correct horse battery staple"))
    assert hash_tables(locked) == hash_tables(read_manifest(folder / "backups" / "after", read_keys(folder)))


def test_somebody_who_was_erased_after_a_backup_does_not_come_back(folder: Path, tmp_path: Path) -> None:
    assert {item.value for item in search_folder(folder / "before", UNIQUE_VALUES)} == set(UNIQUE_VALUES)
    report = run(folder, "restore", folder / "backups" / "before", data=tmp_path / "data")
    assert report["erased_again"] == 1
    assert search_folder(tmp_path / "data", UNIQUE_VALUES) == []
    assert not search_folder(folder / "backups", UNIQUE_VALUES)


def test_the_erasures_of_another_installation_in_the_same_folder_stop_no_restore(folder: Path, tmp_path: Path) -> None:
    [path] = list_ledgers(folder / "backups")
    ledger = read_ledger(path)
    others = [
        msgspec.structs.replace(entry, register=msgspec.structs.replace(entry.register, key="0", hashes=frozenset("0")))
        for entry in ledger.entries
    ]
    shutil.copy(folder / "backups" / "before", tmp_path / "backup")
    shutil.copy(path, tmp_path)
    changed = msgspec.structs.replace(ledger, entries=tuple(others), installation="another")
    write_manifest(tmp_path / name_ledger("another"), changed)
    report = run(folder, "restore", tmp_path / "backup", data=tmp_path / "data")
    assert (report["erased_again"], report["of_others"]) == (1, 1)


def test_a_backup_without_its_ledger_is_refused(folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "backups" / "before", tmp_path / "backup")
    identity = ("--identity", str(folder / "identity"))
    done = run_homeroom("restore", str(tmp_path / "backup"), *identity, data=tmp_path / "data")
    assert done.returncode == 2
    assert "homeroom-erasures-….json" in done.stderr
    assert "--without-erasures" in done.stderr
    assert not (tmp_path / "data" / "evidence").exists()


def test_a_ledger_that_is_as_old_as_a_backup_on_a_disk_is_refused_and_joined_with_a_newer_one(
    folder: Path, tmp_path: Path
) -> None:
    arguments = ("restore", str(folder / "disk" / "before"), "--identity", str(folder / "identity"))
    done = run_homeroom(*arguments, data=tmp_path / "data")
    assert done.returncode == 2
    assert "as old as the backup" in done.stderr
    assert "--without-erasures" in done.stderr
    assert not (tmp_path / "data" / "evidence").exists()
    done = run_homeroom(*arguments, "--json", data=tmp_path / "data", HOMEROOM_BACKUP_FOLDER=str(folder / "backups"))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["erased_again"] == 1


@pytest.fixture
def database() -> Iterator[str]:
    """Create an empty database beside that of the tests, and return its address."""
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL")
    settings = {name: str(connection.settings_dict[name]) for name in ("USER", "PASSWORD", "HOST", "PORT")}
    address = {"user": settings["USER"], "password": settings["PASSWORD"] or None, "host": settings["HOST"] or None}
    with psycopg.connect(dbname="postgres", port=settings["PORT"] or None, autocommit=True, **address) as server:
        server.execute("DROP DATABASE IF EXISTS homeroom_restored")
        server.execute("CREATE DATABASE homeroom_restored")
        yield os.environ["DATABASE_URL"].rpartition("/")[0] + "/homeroom_restored"
        server.execute("DROP DATABASE homeroom_restored WITH (FORCE)")


@pytest.mark.django_db
@pytest.mark.differs_by_database("a backup of SQLite is restored into PostgreSQL")
def test_a_backup_of_sqlite_has_the_same_rows_in_postgresql(folder: Path, tmp_path: Path, database: str) -> None:
    backup, data = folder / "backups" / "after", tmp_path / "data"
    run(folder, "restore", backup, *name_ledgers(folder), data=data, DATABASE_URL=database)
    run(folder, "backup", tmp_path / "again", data=data, DATABASE_URL=database)
    assert hash_tables(read_manifest(tmp_path / "again", read_keys(folder))) == hash_tables(
        read_manifest(backup, read_keys(folder))
    )
    done = run_homeroom(
        "restore",
        str(backup),
        *name_ledgers(folder),
        "--identity",
        str(folder / "identity"),
        data=tmp_path / "other",
        DATABASE_URL=database,
    )
    assert done.returncode == 2
    assert "has districts already" in done.stderr


@pytest.mark.django_db
@pytest.mark.differs_by_database("the state is moved from SQLite to PostgreSQL and back")
def test_moving_to_postgresql_and_back_changes_no_row(folder: Path, tmp_path: Path, database: str) -> None:
    data = Path(shutil.copytree(folder / "before", tmp_path / "data"))
    to_postgres = run(
        folder, "move", "--to", database.replace("postgresql:", "postgres:"), "--by", "director", data=data
    )
    refused = run_homeroom("loads", data=data)
    assert refused.returncode == 2
    assert "DATABASE_URL" in refused.stderr
    for path in to_postgres["old_files"]:
        Path(path).unlink()
    to_sqlite = run(folder, "move", "--to", "sqlite", data=data, DATABASE_URL=database)
    left, right = ({table["name"]: table["sha256"] for table in moved["tables"]} for moved in (to_postgres, to_sqlite))
    assert {name for name in left if left[name] != right[name]} == CHANGED_BY_RESTORE
    assert to_postgres["rows"] + 1 == to_sqlite["rows"]
    assert run_homeroom("loads", data=data).returncode == 0
