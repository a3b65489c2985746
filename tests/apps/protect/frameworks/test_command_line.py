"""The frameworks on the command line, from a clean folder to the auditor's files."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.sample_server import generate_exports, run_process

pytestmark = pytest.mark.scale


def test_a_district_is_judged_under_a_framework_and_handed_over(tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    folder = generate_exports(tmp_path / "sample")
    command = ("assess", str(folder), "--today", "2026-01-06", "--framework", "cisa-cpg-2.0", "--json")
    document = json.loads(run_process(*command, data=data))
    compliance = document["framework"]
    assert 0 < compliance["at_least"] < compliance["at_most"] < 1
    failing = {entry["id"]: entry["failing"] for entry in document["controls"]}
    for goal in compliance["goals"]:
        for control in goal["controls"]:
            assert control["failing"] == failing.get(control["id"], control["failing"])
    output = json.loads(
        run_process(
            "frameworks", "show", "cisa-cpg-2.0", "--today", "2026-01-06", "--out", str(out), "--json", data=data
        )
    )
    assert {name: output[name] for name in compliance} == compliance
    assert sorted(Path(path).name for path in output["files"]) == [
        "cisa-cpg-2.0-action-plan.csv",
        "cisa-cpg-2.0-assessment-results.json",
        "cisa-cpg-2.0-poam.json",
    ]
    with (out / "cisa-cpg-2.0-action-plan.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["control or policy"] for row in rows} >= {entry["title"] for entry in compliance["raise_first"]}


def test_a_catalog_that_the_district_took_in_is_listed_beside_those_that_are_shipped(tmp_path: Path) -> None:
    controls = [{"id": "ac-1", "title": "Write down who may do what", "parts": []}]
    metadata = {
        "title": "The state's own list",
        "version": "2027",
        "oscal-version": "1.1.2",
        "last-modified": "2026-01-05T00:00:00Z",
    }
    document = {
        "catalog": {
            "uuid": "c0ffee00-0000-4000-8000-000000000001",
            "metadata": metadata,
            "groups": [{"id": "ac", "title": "Access", "controls": controls}],
        }
    }
    file, data = tmp_path / "state.json", tmp_path / "data"
    file.write_text(json.dumps(document), encoding="utf-8")
    run_process("frameworks", "import", str(file), "--id", "state-2027", data=data)
    listed = {framework["id"]: framework for framework in json.loads(run_process("frameworks", "--json", data=data))}
    assert listed["state-2027"]["title"] == "The state's own list"
    assert "cisa-cpg-2.0" in listed
