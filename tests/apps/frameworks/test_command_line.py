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


def test_a_catalogue_that_the_district_took_in_is_listed_beside_those_that_are_shipped(tmp_path: Path) -> None:
    controls = [{"id": "ac-1", "title": "Write down who may do what", "parts": []}]
    metadata = {
        "title": "The state's own list",
        "version": "2027",
        "oscal-version": "1.1.2",
        "last-modified": "2026-01-05T00:00:00Z",
    }
    document = {"catalog": {"uuid": "c0ffee00-0000-4000-8000-000000000001", "metadata": metadata, "groups": [{"id": "ac", "title": "Access", "controls": controls}]}}  # fmt: skip
    file, data = tmp_path / "state.json", tmp_path / "data"
    file.write_text(json.dumps(document), encoding="utf-8")
    said("take-in-framework", str(file), "--id", "state-2027", data=data)
    listed = {one["id"]: one for one in json.loads(said("frameworks", "--json", data=data))}
    assert listed["state-2027"]["title"] == "The state's own list"
    assert "cisa-cpg-2.0" in listed
