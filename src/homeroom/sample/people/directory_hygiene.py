"""Evaluate an on-premises account by its rights in the directory, and by when its password was set."""

from __future__ import annotations

from datetime import date
from typing import Final

from homeroom.sample.files.active_directory import DirectoryAccount
from homeroom.sample.truth.ground_truth import GroundTruth, RecordRef, add_years

PROTECTED: Final = ("Domain Admins", "Backup Operators")  # groups of administrators; Protected Users is no such group
_FLAGS: Final = {
    "des_only": "des-only",
    "older_sid": "rights-of-older-account",
    "delegates": "unconstrained-delegation",
}


def evaluate_directory_controls(account: DirectoryAccount, records: list[RecordRef], truth: GroundTruth) -> None:
    """Record which controls over trust and passwords one account fails."""
    for control in (
        *_find_permanent_failures(account, truth),
        *(_find_enabled_failures(account, truth) if account.enabled else ()),
    ):
        truth.add_failure(control, records)


def _find_permanent_failures(account: DirectoryAccount, truth: GroundTruth) -> list[str]:
    """Find failures that count for disabled accounts as well."""
    key = account.sam.startswith("krbtgt")
    failures = ["directory-key-renewed"] if key and _count_days_since(account.password_set, truth) > 180 else []
    return [*failures, *(["guest-enabled"] if account.sam == "Guest" and account.enabled else [])]


def _find_enabled_failures(account: DirectoryAccount, truth: GroundTruth) -> list[str]:
    today = truth.calendar.today
    failures = [control for flag, control in _FLAGS.items() if getattr(account, flag)]
    if account.expires and account.expires < today:
        failures.append("account-past-its-end")
    if account.temporary and not account.expires:
        failures.append("temporary-account-ends")
    if account.sam == "Administrator" and account.last and _count_days_since(account.last, truth) <= 30:
        failures.append("builtin-administrator-rests")
    if (
        account.owner == "works"
        and _count_days_since(account.created, truth) > 90
        and account.password_set == account.created
    ):
        failures.append("first-password-kept")
    return [
        *failures,
        *_find_service_failures(account, today),
        *(_find_administrator_failures(account, today) if account.protected else ()),
    ]


def _find_service_failures(account: DirectoryAccount, today: date) -> list[str]:
    failures = ["service-password-age"] if (account.services or account.unit == ("Service Accounts",)) else []
    failures = failures if _has_old_password(account, today) else []
    if account.services and account.protected:
        return [*failures, "administrator-with-service-name"]
    return [*failures, *(["person-with-service-name"] if account.services and account.owner == "works" else [])]


def _find_administrator_failures(account: DirectoryAccount, today: date) -> list[str]:
    can_be_delegated = not account.apart and "Protected Users" not in account.groups
    return [
        *(["administrator-password-age"] if _has_old_password(account, today) else []),
        *(["administrator-lent-on"] if can_be_delegated else []),
        *(["admin-mark-left"] if not set(PROTECTED) & set(account.groups) else []),
    ]


def _has_old_password(account: DirectoryAccount, today: date) -> bool:
    """Return whether the password is older than a year; exactly a year old is not."""
    return account.password_set is not None and account.password_set < add_years(today, -1)


def _count_days_since(day: date | None, truth: GroundTruth) -> int:
    return (truth.calendar.today - day).days if day else 0
