"""`homeroom plan` as a person runs it: a table to read, one JSON document, and a sentence when it refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.apps.program import run_homeroom
from tests.data_folders import prepare_data_folder
from tests.sample_server import TODAY, prepare_assessed_sample

DAY = ("--today", TODAY.isoformat())


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plan") / "data"
    shutil.copytree(prepare_assessed_sample() / "data", folder)
    return folder


def run_plan(data: Path, *arguments: str) -> dict[str, Any]:
    done = run_homeroom("plan", "--json", *DAY, *arguments, data=data)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@pytest.mark.parametrize("hours", ["0", "1.5", "6", "40"])
def test_a_plan_fits_its_hours_and_its_sums_hold(data: Path, hours: str):
    plan = run_plan(data, "--hours", hours)
    assert plan["hours"] == float(hours)
    assert plan["minutes"] == sum(item["minutes"] for item in plan["items"]) <= float(hours) * 60
    assert plan["risk_before"] - plan["risk_after"] == pytest.approx(sum(item["risk"] for item in plan["items"]))
    assert plan["gap"] == 0
    assert plan["bound"] == pytest.approx(plan["risk_before"] - plan["risk_after"])


def test_every_open_control_is_an_item_or_left_out_with_its_price(data: Path):
    plan, assessment = (
        run_plan(data, "--hours", "6"),
        json.loads(run_homeroom("assess", "--json", *DAY, data=data).stdout),
    )
    control_ids = [item["id"] for item in (*plan["items"], *plan["left_out"])]
    assert sorted(control_ids) == sorted({item["control"] for item in assessment["findings"]})
    assert all(item["findings"] for item in (*plan["items"], *plan["left_out"]))
    assert all(item["why"] and item["who"] and item["when"] for item in plan["items"])
    assert all(item["risk"] > 0 and item["why_left"] for item in plan["left_out"])


def test_the_same_question_has_the_same_answer(data: Path):
    first, second = (run_plan(data, "--hours", "12") | {"seconds": 0} for _ in range(2))
    assert first == second


def test_without_hours_six_are_assumed_and_that_is_said(data: Path):
    plan = run_plan(data)
    assert (plan["hours"], plan["hours_assumed"]) == (6, True)
    assert "are assumed" in run_homeroom("plan", *DAY, data=data).stdout


def test_the_table_says_what_waits_and_how_good_the_choice_is(data: Path):
    output = run_homeroom("plan", "--hours", "6", *DAY, data=data).stdout
    for phrase in ("Week of January 5", "takes away", "Left out", "remaining risk", "proven best"):
        assert phrase in output


@pytest.mark.parametrize(("words", "reason"), [
    (("--hours", "-1"), "--hours must be between 0 and 10000"),
    (("--week", "monday"), "--week 'monday'"),
    (("--week", "9999-12-31"), "must be a date from 2000 to 2100"),
    (("--week", "0001-01-01"), "must be a date from 2000 to 2100"),
    (("--district", "elsewhere"), "no district"),
])  # fmt: skip
def test_what_does_not_fit_is_refused(data: Path, words: tuple[str, ...], reason: str):
    done = run_homeroom("plan", *words, *DAY, data=data)
    assert done.returncode == 2
    assert reason in done.stderr


def test_vulnerabilities_that_are_due_say_what_to_do_about_them(data: Path):
    output = run_homeroom("plan", *DAY, data=data).stdout
    due = json.loads(run_homeroom("plan", "--json", *DAY, data=data).stdout)["flaw_deadlines"]
    assert due
    assert all(deadline["title"] in output and deadline["deadline"] in output for deadline in due)
    assert all((deadline["update_to"] or "") in output for deadline in due)
    assert "closes" in output


def test_before_the_first_judgment_it_says_what_to_do(tmp_path: Path):
    done = run_homeroom("plan", data=prepare_data_folder(tmp_path / "new"))
    assert done.returncode == 2
    assert "homeroom assess" in done.stderr
