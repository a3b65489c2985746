"""Each named kind of look-alike is in the sample, and none of them fails the control that it resembles."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.sample.exports import SampleExports, get_user_key, parse_google_date
from tests.unit.sample.reference_evaluation import build_subjects

pytestmark = pytest.mark.scale

NAMED = (
    "substitute",
    "coach",
    "contractor",
    "board",
    "parent",
    "staff-parent",
    "twin",
    "same-name",
    "federated-sign-in",
    "spare-cart",
    "moved-school",
    "one-unit-export",
    "service-account",
    "family-email",
    "odd-name",
    "renamed",
    "junk-number",
    "on-leave",
    "ends-soon",
    "suspended-leaver",
    "extended-support",
    "windows-10-esu",
    "deprovisioned",
    "unmanaged-but-resting",
    "not-a-computer",
    "student-laptop",
    "desktop-not-encrypted",
    "windows-11-old",
    "windows-11-ltsc",
    "edition-does-not-matter",
    "retired-windows-11",
    "it-account",
    "archiver-mended",
    "disabled-on-premises",
    "closed-on-premises",
    "service-on-premises",
    "guest",
    "resting-not-filtered",
    "managed-by-ssh",
    "nothing-open",
    "remote-desktop-inside",
    "critical-not-exploited",
)
BREAKS = {"winter-break", "spring-break", "summer-break"}


def test_every_named_look_alike_is_there(district: SampleExports) -> None:
    names = {entry["name"] for entry in district.truth["look_alikes"] if entry["records"]}
    assert set(NAMED) <= names
    assert names & BREAKS


def test_no_look_alike_fails_the_control_that_it_tempts(district: SampleExports) -> None:
    for entry in district.truth["look_alikes"]:
        control = district.truth["controls"][entry["control"]]
        guilty = {record for subject in build_subjects(control["failing"]) for record in subject}
        for record in entry["records"]:
            assert (record["source"], record["key"]) not in guilty, entry["name"]


def test_after_winter_break_devices_have_been_silent_for_over_thirty_days_and_are_innocent(
    district: SampleExports,
) -> None:
    if district.today.month != 1:
        assert "winter-break" not in {
            entry["name"] for entry in district.truth["look_alikes"] if entry["control"] == "chromeos-silent"
        }
        return
    entry = next(
        entry
        for entry in district.truth["look_alikes"]
        if (entry["name"], entry["control"]) == ("winter-break", "chromeos-silent")
    )
    keys = {record["key"] for record in entry["records"] if record["source"] == "google"}
    rows = [row for row in district.chromebooks if row["deviceId"] in keys]
    assert len(rows) >= 3
    for row in rows:
        last = parse_google_date(row["lastSync"])
        assert last
        assert last < district.today - timedelta(days=30)
        assert district.count_school_days_since(last) < 15


def test_a_federated_account_has_no_second_factor_at_google_and_one_at_microsoft(district: SampleExports) -> None:
    entry = next(entry for entry in district.truth["look_alikes"] if entry["name"] == "federated-sign-in")
    registered = {row["userPrincipalName"] for row in district.registrations if row["isMfaRegistered"]}
    users = {get_user_key(user): user for user in district.users}
    for record in entry["records"]:
        user = users[record["key"]]
        assert user["isEnrolledIn2Sv"] == "False"
        assert {user["primaryEmail"], user.get("aliases.0")} & registered


def test_twins_share_name_birthday_grade_and_school_but_no_id(district: SampleExports) -> None:
    birth_dates = {row["sourcedId"]: row["birthDate"] for row in district.read_roster("demographics")}
    school = "orgSourcedIds" if "orgSourcedIds" in district.roster_users[0] else "primaryOrgSourcedId"
    groups: dict[tuple[str, ...], set[str]] = {}
    numbers = {}
    for row in district.roster_users:
        if row["grades"]:
            numbers[row["identifier"]] = row["sourcedId"]
            twin_key = (row["familyName"], birth_dates[row["sourcedId"]], row["grades"], row[school])
            groups.setdefault(twin_key, set()).add(row["identifier"])
    entry = next(entry for entry in district.truth["look_alikes"] if entry["name"] == "twin")
    users = {get_user_key(user): user for user in district.users}
    twins = {users[record["key"]]["externalIds.0.value"] for record in entry["records"]}
    assert all(any(twin in group and len(group) > 1 for group in groups.values()) for twin in twins)


def test_a_familys_address_is_shared_by_children_who_are_two_people(district: SampleExports) -> None:
    entry = next(entry for entry in district.truth["look_alikes"] if entry["name"] == "family-email")
    keys = {record["key"] for record in entry["records"]}
    rows = [row for row in district.roster_users if row["sourcedId"] in keys]
    emails = [row["email"] for row in rows]
    assert len(set(emails)) * 2 == len(emails)
    assert len({row["identifier"] for row in rows}) == len(rows)
    clusters = build_subjects(district.truth["people"])
    assert all(frozenset({("oneroster", key)}) in clusters for key in keys)
