"""Which permissions an API token can hold: those that an endpoint names, and none of who gets in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from homeroom.domain.platform.permissions.holding import get_permission

TOKEN_PERMISSIONS: Final = (
    "sources.read",
    "sources.load",
    "sources.approve_removals",
    "permissions.read",
    "users.read",
)
"""In the order in which pages list them. A test compares them with what endpoints name."""


class PermissionNotForTokens(ValueError):
    """A token cannot hold a permission; the message has what would fit."""


def check_token_permissions(names: Iterable[str]) -> tuple[str, ...]:
    """Return names of permissions once each, in the order of the table; raise PermissionNotForTokens."""
    wanted = set(names)
    if unfit := sorted(wanted.difference(TOKEN_PERMISSIONS)):
        fitting = ", ".join(TOKEN_PERMISSIONS)
        raise PermissionNotForTokens(f"{unfit[0][:60]!r} is no permission of tokens; choose from {fitting}")
    if not wanted:
        raise PermissionNotForTokens(f"a token needs a permission; choose from {', '.join(TOKEN_PERMISSIONS)}")
    return tuple(get_permission(name).name for name in TOKEN_PERMISSIONS if name in wanted)
