"""Every planted fault of small sample districts is found and nothing else, who cannot be told is said, and devices are whole."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from contextlib import closing
from pathlib import Path

import pytest

from bench.sample_exact import compare
from homeroom.domain.ids import place_subject, public_id
from homeroom.library.baselines import policies
from tests.scale.running import Record, homeroom

EXACT = {"missed": 0, "reported_besides": 0, "cannot_tell_wrong": 0, "reported_by_other_controls": 0}
DISTRICTS = [  # students, seed, today: in winter, right after it, in summer, and in a school year's first weeks
    (500, 1, ""),
    (900, 2, ""),
    (1_500, 3, ""),
    (500, 4, "2026-07-15"),
    (500, 5, "2025-09-10"),
    (500, 6, "2026-11-10"),  # the last day of updates of one edition of Windows 11, when another's is past
    (500, 9, "2026-11-24"),
]


@pytest.mark.scale
@pytest.mark.parametrize(("students", "seed", "today"), DISTRICTS)
def test_what_was_planted_is_found_and_nothing_else(tmp_path: Path, students: int, seed: int, today: str) -> None:
    exports, chosen = tmp_path / "exports", ("--today", today) if today else ()
    made = ("--students", str(students), "--seed", str(seed), *chosen)
    homeroom("sample", str(exports), *made, data=tmp_path / "unused")
    truth = json.loads((exports / "truth.json").read_text(encoding="utf-8"))
    told = homeroom("assess", str(exports), "--json", "--subjects", "--today", truth["today"], data=tmp_path / "data")
    judged = json.loads(told.stdout)
    found = compare(truth["controls"], judged["controls"])
    assert found["planted"] > 100
    assert found["planted_controls"] > 95
    assert {name: found[name] for name in EXACT} == EXACT
    failing = {policy["id"]: {one["id"] for one in policy["subjects"]} for policy in judged["policies"]}
    for name, said in truth["policies"].items():
        assert failing.get(name, set()) == {
            public_id("place", place_subject(said["tenant"], one)) for one in said["failing"]
        }
        assert said["failing"] or said["near"]
    silent = {policy.id for policy in policies() if policy.suite == "microsoft"} - set(truth["policies"])
    assert not {name for name in silent if failing.get(name)}
    assert _subjects(tmp_path / "data", "device") == {_records(device) for device in truth["devices"]}
    assert _people(tmp_path / "data") == {_records(person) for person in truth["people"]}
    assert _nobodys(tmp_path / "data") == {kind: _records(accounts) for kind, accounts in truth["accounts"].items()}
    assert set(truth["accounts"]) == {"service", "shared", "administrator", "leaver", "unknown"}


def _subjects(data: Path, kind: str) -> set[frozenset[Record]]:
    """The records of each subject of a kind, as resolving joined them."""
    found: dict[int, set[Record]] = defaultdict(set)
    query = "SELECT subject, connector, key FROM inventory_ledgerentry WHERE kind = ? AND closed IS NULL"
    with closing(sqlite3.connect(data / "state.sqlite3")) as database:
        for subject, connector, key in database.execute(query, [kind]):
            found[subject].add((connector, key))
    return {frozenset(records) for records in found.values()}


def _people(data: Path) -> set[frozenset[Record]]:
    """The records of each person, accounts among them, as links tell them."""
    homeroom("resolve", "--out", str(data / "links.jsonl"), data=data)
    lines = (json.loads(line) for line in (data / "links.jsonl").read_text(encoding="utf-8").splitlines())
    return {_records(line["records"]) for line in lines if line["id"].startswith("p-")}


def _nobodys(data: Path) -> dict[str, frozenset[Record]]:
    """The records of accounts that belong to nobody, by what they were taken for."""
    found: dict[str, set[Record]] = defaultdict(set)
    query = (
        "SELECT a.kind, l.connector, l.key FROM inventory_account a JOIN inventory_ledgerentry l ON l.kind = 'account' "
        "AND l.subject = a.subject AND l.closed IS NULL WHERE a.person IS NULL AND a.closed IS NULL"
    )
    with closing(sqlite3.connect(data / "state.sqlite3")) as database:
        for kind, connector, key in database.execute(query):
            found[kind].add((connector, key))
    return {kind: frozenset(records) for kind, records in found.items()}


def _records(device: list[dict[str, str]]) -> frozenset[Record]:
    return frozenset((record["source"], record["key"]) for record in device)
