"""The tokens of a district, as pages and the command line list them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from homeroom.apps.platform.api_tokens.models import ApiToken
from homeroom.apps.platform.api_tokens.token_text import PREFIX
from homeroom.domain.platform.district import District

MAX_ENDED = 50
"""How many ended tokens are listed beside the active ones."""
EXPIRY_WARNING = timedelta(days=14)


@dataclass(frozen=True, kw_only=True)
class TokenLine:
    """A token without its secret. `ended_at` is None while it is active, `used_at` until it is used."""

    id: str
    name: str
    username: str
    permissions: tuple[str, ...]
    made_at: datetime
    made_by: str
    expires_at: datetime
    used_at: datetime | None
    used_from: str
    ended_at: datetime | None
    ended_by: str
    ended_because: str
    expires_soon: bool

    @property
    def start(self) -> str:
        """How the token's text begins."""
        return f"{PREFIX}_{self.id}_…"


def list_tokens(*, district: District, at: datetime, owner: Any = None) -> tuple[TokenLine, ...]:
    """Return the tokens of a district, or those of one user: active ones by name, then the last that ended."""
    rows = ApiToken.objects.of(district).select_related("user")
    if owner is not None:
        rows = rows.filter(user=owner)
    active = rows.filter(ended_at=None, expires_at__gt=at).order_by("name", "pk")
    expired = rows.filter(ended_at=None, expires_at__lte=at).order_by("-expires_at")
    ended = rows.filter(ended_at__isnull=False).order_by("-ended_at")[:MAX_ENDED]
    return tuple(_build_line(row, at=at) for row in (*active, *expired, *ended))


def list_active_tokens(*, user: Any, at: datetime) -> tuple[tuple[District, TokenLine], ...]:
    """Return the active tokens of a user in all districts, by name, each with its district."""
    rows = ApiToken.everywhere.filter(user=user, ended_at=None, expires_at__gt=at).select_related("user", "district")
    return tuple((row.district, _build_line(row, at=at)) for row in rows.order_by("name", "pk"))


def _build_line(row: ApiToken, *, at: datetime) -> TokenLine:
    is_expired = row.ended_at is None and row.expires_at <= at
    return TokenLine(
        id=row.public,
        name=row.name,
        username=row.user.get_username(),
        permissions=tuple(row.permissions),
        made_at=row.made_at,
        made_by=row.made_by,
        expires_at=row.expires_at,
        used_at=row.used_at,
        used_from=row.used_from,
        ended_at=row.expires_at if is_expired else row.ended_at,
        ended_by=row.ended_by,
        ended_because="expired" if is_expired else row.ended_because,
        expires_soon=row.ended_at is None and timedelta(0) < row.expires_at - at <= EXPIRY_WARNING,
    )
