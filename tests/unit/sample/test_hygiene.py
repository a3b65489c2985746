"""What the truth states of trust and passwords on premises is what the export says, judged by other code than wrote it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from tests.unit.sample.exports import Exports, Row, true, us_moment
from tests.unit.sample.judging import Subjects, one, subjects, working

pytestmark = pytest.mark.scale


def failing(district: Exports, control: str) -> Subjects:
    stated = district.truth["controls"][control]["failing"]
    found = subjects(stated)
    assert len(found) == len(stated), f"{control} states a subject twice"
    return found


def _stated(district: Exports, holds: Callable[[Row], bool], *, of: list[Row] | None = None) -> Subjects:
    accounts = working(district) if of is None else of
    return {one("activedirectory", account["ObjectGUID"]) for account in accounts if holds(account)}


def _set(account: Row) -> date:
    return us_moment(account["PasswordLastSet"]) or date.max


def _kept(account: Row) -> bool:
    return "OU=Service Accounts" in account["DistinguishedName"]


def _administers(account: Row) -> bool:
    return account["adminCount"] == "1"


HOLDS: dict[str, Callable[[Row], bool]] = {
    "des-only": lambda account: true(account["UseDESKeyOnly"]),
    "rights-of-older-account": lambda account: account["SIDHistory"].startswith("S-1-5-21-"),
    "unconstrained-delegation": lambda account: true(account["TrustedForDelegation"]),
    "person-with-service-name": lambda account: (
        "/" in account["ServicePrincipalNames"] and not _administers(account) and not _kept(account)
    ),
    "administrator-with-service-name": lambda account: (
        "/" in account["ServicePrincipalNames"] and _administers(account)
    ),
    "administrator-lent-on": lambda account: (
        _administers(account)
        and not true(account["AccountNotDelegated"])
        and "CN=Protected Users," not in account["MemberOf"]
    ),
    "admin-mark-left": lambda account: (
        _administers(account)
        and "Admins," not in account["MemberOf"]
        and "Backup Operators," not in account["MemberOf"]
    ),
    "temporary-account-ends": lambda account: (
        any(word in account["Title"] for word in ("Substitute", "Contract")) and not account["AccountExpirationDate"]
    ),
}


@pytest.mark.parametrize("control", HOLDS)
def test_what_an_account_is_trusted_with_is_stated(district: Exports, control: str) -> None:
    assert failing(district, control) == _stated(district, HOLDS[control])
    assert failing(district, control), "nothing planted"


def test_old_passwords_are_stated_a_day_after_a_year(district: Exports) -> None:
    year = district.today.replace(year=district.today.year - 1)
    old = _stated(district, lambda account: _administers(account) and _set(account) < year)
    assert failing(district, "administrator-password-age") == old
    services = _stated(
        district, lambda account: (_kept(account) or bool(account["ServicePrincipalNames"])) and _set(account) < year
    )
    assert failing(district, "service-password-age") == services
    assert any(_set(account) == year for account in working(district) if _administers(account)), "no near miss"


def test_keys_of_the_domain_are_stated_after_180_days(district: Exports) -> None:
    keys = [account for account in district.premises if account["SamAccountName"].startswith("krbtgt")]
    ages = {(district.today - _set(account)).days for account in keys}
    old = _stated(district, lambda account: (district.today - _set(account)).days > 180, of=keys)
    assert (failing(district, "directory-key-renewed"), ages) == (old, {180, 181})


def test_first_passwords_are_stated_of_people_who_work_here(district: Exports) -> None:
    stated = failing(district, "first-password-kept")
    before = district.today - timedelta(days=90)
    first = _stated(district, lambda account: _set(account) == us_moment(account["Created"]) and _set(account) < before)
    assert stated == first
    assert stated


def test_accounts_that_windows_makes_and_those_that_ran_out_are_stated(district: Exports) -> None:
    named = {account["SamAccountName"]: account for account in district.premises}
    guest, builtin = named["Guest"], named["Administrator"]
    assert bool(failing(district, "guest-enabled")) == true(guest["Enabled"])
    used = us_moment(builtin["LastLogonDate"])
    assert used
    assert bool(failing(district, "builtin-administrator-rests")) == ((district.today - used).days <= 30)
    ended = _stated(
        district, lambda account: (us_moment(account["AccountExpirationDate"]) or date.max) < district.today
    )
    assert failing(district, "account-past-its-end") == ended
    assert ended
