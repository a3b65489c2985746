"""Making and revoking tokens, each in one transaction with its entry in the audit trail.

`actor` is the user name of who does it; empty for whoever runs the server, on the command line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext

from homeroom.apps.platform.api_tokens.models import ApiToken
from homeroom.apps.platform.api_tokens.token_text import generate_token
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.memberships import OfficeMember, lock_member
from homeroom.apps.platform.permissions.queries import HeldPermissions
from homeroom.apps.platform.second_factors.break_glass import is_break_glass
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.tokens import PermissionNotForTokens, check_token_permissions

DEFAULT_DAYS, MAX_DAYS = 90, 365
MAX_TOKENS = 20
"""Active tokens of a user in a district."""
MAX_NAME_LENGTH = 80
REVOKED, DEACTIVATED, RESET, EXPIRED = "revoked", "deactivated", "reset", "expired"
PASSWORD_CHANGED, FACTORS_CHANGED = "password changed", "2-step changed"
"""Why tokens end when their user closes the own account to others."""


class TokenRefused(ValueError):
    """A token cannot be made like that; the text is the reason, and what to do."""


class NoSuchToken(LookupError):
    """There is no active token with that id."""


@dataclass(frozen=True, kw_only=True)
class NewToken:
    """A new token, the only copy of its text."""

    id: str
    text: str
    name: str
    username: str
    permissions: tuple[str, ...]
    expires_at: datetime


@transaction.atomic
def make_token(
    *,
    district: District,
    username: str,
    name: str,
    permissions: Sequence[str],
    days: int = DEFAULT_DAYS,
    actor: str,
    at: datetime,
) -> NewToken:
    """Make a token of a user of the district's office.

    Raise NoSuchMember, and TokenRefused for what the user does not hold or a token cannot have.
    """
    member = lock_member(district, username)  # so that no reset or deactivation of the moment misses the token
    _check_member(member, district=district, at=at)
    names = _choose_permissions(district, member, permissions=permissions)
    text = generate_token()
    row = ApiToken.objects.create(
        district_id=district.pk,
        public=text.public,
        hash=text.compute_hash(),
        name=_check_name(name),
        user=member.user,
        permissions=list(names),
        made_at=at,
        made_by=actor,
        expires_at=at + timedelta(days=_check_days(days)),
    )
    detail = {"user": member.username, "permissions": list(names), "days": days}
    _record(district, row.public, action="make API token", actor=actor, at=at, detail=detail)
    return NewToken(
        id=row.public,
        text=text.text,
        name=row.name,
        username=member.username,
        permissions=names,
        expires_at=row.expires_at,
    )


@transaction.atomic
def revoke_token(*, district: District, token: str, owner: Any = None, actor: str, at: datetime) -> None:
    """Revoke an active token by its id, one of `owner` alone if that is given; raise NoSuchToken."""
    rows = ApiToken.objects.of(district).filter(public=token, ended_at=None)
    if owner is not None:
        rows = rows.filter(user=owner)
    if not rows.update(ended_at=at, ended_by=actor, ended_because=REVOKED):
        raise NoSuchToken(gettext("There is no active token “%(token)s”.") % {"token": token[:20]})
    _record(district, token, action="revoke API token", actor=actor, at=at)


@transaction.atomic
def revoke_own_token(*, user: Any, token: str, at: datetime) -> None:
    """Revoke an active token of a user's, of any district and whatever the user may do now; raise NoSuchToken."""
    row = ApiToken.everywhere.select_related("district").filter(user=user, public=token, ended_at=None).first()
    if row is None:
        raise NoSuchToken(gettext("There is no active token “%(token)s”.") % {"token": token[:20]})
    revoke_token(district=row.district, token=token, owner=user, actor=user.get_username(), at=at)


@transaction.atomic
def end_user_tokens(*, user: Any, district: District | None, because: str, actor: str, at: datetime) -> int:
    """End the active tokens of a user, in one district or in all; return how many. Each is in the audit trail."""
    rows = ApiToken.everywhere.filter(user=user, ended_at=None).select_related("district")
    if district is not None:
        rows = rows.filter(district_id=district.pk)
    tokens = list(rows.order_by("district_id", "pk"))  # whoever locks several trails locks them in one order
    _end(ApiToken.everywhere.filter(pk__in=[row.pk for row in tokens]), at=at, actor=actor, because=because)
    for row in tokens:
        detail = {"because": because}
        _record(row.district, row.public, action="revoke API token", actor=actor, at=at, detail=detail)
    return len(tokens)


def delete_old_tokens(at: datetime) -> int:
    """Mark tokens that expired as ended, and delete those that ended long ago; return how many were deleted."""
    expired = ApiToken.everywhere.filter(ended_at=None, expires_at__lte=at)
    _end(expired, at=at, actor="", because=EXPIRED)
    count, _ = ApiToken.everywhere.filter(ended_at__lt=at - settings.TOKEN_RECORD_AGE).delete()
    return count


def _end(rows: QuerySet[ApiToken], *, at: datetime, actor: str, because: str) -> None:
    rows.update(ended_at=at, ended_by=actor, ended_because=because)


def _check_member(member: OfficeMember, *, district: District, at: datetime) -> None:
    if not member.is_active:
        raise TokenRefused(gettext("“%(name)s” is deactivated; activate the user first.") % {"name": member.username})
    if is_break_glass(user=member.user):
        raise TokenRefused(gettext("A break-glass account has no tokens. Use another user's name."))
    active = ApiToken.objects.of(district).filter(user=member.user, ended_at=None, expires_at__gt=at)
    if active.count() >= MAX_TOKENS:
        raise TokenRefused(gettext("A user has at most %(count)d tokens. Revoke one first.") % {"count": MAX_TOKENS})


def _choose_permissions(district: District, member: OfficeMember, *, permissions: Sequence[str]) -> tuple[str, ...]:
    """Return the permissions of a token that is to have these; raise TokenRefused."""
    try:
        names = check_token_permissions(permissions)
    except PermissionNotForTokens as error:
        raise TokenRefused(str(error)) from None
    held = HeldPermissions(district=district, role=member.role, is_limited_to_schools=bool(member.schools))
    missing = [name for name in names if not held.holds(name)]
    if missing and member.schools:
        raise TokenRefused(
            gettext("“%(name)s” works for some schools, and a token with %(permission)s is for all of them.")
            % {"name": member.username, "permission": missing[0]}
        )
    if missing:
        raise TokenRefused(
            gettext("“%(name)s” does not hold %(permission)s, so that their token cannot hold it.")
            % {"name": member.username, "permission": missing[0]}
        )
    return names


def _check_name(name: str) -> str:
    cleaned = " ".join(name.split())
    if not 0 < len(cleaned) <= MAX_NAME_LENGTH or not cleaned.isprintable():
        raise TokenRefused(
            gettext("Name the token in 1 to %(length)d characters, after what uses it.") % {"length": MAX_NAME_LENGTH}
        )
    return cleaned


def _check_days(days: int) -> int:
    if not 1 <= days <= MAX_DAYS:
        raise TokenRefused(gettext("A token lasts 1 to %(days)d days.") % {"days": MAX_DAYS})
    return days


def _record(
    district: District, token: str, *, action: str, actor: str, at: datetime, detail: dict[str, Any] | None = None
) -> None:
    record_audit_entry(
        district=district, at=at, actor=actor, action=action, subject_kind="token", subject=token, detail=detail
    )
