"""Who calls with a token: the token is looked up, and what it opens is decided at each call.

A token opens no more than its user does: the membership's role, its schools and what the director granted count as
they are now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from homeroom.apps.platform.api_tokens.models import ApiToken
from homeroom.apps.platform.api_tokens.token_text import TokenText, parse_token
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.account_names import normalize_network
from homeroom.apps.platform.districts.queries import DistrictMembership, list_memberships
from homeroom.apps.platform.districts.sign_in_attempts import register_sign_in_attempt
from homeroom.apps.platform.permissions.queries import HeldPermissions
from homeroom.apps.platform.second_factors.queries import lacks_factor
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.holding import get_permission
from homeroom.domain.platform.permissions.permission import Access
from homeroom.domain.platform.permissions.tokens import TOKEN_PERMISSIONS

USE_RESOLUTION = timedelta(minutes=5)
"""Resolution of the time of the last use: writing each would cost a write a call."""
_ATTEMPTS, _RECORDS = "api tokens", "api token records"


class TokenUnknown(LookupError):
    """A text is no token, or its secret is wrong."""


class TokenEnded(PermissionError):
    """A token was right once; the text has the reason why it opens nothing now."""


@dataclass(frozen=True, kw_only=True)
class TokenCaller:
    """The user in whose name a token calls, and what the token opens of what the user holds."""

    district: District
    username: str
    token: str
    token_name: str
    expires_at: datetime
    permissions: frozenset[str]
    held: HeldPermissions

    def holds(self, permission: str) -> bool:
        """Check whether the token has a permission, and its user holds it now; what needs no role any token has."""
        if get_permission(permission).access is Access.ACCOUNT:
            return True
        return permission in self.permissions and self.held.holds(permission)

    def list_held(self) -> tuple[str, ...]:
        """Return the permissions of the token that its user holds now."""
        return tuple(name for name in TOKEN_PERMISSIONS if self.holds(name))


def find_caller(*, text: str, address: str, at: datetime) -> TokenCaller:
    """Return who calls with a token, and record its use from an address. Raise TokenUnknown and TokenEnded."""
    token = parse_token(text)
    row = None if token is None else _find_row(token)
    if token is None or row is None or not token.has_hash(row.hash):
        raise TokenUnknown("this is no token of this server")
    if row.ended_at is not None:
        raise TokenEnded("the token was revoked")
    if row.expires_at <= at:
        raise TokenEnded("the token has expired")
    membership = _find_membership(row)
    if membership is None:
        raise TokenEnded("the user of the token is deactivated")
    if lacks_factor(user=row.user, district=membership.district):
        raise TokenEnded("the user of the token has to set up 2-step verification first")
    held = HeldPermissions(
        district=membership.district,
        role=membership.role,
        is_limited_to_schools=bool(membership.schools),
    )
    if row.made_by and not held.holds("tokens.use"):  # the operator's tokens need no permission of their user's
        raise TokenEnded("the user of the token may not use API tokens any more")
    if address and (row.used_at is None or at - row.used_at >= USE_RESOLUTION or row.used_from != address):
        ApiToken.objects.of(row.district_id).filter(pk=row.pk).update(used_at=at, used_from=address[:45])
    return TokenCaller(
        district=membership.district,
        username=row.user.get_username(),
        token=row.public,
        token_name=row.name,
        expires_at=row.expires_at,
        permissions=frozenset(row.permissions).intersection(TOKEN_PERMISSIONS),
        held=held,
    )


def register_wrong_token(*, text: str, address: str, at: datetime) -> timedelta:
    """Count a wrong token from a network; return how long its next one waits, zero if it need not.

    After five, each further one waits twice as long, from one minute to a quarter of an hour. Right tokens never wait.
    Wrong secrets of a known token are in the audit trail of its district, the first ones and then some, from wherever
    they come.
    """
    wait = register_sign_in_attempt(username=normalize_network(address), address=address, at=at, device=_ATTEMPTS)
    token = parse_token(text)
    row = None if token is None or wait else _find_row(token)
    if row is not None:
        _record_failure(row, reason="its secret was wrong", at=at)
    return wait


def register_ended_token(*, text: str, reason: str, at: datetime) -> None:
    """Record in the audit trail that a token was tried that ended, which is how a stolen one shows itself."""
    token = parse_token(text)
    row = None if token is None else _find_row(token)
    if row is not None:
        _record_failure(row, reason=reason, at=at)


def _record_failure(row: ApiToken, *, reason: str, at: datetime) -> None:
    """Record a failure of a token, unless it failed too often of late: nobody fills the trail by a token's id."""
    if register_sign_in_attempt(username=row.public, address="", at=at, device=_RECORDS):
        return
    record_audit_entry(
        district=row.district,
        at=at,
        actor="",
        action="failed API token",
        subject_kind="token",
        subject=row.public,
        detail={"reason": reason},
    )


def _find_row(token: TokenText) -> ApiToken | None:
    """Return the row of a token: the token itself names its district."""
    return ApiToken.everywhere.select_related("user", "district").filter(public=token.public).first()


def _find_membership(row: ApiToken) -> DistrictMembership | None:
    """Return the active membership of a token's user in its district."""
    if not row.user.is_active:
        return None
    memberships = list_memberships(user=row.user)
    return next((entry for entry in memberships if entry.district.pk == row.district_id), None)
