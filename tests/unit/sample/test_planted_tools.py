"""The truth about planted tools agrees with the lists, as evaluated by independent code."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import pytest
import yaml

from tests.unit.sample.exports import ExportRow, SampleExports, build_tool_id

pytestmark = pytest.mark.scale


def list_running(district: SampleExports) -> list[ExportRow]:
    today = district.today.isoformat()
    return [row for row in district.read_csv("lists/products.csv") if row["Begins"] <= today <= row["Ends"]]


def count_users(district: SampleExports, name: str) -> dict[str, int]:
    users: dict[str, int] = defaultdict(int)
    for row in district.read_csv(f"lists/{name}.csv"):
        users[row["Application"]] += int(row["People"])
    return users


def read_stated(district: SampleExports) -> dict[str, list[str]]:
    document = yaml.safe_load((district.folder / "tools.yaml").read_text(encoding="utf-8"))
    return {tool["name"]: tool["does"] for tool in document["tools"]}


def test_two_paid_products_for_one_task_in_one_school_are_stated(district: SampleExports) -> None:
    schools = sorted({row["School"] for row in district.read_csv("lists/school-use.csv")})
    stated, by_task = read_stated(district), defaultdict(list)
    for row in list_running(district):
        for task in stated.get(row["Product"], []) if row["Yearly Price"] not in ("", "$0.00") else []:
            by_task[task].append(
                (build_tool_id(row["Product"]), set(row["Schools"].split("; ")) - {""} or set(schools))
            )
    twice = {
        (task, tuple(sorted((first, second))))
        for task, rows in by_task.items()
        for first, first_schools in rows
        for second, second_schools in rows
        if first < second and first_schools & second_schools
    }
    assert twice == {
        (entry["capability"], tuple(entry["tools"]))
        for entry in district.truth["tools"]["overlaps"]
        if entry["kind"] == "paid twice"
    }
    assert twice


def test_products_with_hardly_a_user_are_stated_as_not_used_or_as_unknown(district: SampleExports) -> None:
    users = count_users(district, "school-use")
    rows = [row for row in list_running(district) if row["Product"] in users]
    few = {build_tool_id(row["Product"]) for row in rows if users[row["Product"]] * 10 < int(row["Licenses"])}
    tools = district.truth["tools"]
    hollow = {entry["tool"] for entry in tools["hollow"] if entry["kind"] == "not used"}
    assert hollow
    assert few - hollow <= set(tools["cannot_tell"])
    assert hollow <= few


def test_each_kind_of_hollow_tool_gap_and_renewal_is_planted(district: SampleExports) -> None:
    tools = district.truth["tools"]
    assert {entry["kind"] for entry in tools["hollow"]} == {"not used", "not deployed", "silent", "not working"}
    assert {entry["kind"] for entry in tools["gaps"]} == {"none", "part"}
    assert {entry["kind"] for entry in tools["overlaps"]} == {"paid twice", "owned already"}
    suggestions = {entry["suggestion"] for entry in tools["renewals"]}
    assert suggestions == {"too late", "drop", "choose", "cannot tell", "fewer", "keep"}


def test_renewals_are_those_with_a_day_to_decide_in_120_days(district: SampleExports) -> None:
    horizon, today = (district.today + timedelta(days=120)).isoformat(), district.today.isoformat()
    due = {
        row["No."]
        for row in list_running(district)
        if (row["Notice Day"] if row["Notice Day"] >= today else row["Ends"]) <= horizon
    }
    stated = {entry["contract"] for entry in district.truth["tools"]["renewals"]}
    assert {key for key in stated if key.startswith("T-")} == due


def test_each_near_miss_names_what_it_is_not(district: SampleExports) -> None:
    tools = district.truth["tools"]
    kinds = {entry["of"] for entry in tools["near_misses"]}
    assert kinds == {
        "paid twice", "not used", "not deployed", "silent", "not working", "gap", "fewer", "renewal",
    }  # fmt: skip
    hollow = {(entry["tool"], entry["kind"]) for entry in tools["hollow"]}
    for entry in tools["near_misses"]:
        assert (build_tool_id(entry["name"]), entry["of"]) not in hollow
        assert entry["why"]


def test_the_period_of_use_has_ten_school_days_at_least(district: SampleExports) -> None:
    (period,) = {(row["Period Start"], row["Period End"]) for row in district.read_csv("lists/school-use.csv")}
    first, last = map(date.fromisoformat, period)
    assert last < district.today
    assert district.count_school_days_since(first) - district.count_school_days_since(last) >= 10
