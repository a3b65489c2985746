"""Who holds a permission: the table, what a director granted, and the limits of a membership."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from homeroom.domain.platform.permissions.permission import Access, Permission, PermissionScope
from homeroom.domain.platform.permissions.table import PERMISSIONS


class UnknownPermission(LookupError):
    """There is no permission with this name in the table."""


def get_permission(name: str) -> Permission:
    """Return the permission with a name; raise UnknownPermission, saying which begin alike, if there is none."""
    try:
        return PERMISSIONS[name]
    except KeyError:
        area = name.partition(".")[0]
        similar = [other for other in PERMISSIONS if other.startswith(f"{area}.")] or list(PERMISSIONS)
        raise UnknownPermission(f"{name!r} is no permission; there are: {', '.join(similar)}") from None


def holds_permission(name: str, *, role: str, granted: Iterable[str] = (), is_limited_to_schools: bool = False) -> bool:
    """Check whether a role holds a permission in a district.

    `granted` are the names that the director granted to the role; those that the table does not let a director grant to
    it count for nothing. A membership that is limited to schools holds nothing of the scope district. Raise
    UnknownPermission for a name that is not in the table.
    """
    permission = get_permission(name)
    if permission.access is not Access.ROLE or (is_limited_to_schools and permission.scope is PermissionScope.DISTRICT):
        return False
    return role in permission.roles or (role in permission.grantable and name in granted)


def list_roles_with(name: str) -> frozenset[str]:
    """Return the roles that hold a permission in every district, before anything is granted."""
    return get_permission(name).roles


def list_grantable(table: Mapping[str, Permission] = PERMISSIONS) -> tuple[tuple[str, str], ...]:
    """Return (permission, role) of all that a director may grant, in the order of the table."""
    return tuple((row.name, role) for row in table.values() for role in sorted(row.grantable))
