"""`homeroom plan` as a person runs it: a table to read, one JSON document, and a sentence where it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.apps.program import homeroom
from tests.begun import begun
from tests.houses import exports

DAY = ("--today", "2026-01-06")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("verb")
    done = homeroom("assess", str(exports(root / "sample")), *DAY, data=begun(root / "data"))
    assert done.returncode in (0, 1), done.stderr
    return root / "data"


def planned(data: Path, *words: str) -> dict[str, Any]:
    done = homeroom("plan", "--json", *DAY, *words, data=data)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@pytest.mark.parametrize("hours", ["0", "1.5", "6", "40"])
def test_a_plan_fits_its_hours_and_its_sums_hold(data: Path, hours: str):
    told = planned(data, "--hours", hours)
    assert told["hours"] == float(hours)
    assert told["minutes"] == sum(one["minutes"] for one in told["items"]) <= float(hours) * 60
    assert told["risk_before"] - told["risk_after"] == pytest.approx(sum(one["risk"] for one in told["items"]))
    assert told["gap"] == 0
    assert told["bound"] == pytest.approx(told["risk_before"] - told["risk_after"])


def test_every_open_control_is_an_item_or_left_out_with_its_price(data: Path):
    told, judged = planned(data, "--hours", "6"), json.loads(homeroom("assess", "--json", *DAY, data=data).stdout)
    named = [one["id"] for one in (*told["items"], *told["left_out"])]
    assert sorted(named) == sorted({one["control"] for one in judged["findings"]})
    assert all(one["findings"] for one in (*told["items"], *told["left_out"]))
    assert all(one["why"] and one["who"] and one["when"] for one in told["items"])
    assert all(one["risk"] > 0 and one["why_left"] for one in told["left_out"])


def test_the_same_question_has_the_same_answer(data: Path):
    first, second = (planned(data, "--hours", "12") | {"seconds": 0} for _ in range(2))
    assert first == second


def test_without_hours_six_are_assumed_and_that_is_said(data: Path):
    told = planned(data)
    assert (told["hours"], told["hours_assumed"]) == (6, True)
    assert "are assumed" in homeroom("plan", *DAY, data=data).stdout


def test_the_table_says_what_waits_and_how_good_the_choice_is(data: Path):
    said = homeroom("plan", "--hours", "6", *DAY, data=data).stdout
    for words in ("Week of January 5", "takes away", "Left out", "risk that stays", "proven best"):
        assert words in said


@pytest.mark.parametrize(("words", "why"), [
    (("--hours", "-1"), "--hours -1"),
    (("--week", "monday"), "--week 'monday'"),
    (("--week", "9999-12-31"), "a day from 2000 to 2100 would fit"),
    (("--week", "0001-01-01"), "a day from 2000 to 2100 would fit"),
    (("--district", "elsewhere"), "no district"),
])  # fmt: skip
def test_what_does_not_fit_is_refused(data: Path, words: tuple[str, ...], why: str):
    done = homeroom("plan", *words, *DAY, data=data)
    assert done.returncode == 2
    assert why in done.stderr


def test_flaws_that_are_due_say_what_to_do_about_them(data: Path):
    said = homeroom("plan", *DAY, data=data).stdout
    due = json.loads(homeroom("plan", "--json", *DAY, data=data).stdout)["flaw_deadlines"]
    assert due
    assert all(one["title"] in said and one["deadline"] in said for one in due)
    assert all((one["update_to"] or "") in said for one in due)
    assert "closes" in said


def test_before_the_first_judgement_it_says_what_to_do(tmp_path: Path):
    done = homeroom("plan", data=tmp_path / "new")
    assert done.returncode == 2
    assert "homeroom assess" in done.stderr
