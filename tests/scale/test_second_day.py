"""The morning after: what the next day's exports open and close, and what they never may."""

from __future__ import annotations

import csv
import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.domain.protect.control_states import MemberVisibility
from homeroom.domain.protect.findings import classify_visibility
from tests.scale.driven_district import DrivenDistrict, Record, generate_sample

FIRST, SECOND = "2026-01-06", "2026-01-07"
StaffRow = dict[str, str]
pytestmark = pytest.mark.scale


@dataclass(kw_only=True)
class AfterFirstDay:
    """A district after its first day, its folder of exports, and the changes expected on the second day."""

    district: DrivenDistrict
    exports: Path
    truth: dict[str, Any]
    open_before: set[tuple[str, frozenset[Record]]]
    closed_overnight: dict[tuple[str, frozenset[Record]], str]
    """Members that close because a night has passed, with the same exports: a near date is now past."""

    def list_failing(self, control: str) -> list[frozenset[Record]]:
        """Return the planted subjects of one control."""
        return [_build_record_set(subject) for subject in self.truth["controls"][control]["failing"]]

    def pick_employees(self, count: int, *, only_control: str = "") -> list[frozenset[Record]]:
        """Return people that only the staff list and the directories carry and that fail nothing yet.

        With `only_control`, they may fail other controls.
        """
        failing_records = set().union(
            *(records for control, records in self.open_before if only_control in ("", control))
        )
        people = [_build_record_set(person) for person in self.truth["people"]]
        candidates = [
            person
            for person in people
            if sorted(source for source, _ in person if source != "microsoft") == ["activedirectory", "google", "hr"]
            and not person & failing_records
        ]
        staff = _read_rows(self.exports / "hr" / "staff.csv")
        employed = {row["Employee ID"] for row in staff if row["Employment Type"] in ("Full Time", "Part Time")}
        users = _read_rows(self.exports / "google" / "users.csv")
        enabled = {row["id"] for row in users if row["suspended"] == row["archived"] == "False"}
        chosen = [
            person
            for person in candidates
            if _get_key(person, "google") in enabled and _get_key(person, "hr") in employed
        ][:count]
        assert len(chosen) == count
        return chosen


@pytest.fixture(scope="module")
def first_day(tmp_path_factory: pytest.TempPathFactory) -> AfterFirstDay:
    """Return a first day without the export of one unit; no test writes into it."""
    folder = tmp_path_factory.mktemp("first")
    truth = generate_sample(folder / "exports", students=700, seed=1, data=folder / "unused")
    assert truth["today"] == FIRST
    shutil.rmtree(folder / "exports" / "google" / "one-unit")
    district = DrivenDistrict(data=folder / "data")
    district.assess(folder / "exports", today=FIRST)
    before = district.list_open()
    shutil.copytree(folder / "data", folder / "night")
    night = DrivenDistrict(data=folder / "night")
    night.assess(folder / "exports", today=SECOND)
    return AfterFirstDay(
        district=district,
        exports=folder / "exports",
        truth=truth,
        open_before=before,
        closed_overnight=night.list_closed(),
    )


@pytest.fixture
def morning(first_day: AfterFirstDay, tmp_path: Path) -> AfterFirstDay:
    """Return a copy of the first day that a test may change."""
    shutil.copytree(first_day.district.data, tmp_path / "data")
    shutil.copytree(first_day.exports, tmp_path / "exports")
    district = DrivenDistrict(data=tmp_path / "data")
    return AfterFirstDay(
        district=district,
        exports=tmp_path / "exports",
        truth=first_day.truth,
        open_before=district.list_open(),
        closed_overnight=first_day.closed_overnight,
    )


def test_who_is_on_the_staff_list_no_more_has_left_and_nobody_else_has(morning: AfterFirstDay) -> None:
    leavers = morning.pick_employees(2)
    _remove_rows(morning.exports / "hr" / "staff.csv", "Employee ID", {_get_key(person, "hr") for person in leavers})
    failing = morning.district.assess(morning.exports, today=SECOND)
    accounts = _build_account_records(leavers)
    assert len(accounts) == 4  # of each, one at Google and one on premises
    assert failing["leaver-account"] == {*morning.list_failing("leaver-account"), *accounts}
    assert morning.district.list_closed() == morning.closed_overnight


def test_a_second_factor_and_a_retired_device_close_and_nothing_else_does(morning: AfterFirstDay) -> None:
    person, device = _find_without_second_factor(morning), _find_expired(morning)
    _change_row(morning.exports / "google" / "users.csv", "id", _get_key(person, "google"), isEnrolledIn2Sv="True")
    _change_row(
        morning.exports / "google" / "chromeosdevices.csv",
        "deviceId",
        _get_key(device, "google"),
        status="DEPROVISIONED",
    )
    _change_row(morning.exports / "snipeit" / "assets.csv", "Asset Tag", _get_key(device, "snipeit"), Status="Retired")
    morning.district.assess(morning.exports, today=SECOND)
    closed = morning.district.list_closed()
    assert closed["staff-second-factor", person] == "fixed"
    assert closed["chromeos-expired", device] == "fixed"  # its remedy is to deprovision it
    assert {records for _, records in closed.keys() - morning.closed_overnight.keys()} == {person, device}
    assert morning.closed_overnight.items() <= closed.items()


def test_an_export_of_one_unit_closes_nothing(morning: AfterFirstDay) -> None:
    users = morning.exports / "google" / "users.csv"
    unit = next(row["orgUnitPath"] for row in _read_rows(users) if row["orgUnitPath"].startswith("/Students/"))
    part = morning.exports.parent / "part" / "users.csv"
    part.parent.mkdir()
    _write_rows(part, [row for row in _read_rows(users) if row["orgUnitPath"] == unit])
    failing_keys = {key for control, records in morning.open_before for source, key in records if source == "google"}
    assert failing_keys - {row["id"] for row in _read_rows(part)}, "everybody who fails is in the unit"
    morning.district.assess(part, today=SECOND)
    assert [load["scope"] for load in morning.district.list_loads("google.users")] == ["/", f"unit:{unit}"]
    assert morning.district.list_closed() == morning.closed_overnight
    assert morning.open_before - morning.closed_overnight.keys() <= morning.district.list_open()
    assert all(member.not_seen_since is None for member in morning.district.list_members())


def test_taking_a_staff_list_back_takes_back_who_left(morning: AfterFirstDay) -> None:
    leavers = morning.pick_employees(2)
    _remove_rows(morning.exports / "hr" / "staff.csv", "Employee ID", {_get_key(person, "hr") for person in leavers})
    morning.district.assess(morning.exports / "hr", today=SECOND)
    assert morning.district.list_open() > morning.open_before - morning.closed_overnight.keys()
    first, second = morning.district.list_loads("hr.staff")
    morning.district.decide("undo", second["id"])
    failing = morning.district.assess(today=SECOND)
    assert failing["leaver-account"] == set(morning.list_failing("leaver-account"))
    assert _select_leavers(morning.district.list_open()) == _select_leavers(morning.open_before)
    assert [load["state"] for load in morning.district.list_loads("hr.staff")] == ["stands", "undone"]
    assert first["rows"]["kept"] == second["rows"]["kept"] + 2


def test_taking_a_fix_back_opens_what_it_had_closed(morning: AfterFirstDay) -> None:
    person = _find_without_second_factor(morning)
    _change_row(morning.exports / "google" / "users.csv", "id", _get_key(person, "google"), isEnrolledIn2Sv="True")
    morning.district.assess(morning.exports / "google", today=SECOND)
    assert ("staff-second-factor", person) not in morning.district.list_open()
    morning.district.decide("undo", morning.district.list_loads("google.users")[-1]["id"])
    assert person in morning.district.assess(today=SECOND)["staff-second-factor"]
    assert ("staff-second-factor", person) in morning.district.list_open()


def test_a_staff_list_without_a_tenth_of_its_people_waits_for_a_person(morning: AfterFirstDay) -> None:
    path = morning.exports / "hr" / "staff.csv"
    leavers = morning.pick_employees(12, only_control="leaver-account")
    assert len(leavers) > 0.1 * len(_read_rows(path))
    _remove_rows(path, "Employee ID", {_get_key(person, "hr") for person in leavers})
    report = morning.district.load(morning.exports / "hr", today=SECOND)
    (load_id,) = report["held"]
    (package,) = report["loaded"]
    assert package["load"]["changes"]["person_records"]["removed"] == len(leavers)
    assert any(
        f"would remove {len(leavers)} of {len(_read_rows(path)) + len(leavers)} person records" in reason
        for reason in package["load"]["held_because"]
    )
    assert morning.district.assess(today=SECOND)["leaver-account"] == set(morning.list_failing("leaver-account"))
    morning.district.decide("approve", load_id)
    accounts = _build_account_records(leavers)
    assert morning.district.assess(today=SECOND)["leaver-account"] == {
        *morning.list_failing("leaver-account"),
        *accounts,
    }


def test_findings_of_a_source_that_is_missing_are_not_seen_and_then_stale(morning: AfterFirstDay) -> None:
    (only,) = morning.district.list_loads("google.chromeos")
    morning.district.decide("undo", only["id"])
    for control in ("chromeos-expired", "chromeos-developer-mode"):
        assert morning.district.assess(today=SECOND)[control] == frozenset()
    members = [
        member
        for member in morning.district.list_members()
        if member.control in ("chromeos-expired", "chromeos-developer-mode")
    ]
    assert len(members) == len(morning.list_failing("chromeos-expired")) + len(
        morning.list_failing("chromeos-developer-mode")
    )
    assert {(member.is_open, member.close_reason, member.not_seen_since) for member in members} == {(True, "", SECOND)}
    later = date.fromisoformat(SECOND) + timedelta(days=8)
    morning.district.assess(today=later.isoformat())
    expired_members = [member for member in morning.district.list_members() if member.control == "chromeos-expired"]
    assert {(member.is_open, member.not_seen_since) for member in expired_members} == {(True, SECOND)}
    since = date.fromisoformat(SECOND)
    assert classify_visibility(since, today=later - timedelta(days=1)) == MemberVisibility.NOT_SEEN
    assert classify_visibility(since, today=later) == MemberVisibility.STALE


def _find_without_second_factor(morning: AfterFirstDay) -> frozenset[Record]:
    """Return a failing member of staff who signs in to Google directly."""
    rows = {row["id"]: row for row in _read_rows(morning.exports / "google" / "users.csv")}
    facts = (morning.exports / "district.yaml").read_text(encoding="utf-8")
    unit = facts.split('unit: "')[1].split('"')[0]
    return next(
        person
        for person in morning.list_failing("staff-second-factor")
        if {source for source, _ in person} == {"google"}
        and not rows[_get_key(person, "google")]["orgUnitPath"].startswith(unit)
    )


def _find_expired(morning: AfterFirstDay) -> frozenset[Record]:
    """Return an expired Chromebook that fails nothing else."""
    open_records = [records for _, records in morning.open_before]
    expired_devices = [device for device in morning.list_failing("chromeos-expired") if len(device) == 2]
    return next(device for device in expired_devices if sum(1 for records in open_records if records & device) == 1)


def _build_account_records(people: list[frozenset[Record]]) -> set[frozenset[Record]]:
    """Return the people's accounts at Google and on premises."""
    return {frozenset({(name, _get_key(person, name))}) for person in people for name in ("google", "activedirectory")}


def _select_leavers(members: set[tuple[str, frozenset[Record]]]) -> set[frozenset[Record]]:
    return {records for control, records in members if control == "leaver-account"}


def _build_record_set(subject: list[dict[str, str]]) -> frozenset[Record]:
    return frozenset((record["source"], record["key"]) for record in subject)


def _get_key(records: frozenset[Record], source: str) -> str:
    return next(key for name, key in sorted(records) if name == source)


def _read_rows(path: Path) -> list[StaffRow]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _write_rows(path: Path, rows: list[StaffRow]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _remove_rows(path: Path, column: str, keys: set[str]) -> None:
    rows = _read_rows(path)
    remaining = [row for row in rows if row[column] not in keys]
    assert len(remaining) == len(rows) - len(keys)
    _write_rows(path, remaining)


def _change_row(path: Path, column: str, key: str, **values: str) -> None:
    rows = _read_rows(path)
    (row,) = [row for row in rows if row[column] == key]
    row.update(values)
    _write_rows(path, rows)
