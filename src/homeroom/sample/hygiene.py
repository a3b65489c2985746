"""What is true of an account on premises by what the directory trusts it with, and when its password was set."""

from __future__ import annotations

from datetime import date
from typing import Final

from homeroom.sample.activedirectory import DirectoryAccount
from homeroom.sample.truth import Ref, Truth, years_after

PROTECTED: Final = ("Domain Admins", "Backup Operators")  # groups of administrators; Protected Users is no such group
_FLAGS: Final = {
    "des_only": "des-only",
    "older_sid": "rights-of-older-account",
    "delegates": "unconstrained-delegation",
}


def judge(account: DirectoryAccount, records: list[Ref], truth: Truth) -> None:
    """State which controls over trust and passwords one account fails."""
    for control in (*_always(account, truth), *(_enabled(account, truth) if account.enabled else ())):
        truth.fails(control, records)


def _always(account: DirectoryAccount, truth: Truth) -> list[str]:
    """What is asked of an account that nobody can sign in with as well."""
    key = account.sam.startswith("krbtgt")
    found = ["directory-key-renewed"] if key and _days(account.password_set, truth) > 180 else []
    return [*found, *(["guest-enabled"] if account.sam == "Guest" and account.enabled else [])]


def _enabled(account: DirectoryAccount, truth: Truth) -> list[str]:
    today = truth.calendar.today
    found = [control for flag, control in _FLAGS.items() if getattr(account, flag)]
    if account.expires and account.expires < today:
        found.append("account-past-its-end")
    if account.temporary and not account.expires:
        found.append("temporary-account-ends")
    if account.sam == "Administrator" and account.last and _days(account.last, truth) <= 30:
        found.append("builtin-administrator-rests")
    if account.owner == "works" and _days(account.created, truth) > 90 and account.password_set == account.created:
        found.append("first-password-kept")
    return [*found, *_services(account, today), *(_administers(account, today) if account.protected else ())]


def _services(account: DirectoryAccount, today: date) -> list[str]:
    found = ["service-password-age"] if (account.services or account.unit == ("Service Accounts",)) else []
    found = found if _old(account, today) else []
    if account.services and account.protected:
        return [*found, "administrator-with-service-name"]
    return [*found, *(["person-with-service-name"] if account.services and account.owner == "works" else [])]


def _administers(account: DirectoryAccount, today: date) -> list[str]:
    lent = not account.apart and "Protected Users" not in account.groups
    return [
        *(["administrator-password-age"] if _old(account, today) else []),
        *(["administrator-lent-on"] if lent else []),
        *(["admin-mark-left"] if not set(PROTECTED) & set(account.groups) else []),
    ]


def _old(account: DirectoryAccount, today: date) -> bool:
    """Whether the password is older than a year; one that is a year old to the day is not."""
    return account.password_set is not None and account.password_set < years_after(today, -1)


def _days(day: date | None, truth: Truth) -> int:
    return (truth.calendar.today - day).days if day else 0
