"""The exports have the formats, names and quirks of the systems that they claim to come from."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.unit.sample.exports import SampleExports, get_user_key, normalize_serial

pytestmark = pytest.mark.scale


def test_no_two_records_of_a_source_share_a_key(district: SampleExports) -> None:
    keys = {
        "users": [get_user_key(user) for user in district.users],
        "chromebooks": [row["deviceId"] for row in district.chromebooks],
        "computers": [row["id"] for row in district.computers],
        "registrations": [row["id"] for row in district.registrations],
        "assets": [row["Asset Tag"] for row in district.assets],
        "employees": [row["Employee ID"] for row in district.employees],
        "roster": [row["sourcedId"] for row in district.roster_users],
        "enrollments": [row["sourcedId"] for row in district.read_roster("enrollments")],
        "classes": [row["sourcedId"] for row in district.read_roster("classes")],
    }
    for source, values in keys.items():
        assert values, source
        assert Counter(values).most_common(1)[0][1] == 1, source


def test_addresses_and_real_serials_are_given_once(district: SampleExports) -> None:
    emails = [user["primaryEmail"] for user in district.users]
    serials = [normalize_serial(row["Serial"]) for row in district.assets if row["Category"] == "Chromebook"]
    assert len(set(emails)) == len(emails)
    assert len(set(serials)) == len(serials)


def test_the_roster_is_referentially_complete(district: SampleExports) -> None:
    orgs = {row["sourcedId"] for row in district.read_roster("orgs")}
    courses = {row["sourcedId"] for row in district.read_roster("courses")}
    classes = {row["sourcedId"] for row in district.read_roster("classes")}
    users = {row["sourcedId"] for row in district.roster_users}
    assert {row["courseSourcedId"] for row in district.read_roster("classes")} <= courses
    assert {row["schoolSourcedId"] for row in district.read_roster("classes")} <= orgs
    for row in district.read_roster("enrollments"):
        assert row["classSourcedId"] in classes
        assert row["userSourcedId"] in users
    for row in district.roster_users:
        assert {key for key in row["agentSourcedIds"].split(",") if key} <= users


def test_the_manifest_says_the_version_whose_headers_the_files_have(district: SampleExports) -> None:
    stated = {row["propertyName"]: row["value"] for row in district.read_roster("manifest")}
    newer = "role" not in district.roster_users[0]
    assert stated["oneroster.version"] == ("1.2" if newer else "1.1")
    assert stated.get("file.roles") == ("bulk" if newer else None)
    assert stated["file.users"] == "bulk"
    if newer:
        assert {row["userSourcedId"] for row in district.read_roster("roles")} == {
            row["sourcedId"] for row in district.roster_users
        }


def test_some_passwords_stand_in_the_roster_so_that_dropping_them_can_be_seen(district: SampleExports) -> None:
    passwords = [row["password"] for row in district.roster_users if row["password"]]
    assert 0.1 < len(passwords) / len(district.roster_users) < 0.5


def test_pages_lead_to_the_next_and_the_last_to_none(district: SampleExports) -> None:
    for stem in ("managedDevices", "userRegistrationDetails"):
        pages = district.read_pages("microsoft", stem)
        assert all("@odata.nextLink" in page for page in pages[:-1])
        assert "@odata.nextLink" not in pages[-1]
    for stem in ("users", "chromeosdevices"):
        pages = district.read_pages("google", stem)
        assert all("nextPageToken" in page for page in pages[:-1])
        assert all("nextPageToken" not in page for page in pages[-1:])


def test_the_one_unit_export_is_a_part_of_the_whole_and_says_the_same(district: SampleExports) -> None:
    part = district.read_csv("google/one-unit/users.csv")
    all_users = {get_user_key(user): user for user in district.users}
    units = {row["orgUnitPath"] for row in part}
    assert len(units) == 1
    assert 10 < len(part) < len(all_users) / 2
    for row in part:
        user_in_full_export = all_users[get_user_key(row)]
        for name in ("primaryEmail", "suspended", "archived", "isEnrolledIn2Sv", "creationTime"):
            assert row[name] == user_in_full_export[name]
    assert {get_user_key(user) for user in district.users if user["orgUnitPath"] in units} == {
        get_user_key(row) for row in part
    }


def test_the_asset_list_is_escaped_and_typed_by_hand(district: SampleExports) -> None:
    raw = (district.folder / "snipeit" / "assets.csv").read_text(encoding="utf-8")
    assert "&amp;" in raw
    typed = [row["Serial"] for row in district.assets if row["Category"] == "Chromebook"]
    assert any(serial != normalize_serial(serial) for serial in typed)
    chromebook_serials = {row["serialNumber"] for row in district.chromebooks}
    assert sum(normalize_serial(serial) in chromebook_serials for serial in typed) > 0.9 * len(typed)


def test_filler_serials_and_numbers_are_shared(district: SampleExports) -> None:
    serials = Counter(device["serialNumber"] for device in district.computers)
    assert serials["To Be Filled By O.E.M."] >= 2
    numbers = Counter(user.get("externalIds.0.value", "") for user in district.users)
    assert numbers["000000"] >= 2
    assert sum(row["Serial"] == "" for row in district.assets) >= 3


def test_names_that_programs_swallow_are_there(district: SampleExports) -> None:
    names = {name for row in district.roster_users for name in (row["givenName"], row["familyName"])}
    assert {"Null", "None", "NA", "True", "X"} <= names
    for mark in ("'", "-", " ", "é", "ñ"):
        assert any(mark in name for name in names), mark


def test_every_address_lies_in_a_domain_that_cannot_exist(district: SampleExports) -> None:
    text = (district.folder / "hr" / "staff.csv").read_text(encoding="utf-8-sig")
    addresses = re.findall(r"[\w.'+-]+@[\w.-]+", text + "".join(user["primaryEmail"] + "\n" for user in district.users))
    assert addresses
    assert all(address.lower().endswith(".example") for address in addresses)
