"""Small sample districts: every planted fault is found, nothing else is reported, and devices are complete."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from contextlib import closing
from pathlib import Path

import pytest

from bench.sample_exact import compare_with_truth
from homeroom.domain.ids import format_public_id, hash_place_id
from homeroom.library.protect.baselines import load_policies
from homeroom.sample.plan.school_calendar import choose_today
from tests.scale.driven_district import Record, run_homeroom

EXACT = {"missed": 0, "reported_besides": 0, "cannot_tell_wrong": 0, "reported_by_other_controls": 0}
DISTRICTS = [  # students, seed, today: in winter, right after it, in summer, and in a school year's first weeks
    (500, 1, ""),
    pytest.param(900, 2, "", marks=pytest.mark.thorough),
    pytest.param(1_500, 3, "", marks=pytest.mark.thorough),
    (500, 4, "2026-07-15"),
    pytest.param(500, 5, "2025-09-10", marks=pytest.mark.thorough),
    (500, 6, "2026-11-10"),  # the last day of updates of one edition of Windows 11, when another's is past
    pytest.param(500, 9, "2026-11-24", marks=pytest.mark.thorough),
]


@pytest.mark.scale
@pytest.mark.parametrize(("students", "seed", "today"), DISTRICTS)
def test_what_was_planted_is_found_and_nothing_else(tmp_path: Path, students: int, seed: int, today: str) -> None:
    exports, day = tmp_path / "exports", today or choose_today(seed).isoformat()
    arguments = ("--students", str(students), "--seed", str(seed), "--today", day)
    run_homeroom("sample", str(exports), *arguments, data=tmp_path / "unused")
    truth = json.loads((exports / "truth.json").read_text(encoding="utf-8"))
    process = run_homeroom(
        "assess", str(exports), "--json", "--subjects", "--today", truth["today"], data=tmp_path / "data"
    )
    report = json.loads(process.stdout)
    figures = compare_with_truth(truth["controls"], report["controls"])
    assert figures["planted"] > 100
    assert figures["planted_controls"] > 95
    assert {name: figures[name] for name in EXACT} == EXACT
    failing = {policy["id"]: {subject["id"] for subject in policy["subjects"]} for policy in report["policies"]}
    for name, expected in truth["policies"].items():
        assert failing.get(name, set()) == {
            format_public_id("place", hash_place_id(expected["tenant"], subject)) for subject in expected["failing"]
        }
        assert expected["failing"] or expected["near"]
    silent = {policy.id for policy in load_policies() if policy.suite == "microsoft"} - set(truth["policies"])
    assert not {name for name in silent if failing.get(name)}
    assert _read_subjects(tmp_path / "data", "device") == {_build_record_set(device) for device in truth["devices"]}
    assert _read_people(tmp_path / "data") == {_build_record_set(person) for person in truth["people"]}
    assert _read_unowned_accounts(tmp_path / "data") == {
        kind: _build_record_set(accounts) for kind, accounts in truth["accounts"].items()
    }
    assert set(truth["accounts"]) == {"service", "shared", "administrator", "leaver", "unknown"}


def _read_subjects(data: Path, kind: str) -> set[frozenset[Record]]:
    """Return the records of each subject of a kind, as resolving joined them."""
    records_by_subject: dict[int, set[Record]] = defaultdict(set)
    query = "SELECT subject, connector, key FROM inventory_ledgerentry WHERE kind = ? AND closed IS NULL"
    with closing(sqlite3.connect(data / "state.sqlite3")) as database:
        for subject, connector, key in database.execute(query, [kind]):
            records_by_subject[subject].add((connector, key))
    return {frozenset(records) for records in records_by_subject.values()}


def _read_people(data: Path) -> set[frozenset[Record]]:
    """Return the records of each person, accounts included, as links list them."""
    run_homeroom("resolve", "--out", str(data / "links.jsonl"), data=data)
    lines = (json.loads(line) for line in (data / "links.jsonl").read_text(encoding="utf-8").splitlines())
    return {_build_record_set(line["records"]) for line in lines if line["id"].startswith("p-")}


def _read_unowned_accounts(data: Path) -> dict[str, frozenset[Record]]:
    """Return the records of accounts without an owner, by the kind that they were classified as."""
    records_by_kind: dict[str, set[Record]] = defaultdict(set)
    query = (
        "SELECT a.kind, l.connector, l.key FROM inventory_account a JOIN inventory_ledgerentry l ON l.kind = 'account' "
        "AND l.subject = a.subject AND l.closed IS NULL WHERE a.person IS NULL AND a.closed IS NULL"
    )
    with closing(sqlite3.connect(data / "state.sqlite3")) as database:
        for kind, connector, key in database.execute(query):
            records_by_kind[kind].add((connector, key))
    return {kind: frozenset(records) for kind, records in records_by_kind.items()}


def _build_record_set(device: list[dict[str, str]]) -> frozenset[Record]:
    return frozenset((record["source"], record["key"]) for record in device)
