"""Exports written from the vendors' documentation alone are assessed as that documentation means."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.scale.outsiders import small, whole
from tests.scale.outsiders.program import assess, find_differences, format_csv, list_failing, run_homeroom, write_text

pytestmark = pytest.mark.scale

DISTRICTS = {"small": small, "whole": whole}
LEAVERS = {"g03", "g09", "g22", "g24"}


def list_leaver_emails(users: list[dict[str, Any]]) -> set[str]:
    return {user["primaryEmail"] for user in users if user["id"] in LEAVERS}


@pytest.fixture(scope="module")
def first_reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, dict[str, Any]]]:
    """Return for each district the folder of its exports and data, and the report of its first assessment."""
    reports = {}
    for name, district in DISTRICTS.items():
        folder = tmp_path_factory.mktemp(name)
        exports = district.write_exports(folder / "exports")
        reports[name] = folder, assess([exports], data=folder / "data", today=district.TODAY)
    return reports


@pytest.mark.parametrize("name", DISTRICTS)
def test_exactly_what_is_wrong_is_found(name: str, first_reports: dict[str, tuple[Path, dict[str, Any]]]) -> None:
    district, (folder, report) = DISTRICTS[name], first_reports[name]
    assert not report["load"]["refused"]
    assert not any(package["rejects"] or package["refused"] for package in report["load"]["loaded"])
    assert find_differences(report, district.EXPECTED) == {}
    again = assess([folder / "exports"], data=folder / "data", today=district.TODAY)
    assert {package["outcome"] for package in again["load"]["loaded"]} == {"unchanged"}
    assert again["controls"] == report["controls"]


def test_a_cart_that_fell_silent_is_one_finding(first_reports: dict[str, tuple[Path, dict[str, Any]]]) -> None:
    _, report = first_reports["small"]
    silent = {
        finding["group"]: finding["members"]
        for finding in report["findings"]
        if finding["control"] == "chromeos-silent"
    }
    (cart,) = [group for group in silent if group]
    assert cart.startswith("Cart 4")
    assert silent == {cart: 8, "": 6}


USERS = [whole.build_account(*item) for item in whole.ACCOUNTS]
FLAT = [{key: value for key, value in user.items() if not isinstance(value, dict)} for user in USERS]
SHAPES = {
    "a bare list": ("users.json", json.dumps(USERS)),
    "a line each": ("users.jsonl", "\n".join(map(json.dumps, USERS))),
    "one page": ("users.json", json.dumps({"kind": "admin#directory#users", "users": USERS})),
    "GAM with a column of JSON": (
        "users.csv",
        format_csv([{"primaryEmail": user["primaryEmail"], "JSON": json.dumps(user)} for user in USERS]),
    ),
    "GAM with small truths": (
        "users.csv",
        format_csv([{k: str(v).lower() if isinstance(v, bool) else v for k, v in user.items()} for user in FLAT]),
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_google_users_come_in_many_shapes(shape: str, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    name, text = SHAPES[shape]
    write_text(folder / name, text)
    whole.write_staff(folder / "staff.csv")
    whole.write_facts(folder / "facts.yaml")
    whole.write_roster(folder / "roster.zip")
    report = assess([folder], data=tmp_path / "data", today=whole.TODAY)
    same = ("leaver-account", "unknown-person", "dormant-account", "never-used-account", "admin-second-factor")
    assert find_differences(report, {control: whole.EXPECTED[control] for control in same}) == {}


def test_three_columns_are_enough_for_a_leaver(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    three = [{key: user[key] for key in ("primaryEmail", "suspended", "isEnrolledIn2Sv")} for user in USERS]
    write_text(folder / "users.csv", format_csv(three, line_end="\n"))
    whole.write_staff(folder / "staff.csv")
    whole.write_roster(folder / "roster.zip")
    report = assess([folder], data=tmp_path / "data", today=whole.TODAY)
    assert find_differences(report, {"leaver-account": list_leaver_emails(USERS)}) == {}


@pytest.mark.parametrize(
    "headings",
    [
        ("EmployeeID", "LastName", "FirstName", "EmailAddress", "JobTitle", "Status", "HireDate", "TerminationDate"),
        (
            "Employee Number",
            "Legal Last Name",
            "Legal First Name",
            "E-mail",
            "Job",
            "Emp Status",
            "Start Date",
            "End Date",
        ),
        ("employee_id", "last_name", "first_name", "email", "title", "status", "hire_date", "separation_date"),
    ],
    ids=lambda headings: headings[0],
)
def test_a_staff_list_has_the_headings_of_its_office(headings: tuple[str, ...], tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    write_text(folder / "users.json", json.dumps(USERS))
    whole.write_roster(folder / "roster.zip")
    whole.write_staff(folder / "staff.csv", headings=headings)
    report = assess([folder], data=tmp_path / "data", today=whole.TODAY)
    assert find_differences(report, {"leaver-account": LEAVERS, "unknown-person": {"g31"}}) == {}


def test_computers_come_as_powershell_writes_them(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    devices = [
        {key[0].upper() + key[1:]: value for key, value in whole.build_computer(*values).items()}
        for values in whole.COMPUTERS
    ]
    write_text(folder / "devices.json", json.dumps(devices), encoding="utf-16")
    report = assess([folder, whole.write_staff(tmp_path / "staff.csv")], data=tmp_path / "data", today=whole.TODAY)
    same = ("windows-10", "staff-laptop-encrypted")
    assert find_differences(report, {control: whole.EXPECTED[control] for control in same}) == {}


def test_who_is_missing_from_the_next_complete_load_has_left(tmp_path: Path) -> None:
    folder, data = tmp_path / "exports", tmp_path / "data"
    write_text(folder / "users.json", json.dumps(USERS))
    whole.write_roster(folder / "roster.zip")
    whole.write_staff(folder / "staff.csv")
    first = assess([folder], data=data, today=whole.TODAY)
    assert find_differences(first, {"leaver-account": LEAVERS}) == {}
    (load_id,) = [package["load"]["id"] for package in first["load"]["loaded"] if package["stream"] == "hr.staff"]
    run_homeroom("district", "authority", load_id, "--yes", data=data)
    whole.write_roster(folder / "roster.zip", without="p1")
    whole.write_staff(folder / "staff.csv", without="E2")
    later = assess([folder], data=data, today=whole.TODAY, options=["--approve"])
    assert find_differences(later, {"leaver-account": LEAVERS | {"g02", "g21"}}) == {}


@pytest.mark.parametrize("only", ["oneroster", "gam-users.csv", "cros.csv"])
def test_one_source_alone_accuses_nobody_of_having_left(only: str, tmp_path: Path) -> None:
    folder = small.write_exports(tmp_path / "exports")
    report = assess([folder / only], data=tmp_path / "data", today=small.TODAY)
    assert list_failing(report, "leaver-account") == []
    assert list_failing(report, "unknown-person") == []
    assert list_failing(report, "staff-second-factor") == []


def test_every_record_is_in_one_line_of_the_links(tmp_path: Path) -> None:
    folder, data, out = small.write_exports(tmp_path / "exports"), tmp_path / "data", tmp_path / "links.jsonl"
    assert run_homeroom("load", folder, data=data).returncode == 0
    assert run_homeroom("resolve", "--out", out, "--today", small.TODAY, data=data).returncode == 0
    links = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert {tuple(sorted(link)) for link in links} == {("id", "records")}
    people = [sorted(record["key"] for record in link["records"]) for link in links if link["id"].startswith("p-")]
    assert ["liamoon@s.d.test", "p3", "p3b"] in people
    assert ["fay.ito@d.test", "t6"] in people
    devices = [link for link in links if link["id"].startswith("d-")]
    assert len(devices) == len(small.CHROMEBOOKS)


def test_what_cannot_be_read_is_told_by_the_exit_code(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert run_homeroom("assess", tmp_path / "nowhere", "--json", data=data).returncode == 2
    write_text(tmp_path / "odd" / "x.csv", "foo,bar\r\n1,2\r\n")
    assert run_homeroom("assess", tmp_path / "odd", "--json", data=data).returncode == 1
    (tmp_path / "empty").mkdir()
    empty = run_homeroom("assess", tmp_path / "empty", "--json", data=data)
    assert empty.returncode == 1
    assert "a folder with exports in it" in empty.stdout


def test_two_districts_in_one_folder_never_mix(tmp_path: Path) -> None:
    data, folder = tmp_path / "data", small.write_exports(tmp_path / "exports")
    assess([folder], data=data, today=small.TODAY, options=["--district", "elm"])
    assert run_homeroom("assess", "--json", "--district", "oak", data=data).returncode == 2
    assert run_homeroom("district", "set", "Oak", "--district", "oak", data=data).returncode == 0
    assert run_homeroom("assess", "--json", data=data).returncode == 2
    oak = assess([], data=data, today=small.TODAY, options=["--district", "oak"])
    elm = assess([], data=data, today=small.TODAY, options=["--district", "elm"])
    assert {control["population"] for control in oak["controls"]} == {0}
    assert find_differences(elm, small.EXPECTED) == {}
