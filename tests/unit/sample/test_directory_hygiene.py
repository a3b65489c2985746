"""The ground truth of delegation and passwords on premises agrees with the export, as evaluated by independent code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from tests.unit.sample.exports import ExportRow, SampleExports, parse_flag, parse_us_datetime
from tests.unit.sample.reference_evaluation import (
    Subjects,
    build_subject,
    build_subjects,
    list_enabled_directory_accounts,
)

pytestmark = pytest.mark.scale


def get_failing(district: SampleExports, control: str) -> Subjects:
    truth_lists = district.truth["controls"][control]["failing"]
    failing_subjects = build_subjects(truth_lists)
    assert len(failing_subjects) == len(truth_lists), f"{control} states a subject twice"
    return failing_subjects


def _find_accounts(
    district: SampleExports, holds: Callable[[ExportRow], bool], *, candidates: list[ExportRow] | None = None
) -> Subjects:
    accounts = list_enabled_directory_accounts(district) if candidates is None else candidates
    return {build_subject("activedirectory", account["ObjectGUID"]) for account in accounts if holds(account)}


def _get_password_day(account: ExportRow) -> date:
    return parse_us_datetime(account["PasswordLastSet"]) or date.max


def _is_service_account(account: ExportRow) -> bool:
    return "OU=Service Accounts" in account["DistinguishedName"]


def _is_administrator(account: ExportRow) -> bool:
    return account["adminCount"] == "1"


CONDITIONS: dict[str, Callable[[ExportRow], bool]] = {
    "des-only": lambda account: parse_flag(account["UseDESKeyOnly"]),
    "rights-of-older-account": lambda account: account["SIDHistory"].startswith("S-1-5-21-"),
    "unconstrained-delegation": lambda account: parse_flag(account["TrustedForDelegation"]),
    "person-with-service-name": lambda account: (
        "/" in account["ServicePrincipalNames"] and not _is_administrator(account) and not _is_service_account(account)
    ),
    "administrator-with-service-name": lambda account: (
        "/" in account["ServicePrincipalNames"] and _is_administrator(account)
    ),
    "administrator-lent-on": lambda account: (
        _is_administrator(account)
        and not parse_flag(account["AccountNotDelegated"])
        and "CN=Protected Users," not in account["MemberOf"]
    ),
    "admin-mark-left": lambda account: (
        _is_administrator(account)
        and "Admins," not in account["MemberOf"]
        and "Backup Operators," not in account["MemberOf"]
    ),
    "temporary-account-ends": lambda account: (
        any(word in account["Title"] for word in ("Substitute", "Contract")) and not account["AccountExpirationDate"]
    ),
}


@pytest.mark.parametrize("control", CONDITIONS)
def test_what_an_account_is_trusted_with_is_stated(district: SampleExports, control: str) -> None:
    assert get_failing(district, control) == _find_accounts(district, CONDITIONS[control])
    assert get_failing(district, control), "nothing planted"


def test_old_passwords_are_stated_a_day_after_a_year(district: SampleExports) -> None:
    year = district.today.replace(year=district.today.year - 1)
    old = _find_accounts(district, lambda account: _is_administrator(account) and _get_password_day(account) < year)
    assert get_failing(district, "administrator-password-age") == old
    services = _find_accounts(
        district,
        lambda account: (
            (_is_service_account(account) or bool(account["ServicePrincipalNames"]))
            and _get_password_day(account) < year
        ),
    )
    assert get_failing(district, "service-password-age") == services
    assert any(
        _get_password_day(account) == year
        for account in list_enabled_directory_accounts(district)
        if _is_administrator(account)
    ), "no near miss"


def test_keys_of_the_domain_are_stated_after_180_days(district: SampleExports) -> None:
    keys = [account for account in district.directory_accounts if account["SamAccountName"].startswith("krbtgt")]
    ages = {(district.today - _get_password_day(account)).days for account in keys}
    old = _find_accounts(
        district, lambda account: (district.today - _get_password_day(account)).days > 180, candidates=keys
    )
    assert (get_failing(district, "directory-key-renewed"), ages) == (old, {180, 181})


def test_first_passwords_are_stated_of_people_who_work_here(district: SampleExports) -> None:
    expected = get_failing(district, "first-password-kept")
    before = district.today - timedelta(days=90)
    first = _find_accounts(
        district,
        lambda account: (
            _get_password_day(account) == parse_us_datetime(account["Created"]) and _get_password_day(account) < before
        ),
    )
    assert expected == first
    assert expected


def test_accounts_that_windows_makes_and_those_that_ran_out_are_stated(district: SampleExports) -> None:
    accounts_by_name = {account["SamAccountName"]: account for account in district.directory_accounts}
    guest, builtin = accounts_by_name["Guest"], accounts_by_name["Administrator"]
    assert bool(get_failing(district, "guest-enabled")) == parse_flag(guest["Enabled"])
    used = parse_us_datetime(builtin["LastLogonDate"])
    assert used
    assert bool(get_failing(district, "builtin-administrator-rests")) == ((district.today - used).days <= 30)
    expired = _find_accounts(
        district, lambda account: (parse_us_datetime(account["AccountExpirationDate"]) or date.max) < district.today
    )
    assert get_failing(district, "account-past-its-end") == expired
    assert expired
