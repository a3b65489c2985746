"""The ground truth of cloud accounts agrees with the exports, as evaluated by independent code."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.unit.sample.exports import ExportRow, SampleExports, get_user_key, parse_flag
from tests.unit.sample.reference_evaluation import OwnerLookup, Subjects, build_subject, build_subjects, is_enabled

pytestmark = pytest.mark.scale

_STRONG = {"microsoftAuthenticatorPush", "softwareOneTimePasscode", "fido2SecurityKey"}


def _get_failing(district: SampleExports, control: str) -> Subjects:
    failing = build_subjects(district.truth["controls"][control]["failing"])
    assert failing, f"{control} has nothing planted"
    return failing


def _build_google_subjects(users: list[ExportRow]) -> Subjects:
    return {build_subject("google", get_user_key(user)) for user in users}


def _is_administrator(user: ExportRow) -> bool:
    return parse_flag(user["isAdmin"]) or parse_flag(user["isDelegatedAdmin"])


def test_second_factors_that_are_phones_or_can_be_phished_are_stated(district: SampleExports) -> None:
    registered = [row for row in district.registrations if row["isMfaRegistered"]]
    phones = {
        build_subject("microsoft", row["id"]) for row in registered if not _STRONG & set(row["methodsRegistered"])
    }
    assert _get_failing(district, "second-factor-not-phone") == phones
    soft = {
        build_subject("microsoft", row["id"])
        for row in registered
        if row["isAdmin"] and "fido2SecurityKey" not in row["methodsRegistered"]
    }
    assert _get_failing(district, "admin-phishing-resistant") == soft
    assert len(soft) < sum(row["isAdmin"] for row in registered), "no administrator has a key"


def test_closed_accounts_with_a_role_are_stated(district: SampleExports) -> None:
    closed = [user for user in district.users if not is_enabled(user) and _is_administrator(user)]
    assert _get_failing(district, "suspended-administrator") == _build_google_subjects(closed)


def test_young_students_who_are_asked_are_stated_and_older_ones_are_not(district: SampleExports) -> None:
    grades = {row["identifier"]: row["grades"] for row in district.roster_users if row["grades"]}
    prompted = [user for user in filter(is_enabled, district.users) if parse_flag(user["isEnforcedIn2Sv"])]
    prompted_by_grade = {
        grade: [u for u in prompted if grades.get(u.get("externalIds.0.value", "")) == grade]
        for grade in grades.values()
    }
    young = [user for grade in ("03", "04", "05") for user in prompted_by_grade[grade]]
    assert _get_failing(district, "young-students-not-asked") == _build_google_subjects(young)
    assert [user for grade in ("06", "07", "08") for user in prompted_by_grade[grade]], "no near miss"


def test_people_with_two_daily_accounts_are_stated(district: SampleExports) -> None:
    people = OwnerLookup(district)
    daily = [user for user in filter(is_enabled, district.users) if not _is_administrator(user)]
    numbered = [user for user in daily if user.get("externalIds.0.value", "").strip("0")]
    counted = Counter(user["externalIds.0.value"] for user in numbered)
    twice = [user for user in numbered if counted[user["externalIds.0.value"]] > 1]
    assert {people.get_owner_state(user)[0] for user in twice} == {"staff"}
    assert _get_failing(district, "one-account-a-person") == _build_google_subjects(twice)


def test_desks_among_the_staff_are_stated(district: SampleExports) -> None:
    desks = [user for user in district.users if user["primaryEmail"].startswith(("scanner-", "library-", "room-"))]
    misplaced = [user for user in desks if user["orgUnitPath"].startswith("/Staff/")]
    assert _get_failing(district, "service-account-apart") == _build_google_subjects(misplaced)
