"""The token of a call: whether it works, what it opens, and for which district."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from homeroom.apps.platform.endpoints.endpoint import Caller, CallRefused, Endpoint, NoParameters


@dataclass(frozen=True, kw_only=True)
class TokenDocument:
    """The token of a call, its user, what it opens now, and its district."""

    id: str
    name: str
    user: str
    permissions: tuple[str, ...]
    expires_at: datetime
    district: str
    district_name: str
    timezone: str


def _show_token(caller: Caller, _parameters: NoParameters) -> TokenDocument:
    if caller.token is None:
        raise CallRefused("there is a token only at a server; name one with --server")
    return TokenDocument(
        id=caller.token.id,
        name=caller.token.name,
        user=caller.actor,
        permissions=caller.token.permissions,
        expires_at=caller.token.expires_at,
        district=caller.district.slug,
        district_name=caller.district.name,
        timezone=caller.district.timezone,
    )


SHOW_TOKEN = Endpoint(
    name="showToken",
    method="GET",
    path="token",
    title="Show the token of the call: its user, what it opens now, and until when.",
    permission="account.use",
    parameters=NoParameters,
    result=TokenDocument,
    run=_show_token,
)
ENDPOINTS = (SHOW_TOKEN,)
