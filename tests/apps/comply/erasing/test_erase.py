"""A student who was in three loads is erased: a search of every byte finds nothing, and everybody else stays."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from bench.support.byte_search import FoundValue, search_folder
from bench.support.erasure_district import (
    DAYS,
    EMAIL,
    FORMER_EMAIL,
    NUMBER,
    PUPILS,
    SHARED_NAME,
    STUDENT,
    UNIQUE_VALUES,
    write_days,
)
from tests.apps.program import run_homeroom
from tests.prepared_erasure import prepare_erasure_district
from tests.prepared_folders import prepare_folder

REASON = ("--why", "Asked for by the family.", "--by", "privacy officer")
OTHERS = [value for pupil in PUPILS if pupil.key != STUDENT for value in (pupil.key, pupil.email, pupil.number)]


RECORD_ENTRY = """
import sys
from datetime import UTC, datetime
import django
django.setup()
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.queries import get_district
at = datetime(2026, 11, 20, tzinfo=UTC)
entry = {"actor": "technician", "action": "open person", "subject_kind": "person", "subject": sys.argv[1]}
record_audit_entry(district=get_district(), at=at, **entry)
"""


def _build_district(folder: Path) -> None:
    data = Path(shutil.copytree(prepare_erasure_district(), folder / "data"))
    with closing(sqlite3.connect(data / "state.sqlite3")) as database:
        person = _write_traces(database)
    environment = {
        **os.environ,
        "HOMEROOM_DATA": str(data),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "homeroom.config.settings",
    }
    subprocess.run([sys.executable, "-c", RECORD_ENTRY, person], env=environment, check=True)


def _write_traces(database: sqlite3.Connection) -> str:
    """Name the student where people write, in a decision and the work log; return the public id."""
    person: str
    (person,) = database.execute("SELECT public FROM inventory_person WHERE name LIKE 'Bela %' LIMIT 1").fetchone()
    database.execute(
        "INSERT INTO inventory_decision (district_id, kind, one_connector, one_instance, one_key, other_connector, "
        "other_instance, other_key, same, question, why, actor, at, taken_back_by) VALUES (1, 'person', 'oneroster', "
        "'oneroster', 'other-00001', 'oneroster', 'oneroster', 'other-00002', 0, 'q1', "
        "'Not Bela Oldname-Vexworth, who has 7700431', 'technician', '2026-11-20', '')"
    )
    database.execute(
        "INSERT INTO planning_work (district_id, item, week, act, person, subjects, open_then, assessment, estimated, "
        "basis, note, made_by, made_at) VALUES (1, 'x', '2026-11-16', 'noted', '', 0, 0, 0, 0, 0, "
        f"'Wrote to {EMAIL} and to mira.vexworth@students.maple.example', 'technician', '2026-11-20')"
    )
    database.commit()
    return person


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the district before any erasure; tests only read it."""
    return prepare_folder("erasure district", _build_district)


@pytest.fixture
def data(district: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(district / "data", tmp_path / "data"))


@pytest.fixture(scope="module")
def erased(district: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Return a folder after the erasure of the student, and what the verb printed; tests only read it."""
    folder = Path(shutil.copytree(district / "data", tmp_path_factory.mktemp("erased") / "data"))
    return folder, erase(folder, NUMBER)


def erase(data: Path, *arguments: str, code: int = 0) -> dict[str, Any]:
    """Run the verb and return what it prints."""
    result = run_homeroom("erase", *arguments, *REASON, "--json", data=data)
    assert result.returncode == code, result.stderr
    return json.loads(result.stdout) if code == 0 else {"refused": result.stderr}


def search(data: Path) -> list[FoundValue]:
    """Return every place that still holds the student."""
    return search_folder(data, UNIQUE_VALUES)


def list_rows(data: Path) -> dict[str, list[str]]:
    """Return the rows of every table of every load, as texts."""
    folder, rows = data / "evidence" / "district", {}
    for path in sorted(folder.glob("*/*.json")):
        if path.parent.name in ("loads", "departed_rows"):
            for name, part in json.loads(path.read_bytes())["tables"].items():
                table = pl.read_parquet(folder / "blobs" / f"{part['blob']}.parquet")
                rows[f"{path.stem} {name}"] = [json.dumps(row, default=str) for row in table.iter_rows(named=True)]
    return rows


def is_about_student(row: str) -> bool:
    """Return whether a row holds something of the student."""
    values = (f'"{STUDENT}', f'"{NUMBER}"', f'"{EMAIL}"', f'"{FORMER_EMAIL}"', f'"{UNIQUE_VALUES[3]}"')
    return any(value in row for value in values)


def test_the_student_is_nearly_everywhere_before(district: Path):
    places = {item.place for item in search(district / "data")}
    assert len(places) > 30
    assert {item.value for item in search(district / "data")} == set(UNIQUE_VALUES)


def test_no_byte_of_the_student_remains(erased: tuple[Path, dict[str, Any]]):
    data, certificate = erased
    assert search(data) == []
    assert certificate["erased"] is True
    assert certificate["people"] == 1
    rows = certificate["counts"]["evidence"]["rows"]
    assert {"person_records", "role_records", "enrollments", "account_records", "people", "accounts", "links"} <= set(
        rows
    )
    assert {"device_records", "audit_events", "devices"} <= set(certificate["counts"]["evidence"]["changed"])


def test_every_other_row_of_every_load_stays(district: Path, erased: tuple[Path, dict[str, Any]]):
    before, after = list_rows(district / "data"), list_rows(erased[0])
    assert before.keys() >= after.keys()
    for name, rows in before.items():
        others = [row for row in rows if not is_about_student(row)]
        keeps_row = name.endswith("device_records")
        remaining = after.get(name, [])
        assert [row for row in remaining if row in set(others)] == others
        assert len(remaining) == (len(rows) if keeps_row else len(others)), name
    values = {item.value for item in search_folder(erased[0], [*OTHERS, SHARED_NAME, "home.vexworth@mail.example"])}
    assert values == {*OTHERS, SHARED_NAME, "home.vexworth@mail.example"}


def test_an_asset_keeps_what_is_not_the_students(erased: tuple[Path, dict[str, Any]]):
    blobs = erased[0] / "evidence" / "district" / "blobs"
    tables = [pl.read_parquet(path) for path in sorted(blobs.glob("*.parquet"))]
    assets = [table.filter(pl.col("asset_tag") == "T0980001") for table in tables if "holder_email" in table.columns]
    rows = [row for table in assets for row in table.iter_rows(named=True)]
    assert rows
    assert {row["serial"] for row in rows} == {"SER0980001"}
    assert {(row["holder_email"], row["holder_name"], row["holder_number"]) for row in rows} == {(None, None, None)}
    assert "Desk of [erased]" in {row["location"] for row in rows}


def test_a_log_entry_keeps_what_is_not_the_students(erased: tuple[Path, dict[str, Any]]):
    blobs = erased[0] / "evidence" / "district" / "blobs"
    tables = [pl.read_parquet(path) for path in sorted(blobs.glob("*.parquet"))]
    (events,) = [table for table in tables if "actor_email" in table.columns]
    assert events.height == 4
    (entry,) = events.filter(pl.col("actor_email").is_null()).iter_rows(named=True)
    assert (entry["event"], entry["actor_key"], entry["address"]) == ("email_forwarding_out_of_domain", None, None)
    assert json.loads(entry["details"])["ipAddress"] == "[erased]"
    assert "eve@evil.example" in entry["details"]


def test_what_people_wrote_loses_the_name_alone(erased: tuple[Path, dict[str, Any]]):
    with closing(sqlite3.connect(erased[0] / "state.sqlite3")) as database:
        (reason,) = database.execute("SELECT why FROM inventory_decision").fetchone()
        (note,) = database.execute("SELECT note FROM planning_work").fetchone()
        entries = database.execute(
            "SELECT actor, subject, detail FROM audit_entry WHERE action = 'erase people'"
        ).fetchall()
        opened = database.execute("SELECT subject FROM audit_entry WHERE action = 'open person'").fetchall()
    assert reason == "Not [erased], who has [erased]"
    assert note == "Wrote to [erased] and to mira.vexworth@students.maple.example"
    assert [(actor, subject) for actor, subject, _ in entries] == [("privacy officer", "000001")]
    assert json.loads(entries[0][2])["reason"] == "Asked for by the family."
    assert opened == [("[erased]",)]


def test_the_doctor_finds_every_byte_as_it_was_written(erased: tuple[Path, dict[str, Any]], tmp_path: Path):
    data = Path(shutil.copytree(erased[0], tmp_path / "data"))
    checks = json.loads(run_homeroom("doctor", "--deep", "--json", data=data).stdout)
    assert [check for check in checks if not check["well"]] == []


def test_the_register_has_no_name_and_no_number(erased: tuple[Path, dict[str, Any]]):
    register = Path(erased[1]["register"])
    content = json.loads(register.read_bytes())
    assert (content["people"], content["by"]) == (1, "privacy officer")
    assert all(len(item) == 32 for item in content["hashes"])
    assert len(content["hashes"]) >= 6


def test_an_old_export_brings_nobody_back(erased: tuple[Path, dict[str, Any]], tmp_path: Path):
    data = Path(shutil.copytree(erased[0], tmp_path / "data"))
    exports = write_days(tmp_path / "exports")
    result = run_homeroom("assess", str(exports[1]), "--today", DAYS[2], "--approve", "--json", data=data)
    files = [file for load in json.loads(result.stdout)["load"]["loaded"] for file in load["load"]["files"]]
    notes = [note for file in files for note in file["notes"] if "erased" in note]
    assert any("people who were erased" in note for note in notes)
    # A register has no name: the place of a device that names its student in words alone is all that comes back.
    returned = {(item.value, item.form) for item in search(data) if item.place.startswith("evidence/district/blobs/")}
    assert returned <= {(UNIQUE_VALUES[-1], "Parquet bytes"), (UNIQUE_VALUES[-1], "bytes")}
    assert {item.value for item in search(data)} <= {UNIQUE_VALUES[-1]}


def test_a_restored_backup_is_cleaned_by_the_register(erased: tuple[Path, dict[str, Any]], data: Path):
    register = data.parent / "register.json"
    shutil.copy(erased[1]["register"], register)
    assert search(data)
    result = run_homeroom("erase", "--again", str(register), "--by", "privacy officer", "--json", data=data)
    assert result.returncode == 0, result.stderr
    assert search(data) == []


def test_a_register_of_another_installation_is_refused(erased: tuple[Path, dict[str, Any]], data: Path):
    (data / "secret.key").write_text("another key", encoding="ascii")
    result = run_homeroom("erase", "--again", erased[1]["register"], "--by", "x", data=data)
    assert result.returncode == 2
    assert "secret.key" in result.stderr


def test_a_preview_counts_the_same_and_changes_nothing(data: Path, erased: tuple[Path, dict[str, Any]]):
    before = {path: path.read_bytes() for path in (data / "evidence").rglob("*.parquet")}
    preview = erase(data, EMAIL, "--dry-run")
    assert {path: path.read_bytes() for path in (data / "evidence").rglob("*.parquet")} == before
    assert preview["erased"] is False
    assert preview["register"] is None
    assert preview["counts"]["evidence"]["rows"] == erased[1]["counts"]["evidence"]["rows"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("mira.vexworth@students.maple.example",), "--though-listed"),
        (("nobody@maple.example",), "nobody has"),
        (("p-0000000000000",), "there is nobody"),
    ],
)
def test_whoever_is_listed_or_unknown_is_refused(data: Path, arguments: tuple[str, ...], reason: str):
    assert reason in erase(data, *arguments, code=2)["refused"]


def test_the_reason_must_not_name_who_is_erased(data: Path):
    result = run_homeroom("erase", NUMBER, "--why", f"Asked for by {EMAIL}.", "--by", "x", data=data)
    assert result.returncode == 2
    assert "without a name" in result.stderr


def test_a_namesake_keeps_the_name(data: Path):
    certificate = erase(data, "7700433", "--though-listed", "--backup", "disk=2027-01-31")
    values = ["7700433", "b3la-0003", "ilka.twinham@students.maple.example", "110000000000000433"]
    assert search_folder(data, values) == []
    assert {item.value for item in search_folder(data, ["7700434", "b3la-0005", SHARED_NAME])} == {
        "7700434",
        "b3la-0005",
        SHARED_NAME,
    }
    assert certificate["backups"] == [{"name": "disk", "last_day": "2027-01-31"}]
    assert [item["what"] for item in certificate["stays"]] == ["texts with the name alone"]
    assert certificate["listed_in"] == ["google", "oneroster"]
