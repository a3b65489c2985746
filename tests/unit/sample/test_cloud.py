"""What the truth states of accounts in the cloud is what the exports say, judged by other code than wrote it."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.unit.sample.exports import Exports, Row, true, user_key
from tests.unit.sample.judging import People, Subjects, enabled, one, subjects

pytestmark = pytest.mark.scale

_STRONG = {"microsoftAuthenticatorPush", "softwareOneTimePasscode", "fido2SecurityKey"}


def _failing(district: Exports, control: str) -> Subjects:
    found = subjects(district.truth["controls"][control]["failing"])
    assert found, f"{control} has nothing planted"
    return found


def _at_google(users: list[Row]) -> Subjects:
    return {one("google", user_key(user)) for user in users}


def _administers(user: Row) -> bool:
    return true(user["isAdmin"]) or true(user["isDelegatedAdmin"])


def test_second_factors_that_are_phones_or_can_be_phished_are_stated(district: Exports) -> None:
    registered = [row for row in district.registrations if row["isMfaRegistered"]]
    phones = {one("microsoft", row["id"]) for row in registered if not _STRONG & set(row["methodsRegistered"])}
    assert _failing(district, "second-factor-not-phone") == phones
    soft = {
        one("microsoft", row["id"])
        for row in registered
        if row["isAdmin"] and "fido2SecurityKey" not in row["methodsRegistered"]
    }
    assert _failing(district, "admin-phishing-resistant") == soft
    assert len(soft) < sum(row["isAdmin"] for row in registered), "no administrator has a key"


def test_closed_accounts_with_a_role_are_stated(district: Exports) -> None:
    closed = [user for user in district.users if not enabled(user) and _administers(user)]
    assert _failing(district, "suspended-administrator") == _at_google(closed)


def test_young_pupils_who_are_asked_are_stated_and_older_ones_are_not(district: Exports) -> None:
    grades = {row["identifier"]: row["grades"] for row in district.roster_users if row["grades"]}
    asked = [user for user in filter(enabled, district.users) if true(user["isEnforcedIn2Sv"])]
    of = {
        grade: [u for u in asked if grades.get(u.get("externalIds.0.value", "")) == grade] for grade in grades.values()
    }
    young = [user for grade in ("03", "04", "05") for user in of[grade]]
    assert _failing(district, "young-pupils-not-asked") == _at_google(young)
    assert [user for grade in ("06", "07", "08") for user in of[grade]], "no near miss"


def test_people_with_two_daily_accounts_are_stated(district: Exports) -> None:
    people = People(district)
    daily = [user for user in filter(enabled, district.users) if not _administers(user)]
    numbered = [user for user in daily if user.get("externalIds.0.value", "").strip("0")]
    counted = Counter(user["externalIds.0.value"] for user in numbered)
    twice = [user for user in numbered if counted[user["externalIds.0.value"]] > 1]
    assert {people.state(user)[0] for user in twice} == {"staff"}
    assert _failing(district, "one-account-a-person") == _at_google(twice)


def test_desks_among_the_staff_are_stated(district: Exports) -> None:
    desks = [user for user in district.users if user["primaryEmail"].startswith(("scanner-", "library-", "room-"))]
    misplaced = [user for user in desks if user["orgUnitPath"].startswith("/Staff/")]
    assert _failing(district, "service-account-apart") == _at_google(misplaced)
