"""The morning after: what the next day's exports open and close, and what they never may."""

from __future__ import annotations

import csv
import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.domain.findings import attendance
from homeroom.domain.states import Attendance
from tests.scale.running import District, Record, sample

FIRST, SECOND = "2026-01-06", "2026-01-07"
Row = dict[str, str]
pytestmark = pytest.mark.scale


@dataclass(kw_only=True)
class Morning:
    """A district after its first day, the folder of its exports, and whom the second day befalls."""

    district: District
    exports: Path
    truth: dict[str, Any]
    before: set[tuple[str, frozenset[Record]]]
    night: dict[tuple[str, frozenset[Record]], str]
    """What closes because a night has passed, with the same exports: a date that was near is past."""

    def failing(self, control: str) -> list[frozenset[Record]]:
        """The planted subjects of one control."""
        return [_records(subject) for subject in self.truth["controls"][control]["failing"]]

    def employees(self, number: int, *, under: str = "") -> list[frozenset[Record]]:
        """People whom only the staff list and the directories carry, nobody of whom fails anything yet; or that control alone."""
        guilty = set().union(*(records for control, records in self.before if under in ("", control)))
        people = [_records(person) for person in self.truth["people"]]
        found = [
            person
            for person in people
            if sorted(source for source, _ in person if source != "microsoft") == ["activedirectory", "google", "hr"]
            and not person & guilty
        ]
        staff = _rows(self.exports / "hr" / "staff.csv")
        employed = {row["Employee ID"] for row in staff if row["Employment Type"] in ("Full Time", "Part Time")}
        users = _rows(self.exports / "google" / "users.csv")
        enabled = {row["id"] for row in users if row["suspended"] == row["archived"] == "False"}
        chosen = [person for person in found if _key(person, "google") in enabled and _key(person, "hr") in employed][
            :number
        ]
        assert len(chosen) == number
        return chosen


@pytest.fixture(scope="module")
def first_day(tmp_path_factory: pytest.TempPathFactory) -> Morning:
    """A first day without the export of one unit. Nobody writes into it."""
    folder = tmp_path_factory.mktemp("first")
    truth = sample(folder / "exports", students=900, seed=1, data=folder / "unused")
    assert truth["today"] == FIRST
    shutil.rmtree(folder / "exports" / "google" / "one-unit")
    district = District(data=folder / "data")
    district.assess(folder / "exports", today=FIRST)
    before = district.open()
    shutil.copytree(folder / "data", folder / "night")
    night = District(data=folder / "night")
    night.assess(folder / "exports", today=SECOND)
    return Morning(district=district, exports=folder / "exports", truth=truth, before=before, night=night.closed())


@pytest.fixture
def morning(first_day: Morning, tmp_path: Path) -> Morning:
    """A copy of the first day that a test may go on with."""
    shutil.copytree(first_day.district.data, tmp_path / "data")
    shutil.copytree(first_day.exports, tmp_path / "exports")
    district = District(data=tmp_path / "data")
    return Morning(
        district=district,
        exports=tmp_path / "exports",
        truth=first_day.truth,
        before=district.open(),
        night=first_day.night,
    )


def test_who_is_on_the_staff_list_no_more_has_left_and_nobody_else_has(morning: Morning) -> None:
    gone = morning.employees(2)
    _without(morning.exports / "hr" / "staff.csv", "Employee ID", {_key(person, "hr") for person in gone})
    failing = morning.district.assess(morning.exports, today=SECOND)
    accounts = _accounts(gone)
    assert len(accounts) == 4  # of each, one at Google and one on premises
    assert failing["leaver-account"] == {*morning.failing("leaver-account"), *accounts}
    assert morning.district.closed() == morning.night


def test_a_second_factor_and_a_retired_device_close_and_nothing_else_does(morning: Morning) -> None:
    person, device = _without_second_factor(morning), _expired(morning)
    _changed(morning.exports / "google" / "users.csv", "id", _key(person, "google"), isEnrolledIn2Sv="True")
    _changed(
        morning.exports / "google" / "chromeosdevices.csv", "deviceId", _key(device, "google"), status="DEPROVISIONED"
    )
    _changed(morning.exports / "snipeit" / "assets.csv", "Asset Tag", _key(device, "snipeit"), Status="Retired")
    morning.district.assess(morning.exports, today=SECOND)
    closed = morning.district.closed()
    assert closed["staff-second-factor", person] == "fixed"
    assert closed["chromeos-expired", device] == "no_longer_applies"
    assert {records for _, records in closed.keys() - morning.night.keys()} == {person, device}
    assert morning.night.items() <= closed.items()


def test_an_export_of_one_unit_closes_nothing(morning: Morning) -> None:
    users = morning.exports / "google" / "users.csv"
    unit = next(row["orgUnitPath"] for row in _rows(users) if row["orgUnitPath"].startswith("/Students/"))
    part = morning.exports.parent / "part" / "users.csv"
    part.parent.mkdir()
    _written(part, [row for row in _rows(users) if row["orgUnitPath"] == unit])
    others = {key for control, records in morning.before for source, key in records if source == "google"}
    assert others - {row["id"] for row in _rows(part)}, "everybody who fails is in the unit"
    morning.district.assess(part, today=SECOND)
    assert [load["scope"] for load in morning.district.loads("google.users")] == ["/", f"unit:{unit}"]
    assert morning.district.closed() == morning.night
    assert morning.before - morning.night.keys() <= morning.district.open()
    assert all(one.not_seen_since is None for one in morning.district.members())


def test_taking_a_staff_list_back_takes_back_who_left(morning: Morning) -> None:
    gone = morning.employees(2)
    _without(morning.exports / "hr" / "staff.csv", "Employee ID", {_key(person, "hr") for person in gone})
    morning.district.assess(morning.exports / "hr", today=SECOND)
    assert morning.district.open() > morning.before - morning.night.keys()
    first, second = morning.district.loads("hr.staff")
    morning.district.decide("undo", second["id"])
    failing = morning.district.assess(today=SECOND)
    assert failing["leaver-account"] == set(morning.failing("leaver-account"))
    assert _leavers(morning.district.open()) == _leavers(morning.before)
    assert [load["state"] for load in morning.district.loads("hr.staff")] == ["stands", "undone"]
    assert first["rows"]["kept"] == second["rows"]["kept"] + 2


def test_taking_a_fix_back_opens_what_it_had_closed(morning: Morning) -> None:
    person = _without_second_factor(morning)
    _changed(morning.exports / "google" / "users.csv", "id", _key(person, "google"), isEnrolledIn2Sv="True")
    morning.district.assess(morning.exports / "google", today=SECOND)
    assert ("staff-second-factor", person) not in morning.district.open()
    morning.district.decide("undo", morning.district.loads("google.users")[-1]["id"])
    assert person in morning.district.assess(today=SECOND)["staff-second-factor"]
    assert ("staff-second-factor", person) in morning.district.open()


def test_a_staff_list_without_a_tenth_of_its_people_waits_for_a_person(morning: Morning) -> None:
    path = morning.exports / "hr" / "staff.csv"
    gone = morning.employees(12, under="leaver-account")
    assert len(gone) > 0.1 * len(_rows(path))
    _without(path, "Employee ID", {_key(person, "hr") for person in gone})
    report = morning.district.load(morning.exports / "hr", today=SECOND)
    (held,) = report["held"]
    (one,) = report["loaded"]
    assert one["load"]["changes"]["person_records"]["removed"] == len(gone)
    assert any(
        f"{len(gone)} of {len(_rows(path)) + len(gone)} person records would go" in why
        for why in one["load"]["held_because"]
    )
    assert morning.district.assess(today=SECOND)["leaver-account"] == set(morning.failing("leaver-account"))
    morning.district.decide("approve", held)
    accounts = _accounts(gone)
    assert morning.district.assess(today=SECOND)["leaver-account"] == {*morning.failing("leaver-account"), *accounts}


def test_findings_of_a_source_that_is_missing_are_not_seen_and_then_stale(morning: Morning) -> None:
    (only,) = morning.district.loads("google.chromeos")
    morning.district.decide("undo", only["id"])
    for control in ("chromeos-expired", "chromeos-developer-mode"):
        assert morning.district.assess(today=SECOND)[control] == frozenset()
    members = [
        one for one in morning.district.members() if one.control in ("chromeos-expired", "chromeos-developer-mode")
    ]
    assert len(members) == len(morning.failing("chromeos-expired")) + len(morning.failing("chromeos-developer-mode"))
    assert {(one.open, one.why, one.not_seen_since) for one in members} == {(True, "", SECOND)}
    later = date.fromisoformat(SECOND) + timedelta(days=8)
    morning.district.assess(today=later.isoformat())
    kept = [one for one in morning.district.members() if one.control == "chromeos-expired"]
    assert {(one.open, one.not_seen_since) for one in kept} == {(True, SECOND)}
    since = date.fromisoformat(SECOND)
    assert attendance(since, today=later - timedelta(days=1)) == Attendance.NOT_SEEN
    assert attendance(since, today=later) == Attendance.STALE


def _without_second_factor(morning: Morning) -> frozenset[Record]:
    """A failing member of staff whom Google itself signs in."""
    rows = {row["id"]: row for row in _rows(morning.exports / "google" / "users.csv")}
    facts = (morning.exports / "district.yaml").read_text(encoding="utf-8")
    unit = facts.split('unit: "')[1].split('"')[0]
    return next(
        person
        for person in morning.failing("staff-second-factor")
        if {source for source, _ in person} == {"google"}
        and not rows[_key(person, "google")]["orgUnitPath"].startswith(unit)
    )


def _expired(morning: Morning) -> frozenset[Record]:
    """An expired Chromebook that fails nothing else."""
    alone = [records for _, records in morning.before]
    found = [device for device in morning.failing("chromeos-expired") if len(device) == 2]
    return next(device for device in found if sum(1 for records in alone if records & device) == 1)


def _accounts(people: list[frozenset[Record]]) -> set[frozenset[Record]]:
    """Their accounts at Google and on premises."""
    return {frozenset({(name, _key(person, name))}) for person in people for name in ("google", "activedirectory")}


def _leavers(members: set[tuple[str, frozenset[Record]]]) -> set[frozenset[Record]]:
    return {records for control, records in members if control == "leaver-account"}


def _records(subject: list[dict[str, str]]) -> frozenset[Record]:
    return frozenset((record["source"], record["key"]) for record in subject)


def _key(records: frozenset[Record], source: str) -> str:
    return next(key for name, key in sorted(records) if name == source)


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _written(path: Path, rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _without(path: Path, column: str, keys: set[str]) -> None:
    rows = _rows(path)
    kept = [row for row in rows if row[column] not in keys]
    assert len(kept) == len(rows) - len(keys)
    _written(path, kept)


def _changed(path: Path, column: str, key: str, **values: str) -> None:
    rows = _rows(path)
    (row,) = [row for row in rows if row[column] == key]
    row.update(values)
    _written(path, rows)
