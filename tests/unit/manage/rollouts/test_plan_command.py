"""The command that plans a rollout: what it writes, prints and refuses, without a database."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from homeroom.apps.manage.rollouts.specs.plan_documents import read_plan_visits
from homeroom.apps.manage.rollouts.specs.spec_files import load_spec
from homeroom.cli.main import build_app
from homeroom.engines.manage.rollout.verify import find_violations, measure_objective
from tests.unit.manage.rollouts.spec_files import SPEC, write_spec


def plan(spec: Path, *options: str) -> Result:
    out = spec.with_name("plan.json")
    return CliRunner().invoke(
        build_app(), ["rollout", "plan", str(spec), "--out", str(out), "--json", "--seconds", "2", *options]
    )


def read_plan(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "plan.json").read_text())
    return document


def test_a_complete_plan_keeps_every_rule_and_is_printed_without_its_visits(tmp_path: Path):
    path = write_spec(tmp_path)
    done = plan(path)
    assert done.exit_code == 0, done.stderr
    document, spec = read_plan(tmp_path), load_spec(path)
    visits = read_plan_visits(tmp_path / "plan.json", spec)
    assert find_violations(visits, spec) == []
    assert {visit.room for visit in visits} == {"101", "102", "201", "202"}
    assert (document["format"], document["status"], document["left_out"]) == ("homeroom.plan/1", "complete", [])
    objective = measure_objective(visits, spec)
    assert document["objective"] == {
        "disrupted_minutes": 0,
        "finished_on": objective.finished_on.isoformat() if objective.finished_on else None,
        "travel_minutes": objective.travel_minutes,
    }
    assert (document["bound"]["finished_on"] or "") <= document["objective"]["finished_on"]
    assert json.loads(done.stdout) == {key: value for key, value in document.items() if key != "visits"}
    for visit in document["visits"]:
        assert set(visit) == {"room", "people", "starts", "ends", "class_minutes", "wave", "locked"}
        assert datetime.fromisoformat(visit["starts"]).utcoffset() is not None


def test_what_cannot_be_placed_is_left_out_with_a_reason_and_the_exit_code_says_so(tmp_path: Path):
    rooms = [*SPEC["rooms"], {"id": "900", "school": "s01", "minutes": 25, "hands": 3}]
    partial = plan(write_spec(tmp_path, rooms=rooms))
    assert partial.exit_code == 1
    document = read_plan(tmp_path)
    assert document["status"] == "partial"
    (left_out,) = document["left_out"]
    assert (left_out["room"], left_out["why"]) == ("900", "hands")
    assert left_out["says"]
    assert len(document["visits"]) == 4


def test_a_spec_that_is_refused_leaves_no_plan(tmp_path: Path):
    refused = plan(write_spec(tmp_path, zone="Mars/Olympus"))
    assert refused.exit_code == 2
    assert "zone" in refused.stderr
    assert "Mars/Olympus" in refused.stderr
    assert not (tmp_path / "plan.json").exists()
    assert plan(write_spec(tmp_path), "--keep", "old.json").exit_code == 2, "--keep needs --at"
    assert plan(write_spec(tmp_path), "--keep", str(tmp_path / "no.json"), "--at", "2025-10-14").exit_code == 2


def test_an_earlier_plan_or_a_moment_that_cannot_be_read_leaves_the_plan_as_it_was(tmp_path: Path):
    path, old, out = write_spec(tmp_path), tmp_path / "old.json", tmp_path / "plan.json"
    visit = {"room": "101", "people": "kim", "starts": "2025-10-13T12:00", "ends": "2025-10-13T12:25"}
    out.write_text("the plan before")
    for visits, at in (([visit], "2025-10-13"), ([], "0001-01-01T00:00:00+14:00"), ([], "noon")):
        old.write_text(json.dumps({"format": "homeroom.plan/1", "visits": visits}))
        assert plan(path, "--keep", str(old), "--at", at).exit_code == 2
    assert out.read_text() == "the plan before"
    old.write_text(json.dumps({"format": "homeroom.plan/1", "visits": [visit | {"people": ["kim"]}]}))
    (earlier,) = read_plan_visits(old, load_spec(path))
    assert earlier.starts == 12 * 60, "a moment without an offset is in the zone of the rollout"


def test_a_snow_day_moves_what_fell_out_and_nothing_else(tmp_path: Path):
    path = write_spec(tmp_path)
    assert plan(path, "--ics", str(tmp_path / "calendars")).exit_code == 0
    before = {visit["room"]: visit for visit in read_plan(tmp_path)["visits"]}
    (tmp_path / "plan.json").rename(tmp_path / "old.json")
    gone = max(before.values(), key=lambda visit: visit["starts"])
    day = date.fromisoformat(gone["starts"][:10])
    schools = [dict(school, no_visits={"days": [day.isoformat()], "types": ["*FINALS*"]}) for school in SPEC["schools"]]
    moment = f"{day.isoformat()}T06:00:00"
    replanned = plan(
        write_spec(tmp_path, schools=schools), "--keep", str(tmp_path / "old.json"), "--at", moment, "--ics",
        str(tmp_path / "calendars"),
    )  # fmt: skip
    assert replanned.exit_code == 0, replanned.stderr
    after = {visit["room"]: visit for visit in read_plan(tmp_path)["visits"]}
    assert set(after) == set(before)
    for room, visit in before.items():
        is_kept = (after[room]["starts"], after[room]["people"]) == (visit["starts"], visit["people"])
        assert is_kept == (not visit["starts"].startswith(day.isoformat()))
    assert (tmp_path / "calendars" / "kim.ics").exists()


def test_what_cannot_be_written_is_refused_before_anything_is(tmp_path: Path):
    path = write_spec(tmp_path)
    refused = plan(path, "--ics", str(path))
    assert (refused.exit_code, (tmp_path / "plan.json").exists()) == (2, False)
    assert "--ics" in json.loads(refused.stdout)["errors"][0]
    (tmp_path / "plan.json").mkdir()
    assert plan(path).exit_code == 2
    assert list((tmp_path / "plan.json").iterdir()) == []


def test_the_command_needs_no_database_and_no_django(tmp_path: Path):
    path = write_spec(tmp_path)
    code = (
        "import sys; from homeroom.cli.main import build_app\n"
        f"try: build_app()(['rollout', 'plan', {str(path)!r}, '--out', {str(tmp_path / 'plan.json')!r}, '--json',"
        " '--seconds', '1'])\n"
        "except SystemExit: pass\n"
        "print('django' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stderr.strip().endswith("False")
