"""A scan finds what was planted and no near-miss, names what it could not read, and keeps no value."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.apps.program import run_homeroom
from tests.apps.protect.loose_data.documents import EXPECTED, NOT_READ, write_documents, write_roster
from tests.data_folders import prepare_data_folder

VALUES = ("531-21-7351", "531217351", "31217351", "4417238870", "Tiger-2041", "Okonski", "555-0134", "2012-03-14")


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict, int]:
    folder = tmp_path_factory.mktemp("scan")
    data = prepare_data_folder(folder / "data")
    loaded = run_homeroom("load", str(write_roster(folder / "roster")), "--data", str(data), data=data)
    assert loaded.returncode == 0, loaded.stderr
    documents = write_documents(folder / "documents")
    result = run_homeroom("scan", str(documents), "--json", "--data", str(data), data=data)
    return folder, json.loads(result.stdout), result.returncode


def test_a_scan_finds_what_was_planted_and_nothing_else(scanned):
    _, document, exit_code = scanned
    kinds = {file["path"]: {item["what"] for item in file["found"]} for file in document["files"]}
    assert {path: what for path, what in kinds.items() if what} == EXPECTED
    assert {item["path"]: item["why"] for item in document["not_read"]} == NOT_READ
    assert exit_code == 1
    assert document["roster"] == {"students": 3, "not_claimed": []}


def test_counts_and_places_are_told_without_a_value(scanned):
    _, document, _ = scanned
    files = {file["path"]: file for file in document["files"]}
    letter = files["letter.txt"]
    assert letter["students"] == 1
    assert {item["what"]: (item["count"], item["where"]) for item in letter["found"]} == {
        "birth-date": (1, ["line 2"]),
        "name": (1, ["line 1"]),
        "phone": (1, ["line 3"]),
        "student-number": (1, ["line 4"]),
    }
    hidden = {item["what"]: item for item in files["hidden.xlsx"]["found"]}
    assert hidden["ssn"]["where"] == ["sheet Data, row 2"]
    assert hidden["ssn"]["shape"] == "#########"
    text = json.dumps(document)
    assert not any(value in text for value in VALUES)


def test_no_value_is_on_disk_after_a_scan(scanned):
    folder, _, _ = scanned
    content = b"".join(path.read_bytes() for path in (folder / "data").rglob("*") if path.is_file())
    assert b"531-21-7351" not in content
    assert b"Tiger-2041" not in content


def test_the_next_scan_closes_what_is_gone(scanned):
    folder, _, _ = scanned
    (folder / "documents" / "letter.txt").unlink()
    run_homeroom("scan", str(folder / "documents"), "--json", "--data", str(folder / "data"), data=folder / "data")
    loads = json.loads(run_homeroom("loads", "--json", data=folder / "data").stdout)
    scans = [entry for entry in loads if entry["stream"] == "homeroomscan.documents"]
    assert len(scans) == 2
    assert len([entry for entry in scans if entry["state"] == "stands"]) == 1


def test_without_a_roster_kinds_of_students_are_not_claimed(tmp_path: Path):
    documents = write_documents(tmp_path / "documents")
    result = run_homeroom("scan", str(documents), "--json", data=tmp_path / "data")
    document = json.loads(result.stdout)
    kinds = {item["what"] for file in document["files"] for item in file["found"]}
    assert kinds == {"ssn", "bank-account", "password"}
    assert {"name", "birth-date", "health", "student-number"} <= set(document["roster"]["not_claimed"])
    assert not (tmp_path / "data").exists()


def test_a_path_that_is_not_there_is_refused(tmp_path: Path):
    result = run_homeroom("scan", str(tmp_path / "none"), "--json", data=tmp_path / "data")
    assert result.returncode == 2
    assert "is not there" in result.stderr
