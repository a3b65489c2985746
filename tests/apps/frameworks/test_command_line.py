"""The frameworks on the command line, from a clean folder to the auditor's files."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.houses import exports, said

pytestmark = pytest.mark.scale


def test_a_district_is_judged_under_a_framework_and_handed_over(tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    folder = exports(tmp_path / "sample")
    words = ("assess", str(folder), "--today", "2026-01-06", "--framework", "cisa-cpg-2.0", "--json")
    document = json.loads(said(*words, data=data))
    told = document["framework"]
    assert 0 < told["at_least"] < told["at_most"] < 1
    failing = {one["id"]: one["failing"] for one in document["controls"]}
    for goal in told["goals"]:
        for control in goal["controls"]:
            assert control["failing"] == failing.get(control["id"], control["failing"])
    again = json.loads(
        said("standing", "cisa-cpg-2.0", "--today", "2026-01-06", "--out", str(out), "--json", data=data)
    )
    assert {name: again[name] for name in told} == told
    assert sorted(Path(path).name for path in again["files"]) == [
        "cisa-cpg-2.0-action-plan.csv",
        "cisa-cpg-2.0-assessment-results.json",
        "cisa-cpg-2.0-poam.json",
    ]
    with (out / "cisa-cpg-2.0-action-plan.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["control or policy"] for row in rows} >= {one["title"] for one in told["raise_first"]}
