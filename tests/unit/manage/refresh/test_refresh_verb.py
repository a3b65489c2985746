"""`homeroom refresh`: one document and nothing else, and every bad input refused with its place."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from homeroom.engines.manage.refresh.slips import list_unknown_groups
from homeroom.ingest.contract.errors import FileRefused
from homeroom.library.manage.refresh.problem_reader import read_refresh_problem
from homeroom.library.manage.refresh.yaml_document import MAX_BYTES
from tests.unit.manage.refresh.refresh_files import FLEET, NEEDS, PLAN, PRICES, write_problem

KEYS = (
    "years replace retire add weighted past_support missing bound gap paid committed thrown_away_minor visits slips "
    "cannot_tell curve level"
)


def run_refresh(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person does."""
    return subprocess.run(
        [sys.executable, "-m", "homeroom", "refresh", *arguments], capture_output=True, text=True, check=False
    )


def test_a_plan_is_one_document_without_the_solvers_banner(tmp_path: Path) -> None:
    result = run_refresh(str(write_problem(tmp_path)), "--json", "--level", "general", "--seconds", "20")
    assert result.returncode == 0, result.stderr
    document = json.loads(result.stdout)
    assert list(document) == KEYS.split()
    assert document["years"] == [2028, 2029, 2030]
    assert document["gap"] == 0
    assert document["weighted"] == document["bound"]
    assert document["cannot_tell"] == [{"group": "e", "count": 1, "why": "cannot tell: no last good day is known"}]
    assert document["level"]["fund"] == "general"
    assert [point["share"] for point in document["curve"]] == [0.5, 0.75, 1, 1.25, 1.5]


def test_a_bad_file_is_refused_with_the_reasons_as_a_document(tmp_path: Path) -> None:
    path = write_problem(tmp_path, fleet=FLEET.replace("c,Elm,chromebook,4", "c,Elm,chromebook,-4"))
    result = run_refresh(str(path), "--json")
    assert (result.returncode, json.loads(result.stdout)["exit_code"]) == (2, 2)
    assert "fleet.csv, line 4, count: is no number of devices (-4). Use: a whole number" in result.stderr


def test_a_level_of_a_fund_with_a_total_is_refused(tmp_path: Path) -> None:
    result = run_refresh(str(write_problem(tmp_path)), "--json", "--level", "e-rate")
    assert result.returncode == 2
    assert "a fund with yearly amounts would fit: general, bond, title-i" in result.stderr


BAD = [
    ("plan", PLAN, "[1000, 1000, 1000]", "[1000, 1000]", ("plan.yaml", 10, "funds.general.amounts")),
    ("plan", PLAN, "[1000, 1000, 1000]", "[1000, .nan, 1000]", ("plan.yaml", 10, "funds.general.amounts")),
    ("plan", PLAN, "[1000, 1000, 1000]", "[1000, -1, 1000]", ("plan.yaml", 10, "funds.general.amounts")),
    ("plan", PLAN, "[1000, 1000, 1000]", "[1000, lots, 1000]", ("plan.yaml", 10, "funds.general.amounts")),
    ("plan", PLAN, "[1000, 1000, 1000]", "1000", ("plan.yaml", 10, "funds.general.amounts")),
    ("plan", PLAN, "schools: [Oak]", "schools: [Ash]", ("plan.yaml", 12, "funds.title-i.schools")),
    ("plan", PLAN, "kinds: [switch]", "kinds: [swich]", ("plan.yaml", 13, "funds.e-rate.kinds")),
    ("plan", PLAN, "match: general", "match: genral", ("plan.yaml", 13, "funds.e-rate.match")),
    ("plan", PLAN, "match: general, ", "", ("plan.yaml", 13, "funds.e-rate.match")),
    ("plan", PLAN, "pays: 0.8", "pays: 80", ("plan.yaml", 13, "funds.e-rate.pays")),
    ("plan", PLAN, "funds: [general]", "funds: [generel]", ("plan.yaml", 16, "ways.lease.funds")),
    ("plan", PLAN, "payments: [1.0]", "payments: [.inf]", ("plan.yaml", 15, "ways.buy.payments")),
    ("plan", PLAN, "hours: [10, 10, 10]", "hours: [10, 10]", ("plan.yaml", 17, "team.hours")),
    ("plan", PLAN, "years: 3", "years: three", ("plan.yaml", 3, "years")),
    ("plan", PLAN, "years: 3", "years: 2.5", ("plan.yaml", 3, "years")),
    ("plan", PLAN, "years: 3\n", "", ("plan.yaml", 1, "years")),
    ("plan", PLAN, '"05-31"', '"05-32"', ("plan.yaml", 5, "needed_until")),
    ("plan", PLAN, "years: 3", "years: 3\nyear: 4", ("plan.yaml", 4, "year")),
    ("plan", PLAN, "  general: {", "  bond: {amounts: [1, 1, 1]}\n  general: {", ("plan.yaml", 12, None)),
    ("plan", PLAN, "fleet: fleet.csv", "fleet: none.csv", ("none.csv", None, None)),
    ("plan", PLAN, "homeroom: refresh", "homeroom: rollout", ("plan.yaml", 1, "homeroom")),
    ("fleet", FLEET, "c,Elm,chromebook,4", "c,Elm,chromebook,4.5", ("fleet.csv", 4, "count")),
    ("fleet", FLEET, "c,Elm,chromebook,4", "c,Elm,chromebook,four", ("fleet.csv", 4, "count")),
    ("fleet", FLEET, "c,Elm,chromebook,4", "c,Elm,chromebook,NaN", ("fleet.csv", 4, "count")),
    ("fleet", FLEET, "c,Elm,chromebook,4", "c,Elm,phone,4", ("fleet.csv", 4, "kind")),
    ("fleet", FLEET, "c,Elm,chromebook", "a,Elm,chromebook", ("fleet.csv", 4, "group")),
    ("fleet", FLEET, "2026-01-01", "13/01/2026", ("fleet.csv", 5, "last_good")),
    ("fleet", FLEET, "2026-01-01", "2026-02-30", ("fleet.csv", 5, "last_good")),
    ("fleet", FLEET, "last_good\n", "last\n", ("fleet.csv", 1, "last_good")),
    ("fleet", FLEET, "c,Elm,chromebook,4", "c,Elm,chromebook", ("fleet.csv", 4, None)),
    ("fleet", FLEET, "c,Elm,chromebook", "c\0,Elm,chromebook", ("fleet.csv", 4, None)),
    ("plan", PLAN, "  bond: {", '  "": {', ("plan.yaml", 11, "funds.")),
    ("plan", PLAN, "  lease: {", '  " ": {', ("plan.yaml", 16, "ways. ")),
    ("prices", PRICES, "switch,1000", "switch,NaN", ("prices.csv", 3, "price")),
    ("prices", PRICES, "switch,1000,8", "switch,1000,0", ("prices.csv", 3, "life")),
    ("prices", PRICES, "tablet", "switch", ("prices.csv", 4, "kind")),
    ("needs", NEEDS, "2030,4", "2031,4", ("needs.csv", 4, "year")),
    ("needs", NEEDS, "2030,4", "2029,4", ("needs.csv", 4, "school")),
    ("needs", NEEDS, "2030,4", "2030,-4", ("needs.csv", 4, "needed")),
    ("needs", NEEDS, "Oak,chromebook,2030", "Oak,phone,2030", ("needs.csv", 4, "kind")),
]


@pytest.mark.parametrize(("file", "text", "old", "new", "place"), BAD, ids=lambda value: str(value)[:30])
def test_bad_input_is_refused_with_file_line_field_and_what_would_fit(
    tmp_path: Path, file: str, text: str, old: str, new: str, place: tuple[str, int | None, str | None]
) -> None:
    assert old in text
    path = write_problem(tmp_path, **{file: text.replace(old, new, 1)})
    with pytest.raises(FileRefused) as refusal:
        read_refresh_problem(path)
    problem = next(item for item in refusal.value.problems if (item.file, item.line, item.field) == place)
    assert problem.reason
    assert problem.fits or "key" in problem.reason or "YAML" in problem.reason


@pytest.mark.parametrize("kinds", ["[access_point, switch, ups]", "[switch, router]"])
def test_a_fund_may_name_a_kind_that_has_no_price_and_no_devices(tmp_path: Path, kinds: str) -> None:
    path = write_problem(tmp_path, plan=PLAN.replace("kinds: [switch]", f"kinds: {kinds}"))
    result = run_refresh(str(path), "--json", "--seconds", "10")
    assert result.returncode == 0, result.stderr
    without = run_refresh(str(write_problem(tmp_path)), "--json", "--seconds", "10")
    assert json.loads(result.stdout) == json.loads(without.stdout)


def test_a_kind_that_is_nearly_one_with_a_price_is_refused_with_it(tmp_path: Path) -> None:
    path = write_problem(tmp_path, plan=PLAN.replace("kinds: [chromebook], funds", "kinds: [chromebok], funds"))
    result = run_refresh(str(path), "--json")
    assert result.returncode == 2
    assert "plan.yaml, line 16, ways.lease.kinds: has chromebok, which is no kind with a price" in result.stderr
    assert "Use: chromebook" in result.stderr


def test_a_bad_price_is_refused_alone_and_not_where_its_kind_is_named_too(tmp_path: Path) -> None:
    path = write_problem(tmp_path, prices=PRICES.replace("switch,1000", "switch,cheap"))
    with pytest.raises(FileRefused) as refusal:
        read_refresh_problem(path)
    assert [(item.file, item.line, item.field) for item in refusal.value.problems] == [("prices.csv", 3, "price")]


def test_days_are_read_as_spreadsheets_write_them(tmp_path: Path) -> None:
    path = write_problem(tmp_path, fleet=FLEET.replace("2026-01-01", "1/2/2026").replace("2029-01-15", "9999-12-31"))
    days = {group.id: group.last_good for group in read_refresh_problem(path).groups}
    assert (days["d"], days["b"]) == (date(2026, 1, 2), date.max)


def test_a_plan_that_is_no_text_of_a_person_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    path = write_problem(tmp_path, plan=PLAN + "#" * MAX_BYTES)
    with pytest.raises(FileRefused, match="is larger than 4 MB"):
        read_refresh_problem(path)


def test_a_group_without_devices_is_nothing_that_cannot_be_told(tmp_path: Path) -> None:
    path = write_problem(tmp_path, fleet=FLEET + "f,Elm,tablet,0,\n")
    assert [group.group for group in list_unknown_groups(read_refresh_problem(path))] == ["e"]
