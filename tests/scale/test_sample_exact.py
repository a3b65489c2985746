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
        assert failing[name] == {public_id("place", place_subject(said["tenant"], one)) for one in said["failing"]}
        assert said["failing"] or said["near"]
    assert _devices(tmp_path / "data") == {_records(device) for device in truth["devices"]}


def _devices(data: Path) -> set[frozenset[Record]]:
    """The records of each device, as resolving joined them."""
    found: dict[int, set[Record]] = defaultdict(set)
    query = "SELECT subject, connector, key FROM inventory_ledgerentry WHERE kind = 'device' AND closed IS NULL"
    with closing(sqlite3.connect(data / "state.sqlite3")) as database:
        for subject, connector, key in database.execute(query):
            found[subject].add((connector, key))
    return {frozenset(records) for records in found.values()}


def _records(device: list[dict[str, str]]) -> frozenset[Record]:
    return frozenset((record["source"], record["key"]) for record in device)
