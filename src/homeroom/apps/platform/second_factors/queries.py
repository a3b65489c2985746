"""Queries for the second factors of users."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from homeroom.apps.platform.districts.queries import list_members
from homeroom.apps.platform.second_factors.models import (
    AuthenticatorApp,
    BreakGlassAccount,
    Passkey,
    ProviderInvitation,
    ProviderLink,
    RecoveryCode,
)
from homeroom.apps.platform.second_factors.policies import get_policy
from homeroom.domain.platform.district import District

PASSKEY, APP, RECOVERY, PROVIDER = "passkey", "app", "recovery", "provider"


@dataclass(frozen=True, kw_only=True)
class OwnFactors:
    """What a user can prove besides a passphrase: `codes` are the recovery codes that are left."""

    passkeys: int = 0
    has_app: bool = False
    codes: int = 0

    @property
    def is_ready(self) -> bool:
        """True if the user has a second factor, be it recovery codes alone."""
        return bool(self.passkeys or self.has_app or self.codes)


@dataclass(frozen=True, kw_only=True)
class MemberFactors:
    """A user of the office with what they have set up; `linked` and `invited` are names of providers."""

    username: str
    name: str
    role: str
    factors: OwnFactors
    linked: tuple[str, ...]
    invited: tuple[str, ...]
    is_break_glass: bool

    @property
    def has_any(self) -> bool:
        """True if the user has a second factor or a linked account."""
        return self.factors.is_ready or bool(self.linked)


def find_factors(*, user: Any) -> OwnFactors:
    """Return what a user has set up."""
    return OwnFactors(
        passkeys=Passkey.objects.filter(user=user).count(),
        has_app=AuthenticatorApp.objects.filter(user=user).exists(),
        codes=RecoveryCode.objects.filter(user=user, used_at=None).count(),
    )


def lacks_factor(*, user: Any, district: District) -> bool:
    """Check whether a district requires a second factor, and a user has none that counts there."""
    policy = get_policy(district=district)
    if not policy.is_required or find_factors(user=user).is_ready:
        return False
    return not (policy.provider_counts and ProviderLink.objects.of(district).filter(user=user).exists())


def list_member_factors(*, district: District, at: datetime) -> Sequence[MemberFactors]:
    """Return the users of the office of a district, by name, with what they have set up."""
    members = list_members(district=district)
    names = [username for username, _name, _role in members]
    passkeys = _count_by_user(Passkey.objects.filter(user__username__in=names))
    apps = _count_by_user(AuthenticatorApp.objects.filter(user__username__in=names))
    codes = _count_by_user(RecoveryCode.objects.filter(user__username__in=names, used_at=None))
    links = ProviderLink.objects.of(district).values_list("user__username", "provider")
    invitations = ProviderInvitation.objects.of(district).filter(expires_at__gt=at)
    invited = invitations.values_list("user__username", "provider")
    sealed = set(BreakGlassAccount.objects.of(district).values_list("user__username", flat=True))
    return [
        MemberFactors(
            username=username,
            name=name,
            role=role,
            factors=OwnFactors(
                passkeys=passkeys.get(username, 0), has_app=username in apps, codes=codes.get(username, 0)
            ),
            linked=tuple(sorted(provider for owner, provider in links if owner == username)),
            invited=tuple(sorted(provider for owner, provider in invited if owner == username)),
            is_break_glass=username in sealed,
        )
        for username, name, role in members
    ]


def _count_by_user(rows: Any) -> dict[str, int]:
    counts: dict[str, int] = {}
    for username in rows.values_list("user__username", flat=True):
        counts[username] = counts.get(username, 0) + 1
    return counts
