"""The exports have the forms, names and habits of the systems that they claim to come from."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.unit.sample.exports import Exports, plain_serial, user_key

pytestmark = pytest.mark.scale


def test_no_two_records_of_a_source_share_a_key(district: Exports) -> None:
    keys = {
        "users": [user_key(user) for user in district.users],
        "chromebooks": [row["deviceId"] for row in district.chromebooks],
        "computers": [row["id"] for row in district.computers],
        "registrations": [row["id"] for row in district.registrations],
        "assets": [row["Asset Tag"] for row in district.assets],
        "employees": [row["Employee ID"] for row in district.employees],
        "roster": [row["sourcedId"] for row in district.roster_users],
        "enrollments": [row["sourcedId"] for row in district.roster("enrollments")],
        "classes": [row["sourcedId"] for row in district.roster("classes")],
    }
    for source, found in keys.items():
        assert found, source
        assert Counter(found).most_common(1)[0][1] == 1, source


def test_addresses_and_real_serials_are_given_once(district: Exports) -> None:
    emails = [user["primaryEmail"] for user in district.users]
    serials = [plain_serial(row["Serial"]) for row in district.assets if row["Category"] == "Chromebook"]
    assert len(set(emails)) == len(emails)
    assert len(set(serials)) == len(serials)


def test_the_roster_is_referentially_complete(district: Exports) -> None:
    orgs = {row["sourcedId"] for row in district.roster("orgs")}
    courses = {row["sourcedId"] for row in district.roster("courses")}
    classes = {row["sourcedId"] for row in district.roster("classes")}
    users = {row["sourcedId"] for row in district.roster_users}
    assert {row["courseSourcedId"] for row in district.roster("classes")} <= courses
    assert {row["schoolSourcedId"] for row in district.roster("classes")} <= orgs
    for row in district.roster("enrollments"):
        assert row["classSourcedId"] in classes
        assert row["userSourcedId"] in users
    for row in district.roster_users:
        assert {key for key in row["agentSourcedIds"].split(",") if key} <= users


def test_the_manifest_says_the_version_whose_headers_the_files_have(district: Exports) -> None:
    stated = {row["propertyName"]: row["value"] for row in district.roster("manifest")}
    newer = "role" not in district.roster_users[0]
    assert stated["oneroster.version"] == ("1.2" if newer else "1.1")
    assert stated.get("file.roles") == ("bulk" if newer else None)
    assert stated["file.users"] == "bulk"
    if newer:
        assert {row["userSourcedId"] for row in district.roster("roles")} == {
            row["sourcedId"] for row in district.roster_users
        }


def test_some_passwords_stand_in_the_roster_so_that_dropping_them_can_be_seen(district: Exports) -> None:
    passwords = [row["password"] for row in district.roster_users if row["password"]]
    assert 0.1 < len(passwords) / len(district.roster_users) < 0.5


def test_pages_lead_to_the_next_and_the_last_to_none(district: Exports) -> None:
    for stem in ("managedDevices", "userRegistrationDetails"):
        pages = district.pages("microsoft", stem)
        assert all("@odata.nextLink" in page for page in pages[:-1])
        assert "@odata.nextLink" not in pages[-1]
    for stem in ("users", "chromeosdevices"):
        pages = district.pages("google", stem)
        assert all("nextPageToken" in page for page in pages[:-1])
        assert all("nextPageToken" not in page for page in pages[-1:])


def test_the_one_unit_export_is_a_part_of_the_whole_and_says_the_same(district: Exports) -> None:
    part = district.csv("google/one-unit/users.csv")
    whole = {user_key(user): user for user in district.users}
    units = {row["orgUnitPath"] for row in part}
    assert len(units) == 1
    assert 10 < len(part) < len(whole) / 2
    for row in part:
        same = whole[user_key(row)]
        for name in ("primaryEmail", "suspended", "archived", "isEnrolledIn2Sv", "creationTime"):
            assert row[name] == same[name]
    assert {user_key(user) for user in district.users if user["orgUnitPath"] in units} == {
        user_key(row) for row in part
    }


def test_the_asset_list_is_escaped_and_typed_by_hand(district: Exports) -> None:
    raw = (district.folder / "snipeit" / "assets.csv").read_text(encoding="utf-8")
    assert "&amp;" in raw
    typed = [row["Serial"] for row in district.assets if row["Category"] == "Chromebook"]
    assert any(serial != plain_serial(serial) for serial in typed)
    known = {row["serialNumber"] for row in district.chromebooks}
    assert sum(plain_serial(serial) in known for serial in typed) > 0.9 * len(typed)


def test_filler_serials_and_numbers_are_shared(district: Exports) -> None:
    serials = Counter(device["serialNumber"] for device in district.computers)
    assert serials["To Be Filled By O.E.M."] >= 2
    numbers = Counter(user.get("externalIds.0.value", "") for user in district.users)
    assert numbers["000000"] >= 2
    assert sum(row["Serial"] == "" for row in district.assets) >= 3


def test_names_that_programs_swallow_are_there(district: Exports) -> None:
    written = {name for row in district.roster_users for name in (row["givenName"], row["familyName"])}
    assert {"Null", "None", "NA", "True", "X"} <= written
    for mark in ("'", "-", " ", "é", "ñ"):
        assert any(mark in name for name in written), mark


def test_every_address_lies_in_a_domain_that_cannot_exist(district: Exports) -> None:
    text = (district.folder / "hr" / "staff.csv").read_text(encoding="utf-8-sig")
    found = re.findall(r"[\w.'+-]+@[\w.-]+", text + "".join(user["primaryEmail"] + "\n" for user in district.users))
    assert found
    assert all(address.lower().endswith(".example") for address in found)
