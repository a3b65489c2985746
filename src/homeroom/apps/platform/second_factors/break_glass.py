"""The break-glass account of a district: a passphrase and recovery codes, printed and sealed, for an emergency.

It depends on no provider, no phone and no key, and nobody locks it out by trying. Its passphrase is random, so that
trying is hopeless. Each use is in the audit trail and on Today until another director has noticed it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.account_names import normalize_account_name
from homeroom.apps.platform.districts.commands import create_user
from homeroom.apps.platform.districts.queries import DIRECTOR
from homeroom.apps.platform.second_factors.models import BreakGlassAccount
from homeroom.apps.platform.second_factors.recovery_codes import issue_recovery_codes
from homeroom.domain.platform.district import District

_ALPHABET = "23456789bcdfghjkmnpqrstvwxyz"
_GROUPS, _GROUP = 6, 5
"""Thirty letters and digits: 144 bits, which nobody guesses however often they try."""


@dataclass(frozen=True, kw_only=True)
class SealedAccount:
    """A new break-glass account, shown once to print and seal: neither passphrase nor codes are stored."""

    username: str
    passphrase: str
    codes: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class BreakGlassUse:
    """The last use of a break-glass account that no director has noticed."""

    username: str
    used_at: datetime


@transaction.atomic
def create_break_glass(*, district: District, actor: str, at: datetime) -> SealedAccount:
    """Make the break-glass account of a district, in place of an earlier one."""
    remove_break_glass(district=district, actor=actor, at=at)
    username = f"break-glass-{district.slug}-{secrets.token_hex(3)}"
    passphrase = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
    user = create_user(
        district=district,  # type: ignore[arg-type]
        username=username,
        role=DIRECTOR,
        passphrase=passphrase,
        first_name="Break-glass",
        last_name="account",
    )
    BreakGlassAccount.objects.create(district_id=district.pk, user=user, made_at=at)
    codes = issue_recovery_codes(user=user, actor=actor, at=at)
    _record(district, username, actor=actor, at=at, action="make break-glass account")
    return SealedAccount(username=username, passphrase=passphrase, codes=codes)


@transaction.atomic
def remove_break_glass(*, district: District, actor: str, at: datetime) -> bool:
    """Remove the break-glass account of a district with its user; return False if there is none."""
    account = BreakGlassAccount.objects.of(district).select_related("user").first()
    if account is None:
        return False
    _record(district, account.user.get_username(), actor=actor, at=at, action="remove break-glass account")
    account.user.delete()
    return True


def find_break_glass(*, district: District) -> BreakGlassAccount | None:
    """Return the break-glass account of a district, or None."""
    return BreakGlassAccount.objects.of(district).select_related("user").first()


def is_break_glass(*, user: Any) -> bool:
    """Check whether a user is the break-glass account of a district."""
    return BreakGlassAccount.everywhere.filter(user=user).exists()


def is_break_glass_name(*, username: str) -> bool:
    """Check whether a name, however it was typed, is that of a break-glass account."""
    names = BreakGlassAccount.everywhere.values_list("user__username", flat=True)
    return normalize_account_name(username) in {normalize_account_name(name) for name in names}


@transaction.atomic
def record_break_glass_use(*, user: Any, at: datetime) -> bool:
    """Record that a break-glass account signed in, if the user is one: Today shows it until it is acknowledged."""
    account = BreakGlassAccount.everywhere.filter(user=user).select_related("district").first()
    if account is None:
        return False
    district = account.district
    BreakGlassAccount.objects.of(district).filter(pk=account.pk).update(used_at=at, seen_at=None, seen_by="")
    _record(district, user.get_username(), actor=user.get_username(), at=at, action="use break-glass account")
    return True


def find_unseen_use(*, district: District) -> BreakGlassUse | None:
    """Return the last use of the break-glass account that nobody has noticed, or None."""
    account = BreakGlassAccount.objects.of(district).filter(seen_at=None).exclude(used_at=None).select_related("user")
    row = account.first()
    return (
        None
        if row is None or row.used_at is None
        else BreakGlassUse(username=row.user.get_username(), used_at=row.used_at)
    )


@transaction.atomic
def acknowledge_use(*, district: District, actor: str, at: datetime) -> bool:
    """Record that a director noticed the last use; return False without a use, and for the account itself."""
    unseen = BreakGlassAccount.objects.of(district).filter(seen_at=None).exclude(used_at=None)
    account = unseen.exclude(user__username=actor).select_related("user").first()
    if account is None:
        return False
    BreakGlassAccount.objects.of(district).filter(pk=account.pk).update(seen_at=at, seen_by=actor)
    _record(district, account.user.get_username(), actor=actor, at=at, action="notice break-glass use")
    return True


def _record(district: District, username: str, *, actor: str, at: datetime, action: str) -> None:
    record_audit_entry(district=district, at=at, actor=actor, action=action, subject_kind="user", subject=username[:80])
