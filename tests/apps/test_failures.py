"""Damage, a full disk, a locked or absent database: one sentence, what to do, exit code 2, and no traceback."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import duckdb
import pytest
from django.db import OperationalError

from homeroom.apps.know.sources.failures import describe_failure, log_failure
from homeroom.evidence.files.data_folder import open_data_folder
from homeroom.evidence.files.log_file import CRASHES, get_log_path
from homeroom.evidence.files.manifests import EvidenceDamaged
from homeroom.evidence.loads.store import EvidenceStore
from tests.apps.program import run_homeroom
from tests.data_folders import prepare_data_folder
from tests.unit.evidence.test_store import build_accounts, publish_load

SECRET = "lucia.nunez@maple.test"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return open_data_folder(tmp_path / "data", kind="real")


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "full", "no room left"),
        (duckdb.IOException(f"Could not write {SECRET}: No space left on device"), "full", "no room left"),
        (sqlite3.OperationalError("database or disk is full"), "full", "no room left"),
        (OperationalError("database is locked"), "locked", "locked by another process"),
        (sqlite3.DatabaseError("database disk image is malformed"), "damaged database", "homeroom doctor --deep"),
        (OperationalError("unable to open database file"), "damaged database", "homeroom doctor"),
        (OperationalError("connection to server failed: Connection refused"), "unreachable", "DATABASE_URL"),
        (PermissionError(errno.EACCES, "Permission denied", "/data/state.sqlite3"), "forbidden", "/data/state.sqlite3"),
        (EvidenceDamaged(Path("/d/evidence/maple/loads/1.json"), "is empty"), "damaged", "homeroom doctor --repair"),
        (KeyError(SECRET), "unknown", "KeyError"),
    ],
)  # fmt: skip
def test_each_failure_has_a_sentence_that_says_what_to_do(data: Path, error: Exception, kind: str, words: str) -> None:
    failure = describe_failure(error, data=data)
    assert failure.kind == kind
    assert words in failure.sentence
    assert SECRET not in failure.sentence


def test_a_cause_counts_like_the_error_itself(data: Path) -> None:
    error = RuntimeError("while writing")
    error.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    assert describe_failure(error, data=data).kind == "full"


def test_an_error_of_a_library_over_a_damaged_file_names_that_file(data: Path) -> None:
    store = EvidenceStore(data / "evidence", district="maple")
    load = publish_load(store, build_accounts(("1", SECRET)))
    path = store.get_blob_path(load.tables["account_records"].blob)
    path.write_bytes(b"PAR1")
    with pytest.raises(duckdb.Error) as raised:
        duckdb.sql(f"FROM read_parquet('{path.as_posix()}')")
    failure = describe_failure(raised.value, data=data)
    assert failure.kind == "damaged"
    assert path.name in failure.sentence
    assert load.id in failure.sentence


def test_the_log_has_the_frames_and_no_value(data: Path) -> None:
    try:
        raise KeyError(SECRET)
    except KeyError as error:
        log_failure(error, data=data)
    path = get_log_path(data, CRASHES)
    text = path.read_text()
    assert "builtins.KeyError" in text
    assert "test_failures.py:" in text
    assert SECRET not in text
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.fault(area="reading", fault="the database is damaged or missing")
def test_a_damaged_and_a_lost_database_end_with_a_sentence_and_are_restored_from_a_backup(tmp_path: Path) -> None:
    data = prepare_data_folder(tmp_path / "data")
    state = data / "state.sqlite3"
    content = state.read_bytes()
    backup = tmp_path / "backup"
    backup.mkdir()
    (backup / state.name).write_bytes(content)
    state.write_bytes(b"no database" * 1000)
    broken = run_homeroom("loads", data=data)
    assert (broken.returncode, "Traceback" in broken.stderr, "damaged" in broken.stderr) == (2, False, True)
    state.unlink()
    without = run_homeroom("loads", data=data)
    assert (without.returncode, "homeroom doctor --repair --backup" in without.stderr) == (2, True)
    assert not state.exists(), "an empty database would hide the loss"
    advised = run_homeroom("doctor", data=data)
    assert (advised.returncode, "state.sqlite3 is missing" in advised.stdout) == (1, True)
    restored = run_homeroom("doctor", "--repair", "--backup", str(backup), data=data)
    assert restored.returncode == 0, restored.stdout
    assert state.read_bytes()[:16] == content[:16]
