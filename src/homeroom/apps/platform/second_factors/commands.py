"""Reset the second factors of a user who lost them, and make new keys for what is encrypted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from homeroom.apps.platform.districts.queries import count_memberships, list_memberships
from homeroom.apps.platform.second_factors.models import (
    AuthenticatorApp,
    BreakGlassAccount,
    Passkey,
    ProviderInvitation,
    ProviderLink,
    RecoveryCode,
)
from homeroom.apps.platform.second_factors.user_trail import record_user_entry
from homeroom.domain.platform.district import District


class ResetRefused(ValueError):
    """The second factors of a user cannot be reset by this district; the message names no other district."""


@transaction.atomic
def reset_second_factors(*, user: Any, district: District, actor: str, at: datetime, by_operator: bool = False) -> int:
    """Remove the passkeys, authenticator app, recovery codes and linked accounts of a user; return how many.

    A district resets its own users only: whoever belongs to another one too is reset by the operator, on the command
    line. Break-glass accounts are replaced, not reset. Raise ResetRefused.
    """
    memberships = list_memberships(user=user)
    if all(membership.district.pk != district.pk for membership in memberships):
        raise ResetRefused("there is no such user in this district")
    if BreakGlassAccount.objects.of(district).filter(user=user).exists():
        raise ResetRefused("a break-glass account is not reset; make a new one with `homeroom break-glass create`")
    if count_memberships(user=user) > 1 and not by_operator:
        raise ResetRefused("this user can be reset only by whoever runs the server, with `homeroom mfa reset`")
    own = (Passkey, AuthenticatorApp, RecoveryCode)
    count = sum(model._default_manager.filter(user=user).delete()[0] for model in own)
    for membership in memberships:
        for rows in (ProviderLink.objects.of(membership.district), ProviderInvitation.objects.of(membership.district)):
            count += rows.filter(user=user).delete()[0]
    record_user_entry(user=user, actor=actor, action="reset 2-step verification", at=at, detail={"removed": count})
    return count
