"""`homeroom refresh` without a file: what is loaded is planned, what is missing is named, and files give the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.manage.budget.refresh_files import count_seconds_left
from tests.apps.manage.budget.evidence_lists import ASSETS, FUNDS, TODAY, prepare_district
from tests.apps.program import run_homeroom
from tests.data_folders import prepare_data_folder

PRICED = "".join(line for line in ASSETS.splitlines(keepends=True) if "Projectors" not in line)


@pytest.fixture(scope="module")
def exports_only(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder with exports, without lists of funds, prices and students."""
    return prepare_district(tmp_path_factory.mktemp("exports-only"), lists=False)


def plan(data: Path, *arguments: str) -> dict[str, Any]:
    """Return the document of a plan."""
    result = run_homeroom("refresh", *arguments, "--json", "--seconds", "10", "--today", TODAY, data=data)
    assert result.returncode == 0, result.stderr
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def list_remarks(document: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {(item["about"], item["name"]): item["why"] for item in document["evidence"]["remarks"]}


def test_what_is_loaded_is_planned_and_its_files_load_back_to_the_same_plan(tmp_path: Path) -> None:
    data = prepare_district(tmp_path, assets=PRICED)
    document = plan(data, "--level", "general")
    evidence = document.pop("evidence")
    assert document["years"] == [2028, 2029, 2030, 2031, 2032]
    assert document["gap"] == 0
    assert {(item["school"], item["kind"]) for item in document["add"]} == {
        ("Oak", "chromebook"),
        ("Elm", "chromebook"),
    }
    assert {item["fund"] for item in document["replace"] if "Cisco" in item["group"]} == {"e-rate"}
    assert evidence["devices"] == {
        "age rule": 2, "end of support of the model": 1, "end of updates": 3, "nothing known": 1,
    }  # fmt: skip
    folder = tmp_path / "plan"
    written = run_homeroom("refresh", "--write", str(folder), "--today", TODAY, "--json", data=data)
    assert written.returncode == 0, written.stderr
    assert json.loads(written.stdout)["remarks"] == evidence["remarks"]
    assert plan(data, str(folder / "plan.yaml"), "--level", "general") == document


def test_what_is_missing_is_named_and_left_out(tmp_path: Path) -> None:
    funds = FUNDS + "grant,2028,500,,,,,,Ash,\nlevy,2019,500,,,,,,,\n"
    data = prepare_district(tmp_path, funds=funds)
    document = plan(data)
    remarks = list_remarks(document)
    assert document["evidence"]["without_price"] == ["other"]
    assert remarks["price", "other"] == "no list and no purchase has a price: 1 device left out of the plan"
    assert remarks["fund", "title-i"] == "no amount for 2029, 2030, 2031, 2032: nothing of it is spent then"
    assert "no school with devices or needs is called Ash" in remarks["fund", "grant"]
    assert remarks["fund", "levy"] == "left out: it has amounts for 2019; a year from 2028 to 2032 would fit"
    assert remarks["spares", "chromebook"].startswith("no spares: its breakage cannot be told")
    assert "years after the purchase count" in remarks["device", "age rule"]
    assert set(document["paid"]) == {"e-rate", "general", "title-i"}


def test_without_lists_nothing_is_bought_and_the_last_purchase_is_the_price(exports_only: Path) -> None:
    document = plan(exports_only)
    remarks = list_remarks(document)
    assert document["replace"] == []
    assert "nothing can be bought" in remarks["fund", "all"]
    assert remarks["price", "laptop"] == "no list has it: what one cost on 2022-02-28 counts, $850.00"
    assert [group["group"] for group in document["slips"]]


def test_the_opt_in_of_chromebooks_is_told_with_its_price_and_counted_on_if_wanted(exports_only: Path) -> None:
    data, before = exports_only, plan(exports_only)
    (offer,) = before["evidence"]["extensions"]
    assert (offer["devices"], offer["device_years"], offer["dollars_minor"], offer["taken"]) == (1, 2, 0, False)
    assert any("Android apps" in sentence for sentence in offer["means"])
    taken = plan(data, "--extension", offer["id"])
    assert taken["evidence"]["extensions"][0]["taken"] is True
    assert taken["past_support"] == before["past_support"] - 2
    refused = run_homeroom("refresh", "--extension", "chromeos-forever", "--json", data=data)
    assert (refused.returncode, json.loads(refused.stdout)["exit_code"]) == (2, 2)
    assert "'chromeos-forever' is no extension of support; chromeos-extended-updates" in refused.stderr


@pytest.mark.parametrize("arguments", [("plan.yaml", "--write", "x"), ("plan.yaml", "--extension", "windows-10-esu")])
def test_options_of_what_is_loaded_do_not_go_with_a_file(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    result = run_homeroom("refresh", *arguments, data=prepare_data_folder(tmp_path / "data"))
    assert result.returncode == 2
    assert "goes without PLAN.yaml" in result.stderr


@pytest.mark.parametrize(("spent", "left"), [(0, 54), (4, 50), (40, 30), (100, 30)])
def test_reading_and_writing_are_part_of_the_seconds_given(spent: float, left: float):
    assert count_seconds_left(60, spent) == left
