"""The chain of a district never forks, has the hashes of its page, and survives erasures, restores and migrations."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from homeroom.apps.platform.audit.appending import redact_entries
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.audit.daily_signing import SigningClock
from homeroom.apps.platform.audit.export_file import verify_export
from homeroom.apps.platform.audit.exporting import export_trail
from homeroom.apps.platform.audit.models import Entry, Head
from homeroom.apps.platform.audit.signing import (
    RestartRefused,
    TrailContradicted,
    accept_older_trail,
    rotate_audit_key,
    sign_trail,
)
from homeroom.apps.platform.audit.trail_status import get_trail_status
from homeroom.apps.platform.audit.verification import verify_trail
from tests.apps.platform.audit.documented_hashes import hash_entry
from tests.apps.platform.audit.tampering import read_head, read_rows
from tests.apps.platform.audit.write_entries import AMOUNT, write_entries
from tests.apps.program import run_homeroom
from tests.cast import Cast, create_cast
from tests.data_folders import prepare_data_folder

ROOT = Path(__file__).resolve().parents[4]
AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
KEPT = AMOUNT - AMOUNT // 5


@pytest.fixture
def cast(db: None, tmp_path: Path, settings: Any) -> Cast:
    settings.DATA = tmp_path
    return create_cast()


def record(cast: Cast, amount: int = 3, **detail: Any) -> None:
    for number in range(amount):
        record_audit_entry(
            district=cast.district,
            at=AT,
            actor="technician",
            action="open person",
            subject=f"p-{number}",
            detail=detail,
        )


def list_problems(cast: Cast) -> list[str]:
    return [str(problem) for problem in verify_trail(district=cast.district).problems]


def test_a_checkpoint_whose_entry_was_never_stored_gets_it_with_the_next_signing(cast: Cast) -> None:
    record(cast)
    with transaction.atomic():
        killed = sign_trail(district=cast.district, at=AT)
        transaction.set_rollback(True)
    assert [row.action for row in Entry.objects.of(cast.district)].count("sign audit trail") == 0
    signed = sign_trail(district=cast.district, at=AT + timedelta(hours=1))
    assert killed == signed
    (entry,) = [row for row in Entry.objects.of(cast.district) if row.action == "sign audit trail"]
    assert entry.detail["through"] == 3
    assert sign_trail(district=cast.district, at=AT + timedelta(hours=2)) is None
    assert list_problems(cast) == []


@pytest.mark.differs_by_database("numbers in JSON")
def test_an_entry_has_the_hash_that_the_page_describes(cast: Cast) -> None:
    numbers = {"whole": 2.0, "huge": 1.5e300, "great": 1e20, "tiny": 1e-7, "third": 1 / 3, "minus": -0.0, "big": 2**70}
    record(cast, **numbers, words=["é", "\u2028", {"b": True, "a": None}])
    head = read_head(cast.district.pk)
    for row in Entry.objects.of(cast.district).order_by("number"):
        salts = {"actor": row.salt[:32], "subject": row.salt[32:64], "detail": row.salt[64:]}
        detail = row.detail | {
            "whole": 2, "huge": 15 * 10**299, "great": 10**20, "tiny": 1e-7, "third": 1 / 3, "minus": 0, "big": 2**70,
        }  # fmt: skip
        entry = {name: getattr(row, name) for name in ("number", "actor", "action", "subject_kind", "subject")}
        entry |= {"removed": row.removed, "previous": row.previous, "salts": salts, "detail": detail}
        assert hash_entry(head["chain"], entry | {"at": "2026-01-15T12:00:00.000000+00:00"}) == row.digest
    assert list_problems(cast) == []


def test_two_processes_that_write_at_once_make_one_chain(tmp_path: Path) -> None:
    data = prepare_data_folder(tmp_path / "data")
    assert run_homeroom("loads", data=data).returncode == 0
    environment = {**os.environ, "HOMEROOM_DATA": str(data), "DATABASE_URL": ""}
    writers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.apps.platform.audit.write_entries", name], cwd=ROOT, env=environment
        )
        for name in ("first", "second")
    ]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0]
    result = run_homeroom("verify", "--no-evidence", "--json", data=data)
    (trail,) = json.loads(result.stdout)
    assert (trail["entries"], trail["problems"]) == (2 * KEPT, [])
    noted = (data / "audit" / "district").glob("heads-*.log")
    assert sum(len(path.read_text().splitlines()) for path in noted) == 2 * KEPT


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
@pytest.mark.differs_by_database("writers at once")
def test_two_connections_that_write_at_once_make_one_chain(tmp_path: Path, settings: Any) -> None:
    settings.DATA = tmp_path
    cast = create_cast()

    def write(name: str) -> None:
        write_entries(name)
        connection.close()

    threads = [threading.Thread(target=write, args=(name,)) for name in ("first", "second", "third")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert Entry.objects.of(cast.district).count() == 3 * KEPT
    assert list_problems(cast) == []


def test_an_entry_goes_with_the_change_that_was_rolled_back(cast: Cast) -> None:
    record(cast)
    with transaction.atomic():
        record(cast)
        transaction.set_rollback(True)
    record(cast, 1)
    assert list(Entry.objects.of(cast.district).order_by("number").values_list("number", flat=True)) == [1, 2, 3, 4]
    assert list_problems(cast) == []


@pytest.mark.differs_by_database("locks the head and writes JSON")
def test_an_erased_value_breaks_no_chain_and_leaves_nothing_to_try_names_against(cast: Cast) -> None:
    record(cast, student="Bela Vexworth")
    pks = list(Entry.objects.of(cast.district).order_by("number").values_list("pk", flat=True))
    salts = set(Entry.objects.of(cast.district).values_list("salt", flat=True))
    for text in ("[erased]", "[erased again]"):
        changes = [(pk, {"detail": {"student": text}, "subject": text}) for pk in pks]
        assert redact_entries(district=cast.district, at=AT, changes=changes) == 3
        assert list_problems(cast) == []
    rows = read_rows(cast.district.pk)
    assert "Bela" not in str(rows)
    assert not {part for salt in salts for part in (salt[32:64], salt[64:])} & {
        part for row in rows for part in (row["salt"][32:64], row["salt"][64:])
    }


def test_a_trail_is_signed_once_a_day_if_anything_is_new(cast: Cast) -> None:
    clock = SigningClock()
    assert clock.apply(at=AT) == 0, "nothing to sign"
    record(cast)
    assert clock.apply(at=AT + timedelta(minutes=30)) == 0, "it looked less than an hour ago"
    assert clock.apply(at=AT + timedelta(hours=1)) == 1
    record(cast)
    assert clock.apply(at=AT + timedelta(hours=3)) == 0
    assert clock.apply(at=AT + timedelta(days=1)) == 1
    assert clock.apply(at=AT + timedelta(days=2)) == 0, "only the entry of the signing is new"
    assert verify_trail(district=cast.district).checkpoints == 2
    assert list_problems(cast) == []


def test_a_restored_older_database_is_noticed_until_somebody_states_why(cast: Cast) -> None:
    record(cast)
    sign_trail(district=cast.district, at=AT)
    older = {name: value for name, value in Head.objects.of(cast.district).values()[0].items() if name != "id"}
    record(cast, 5)
    sign_trail(district=cast.district, at=AT + timedelta(days=1))
    Entry.objects.of(cast.district).filter(number__gt=older["number"]).delete()
    Head.objects.of(cast.district).update(**older)
    record(cast, 1)
    problems = list_problems(cast)
    assert any("another one than the entry that was signed" in text or "missing" in text for text in problems)
    with pytest.raises(RestartRefused, match="ten letters"):
        accept_older_trail(district=cast.district, at=AT, actor="operator", reason="oops")
    accept_older_trail(district=cast.district, at=AT, actor="operator", reason="Restored from Monday's backup.")
    record(cast, 9)
    assert sign_trail(district=cast.district, at=AT + timedelta(days=2)) is not None
    trail = verify_trail(district=cast.district)
    assert trail.problems == ()
    assert "Restored from Monday's backup." in trail.notes[0]
    with pytest.raises(RestartRefused, match="no entry"):
        accept_older_trail(district=cast.district, at=AT, actor="operator", reason="Restored from Monday's backup.")


def test_a_lost_or_exchanged_key_is_named(cast: Cast, tmp_path: Path) -> None:
    record(cast)
    key = tmp_path / "audit.key"
    content = key.read_bytes()
    assert key.stat().st_mode & 0o077 == 0
    key.unlink()
    assert list_problems(cast)[0] == "audit.key is missing; restore it from a backup"
    record(cast, 1)
    assert any("its key is not in audit.key" in text for text in list_problems(cast))
    with key.open("ab") as file:
        file.write(content)
    assert list_problems(cast) == [], "an older key still verifies"


def test_entries_from_before_the_chain_are_chained_by_the_migration(tmp_path: Path) -> None:
    data = prepare_data_folder(tmp_path / "data")
    environment = {**os.environ, "HOMEROOM_DATA": str(data), "DATABASE_URL": ""}
    command = [sys.executable, "-m", "django", "migrate", "audit", "0001", "--settings", "homeroom.config.settings"]
    assert run_homeroom("loads", data=data).returncode == 0
    subprocess.run(command, env=environment, check=True, capture_output=True)
    with closing(sqlite3.connect(data / "state.sqlite3")) as database:
        sql = (
            "INSERT INTO audit_entry (district_id, at, actor, action, subject_kind, subject, detail) "
            "VALUES (1, ?, 'technician', 'open person', 'person', ?, '{\"count\": 2.0}')"
        )
        database.executemany(sql, [(f"2026-01-{day:02} 12:00:00.5", f"p-{day}") for day in range(1, 29)] * 100)
        database.commit()
    (trail,) = json.loads(run_homeroom("verify", "--json", data=data).stdout)
    assert (trail["entries"], trail["problems"], trail["damage"]) == (2_800, [], [])


def test_the_command_names_altered_entries_and_a_district_that_is_gone(tmp_path: Path) -> None:
    data = prepare_data_folder(tmp_path / "data")
    assert run_homeroom("loads", data=data).returncode == 0
    environment = {**os.environ, "HOMEROOM_DATA": str(data), "DATABASE_URL": ""}
    writer = [sys.executable, "-m", "tests.apps.platform.audit.write_entries", "technician"]
    subprocess.run(writer, cwd=ROOT, env=environment, check=True)
    assert json.loads(run_homeroom("audit", "sign", "--json", data=data).stdout) == {"signed": True, "through": KEPT}
    with closing(sqlite3.connect(data / "state.sqlite3")) as database:
        database.execute("UPDATE audit_entry SET actor = 'somebody else' WHERE number IN (7, 8, 9, 20)")
        database.commit()
    shutil.copytree(data / "audit" / "district", data / "audit" / "next-door")
    result = run_homeroom("verify", data=data)
    assert result.returncode == 1
    lines = [line.strip() for line in result.stdout.splitlines()]
    assert lines[1:3] == [
        "entries 7 to 9 were altered, or moved from another place",
        "entry 20 was altered, or moved from another place",
    ]
    assert "the district is gone from the database, and its trail with it" in lines
    assert run_homeroom("verify", "--district", "nowhere", data=data).returncode == 2


def put_back(cast: Cast, older: dict[str, Any]) -> None:
    Entry.objects.of(cast.district).filter(number__gt=older["number"]).delete()
    Head.objects.of(cast.district).update(**older)


def copy_head(cast: Cast) -> dict[str, Any]:
    return {name: value for name, value in Head.objects.of(cast.district).values()[0].items() if name != "id"}


@pytest.mark.parametrize("growth", [1, 5, 9], ids=["shorter", "as long", "longer"])
def test_a_trail_that_was_put_back_is_found_after_it_grew_past_its_old_end(cast: Cast, noted: Any, growth: int) -> None:
    with noted():
        record(cast)
        sign_trail(district=cast.district, at=AT)
    older = copy_head(cast)
    with noted():
        record(cast, 5)
    put_back(cast, older)
    with noted():
        record(cast, growth, other=True)
    assert list_problems(cast)
    assert get_trail_status(district=cast.district, at=AT).problem
    with pytest.raises(TrailContradicted, match="entry 5"):
        sign_trail(district=cast.district, at=AT + timedelta(days=1))
    assert SigningClock().apply(at=AT + timedelta(days=1)) == 0, "the worker does not sign it either"
    with noted():
        accept_older_trail(district=cast.district, at=AT, actor="operator", reason="The power failed on Monday.")
    assert list_problems(cast) == []
    assert get_trail_status(district=cast.district, at=AT).problem == ""
    with noted():
        record(cast, 3)
        assert sign_trail(district=cast.district, at=AT + timedelta(days=2)) is not None
    trail = verify_trail(district=cast.district)
    assert (trail.problems, len(trail.notes)) == ((), 1)
    assert "The power failed on Monday." in trail.notes[0]


def test_a_reason_is_no_part_of_a_checkpoint_and_its_checkpoint_is_named(
    cast: Cast, noted: Any, tmp_path: Path
) -> None:
    with noted():
        record(cast)
    older = copy_head(cast)
    with noted():
        record(cast, 2)
    put_back(cast, older)
    with noted():
        accept_older_trail(district=cast.district, at=AT, actor="operator", reason="Dana Whitfield restored Monday.")
    path = tmp_path / "audit" / cast.district.slug / "checkpoints.jsonl"
    assert b"Whitfield" not in path.read_bytes()
    path.unlink()
    assert any("names a checkpoint that is missing" in text for text in list_problems(cast))


def test_a_checkpoint_that_a_crash_tore_spoils_no_other(cast: Cast, tmp_path: Path) -> None:
    record(cast)
    sign_trail(district=cast.district, at=AT)
    path = tmp_path / "audit" / cast.district.slug / "checkpoints.jsonl"
    path.write_bytes(path.read_bytes() + path.read_bytes()[:50])
    record(cast)
    sign_trail(district=cast.district, at=AT + timedelta(days=1))
    trail = verify_trail(district=cast.district)
    assert (trail.problems, trail.checkpoints) == ((), 2)
    export = tmp_path / "trail.jsonl"
    export_trail(district=cast.district, path=export, at=AT + timedelta(days=2), actor="director")
    assert verify_export(export.read_bytes().splitlines(keepends=True)).problems == ()


def test_words_that_are_too_long_are_cut_to_their_columns(cast: Cast) -> None:
    record_audit_entry(
        district=cast.district,
        at=AT,
        actor="a" * 200,
        action="b" * 100,
        subject_kind="c" * 50,
        subject="before-upgrade\0" + "d" * 250,
    )
    row = Entry.objects.of(cast.district).get()
    assert (len(row.actor), len(row.action), len(row.subject_kind), len(row.subject)) == (150, 60, 30, 80)
    assert list_problems(cast) == []


def test_a_new_key_signs_and_the_old_one_goes_on_verifying(cast: Cast, tmp_path: Path) -> None:
    record(cast)
    sign_trail(district=cast.district, at=AT)
    before, after = rotate_audit_key(districts=[cast.district, cast.next_district], at=AT, actor="operator")
    record(cast)
    sign_trail(district=cast.district, at=AT + timedelta(days=1))
    lines = (tmp_path / "audit" / cast.district.slug / "checkpoints.jsonl").read_text().splitlines()
    assert [json.loads(line)["key"] for line in lines] == [before, after, after]
    assert before != after
    for district in (cast.district, cast.next_district):
        assert verify_trail(district=district).problems == ()
    assert Entry.objects.of(cast.next_district).get(action="rotate audit key").detail["after"]
    key = tmp_path / "audit.key"
    assert (len(key.read_text().splitlines()), key.stat().st_mode & 0o077) == (2, 0)
    key.write_text(key.read_text().splitlines()[0] + "\n")
    assert any("not in audit.key" in text for text in list_problems(cast)), "without the old key nothing proves it"
