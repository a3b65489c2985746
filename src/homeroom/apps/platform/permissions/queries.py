"""Queries for permissions: what a role holds in a district, and what was granted to it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from homeroom.apps.platform.districts.queries import DistrictMembership
from homeroom.apps.platform.permissions.models import Grant
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.holding import get_permission, holds_permission
from homeroom.domain.platform.permissions.permission import Access, Permission
from homeroom.domain.platform.permissions.roles import ROLE_NAMES
from homeroom.domain.platform.permissions.table import PERMISSIONS


@dataclass(frozen=True, kw_only=True)
class GrantRow:
    """A permission granted to a role: by whom (empty for the command line) and when (UTC)."""

    role: str
    permission: str
    granted_by: str
    granted_at: datetime


@dataclass(frozen=True, kw_only=True)
class PermissionCell:
    """Whether a role holds a permission in a district, and what a director can change about that."""

    role: str
    is_held: bool
    is_granted: bool = False
    is_grantable: bool = False


@dataclass(frozen=True, kw_only=True)
class PermissionLine:
    """A permission with a cell for each role, in the order of ROLE_NAMES."""

    permission: Permission
    cells: tuple[PermissionCell, ...]


class HeldPermissions:
    """What a user holds in a district; grants are read only if an answer depends on them.

    In a template, `visit.permissions.fixes.take` is true if the visitor holds `fixes.take`. A name that is not in the
    table raises UnknownPermission.
    """

    def __init__(self, *, district: District, role: str, is_limited_to_schools: bool = False) -> None:
        self.district, self.role, self.is_limited_to_schools = district, role, is_limited_to_schools

    def holds(self, name: str) -> bool:
        """Check whether the user holds a permission."""
        is_grantable = self.role in get_permission(name).grantable
        granted = self._granted if is_grantable else frozenset()
        return holds_permission(name, role=self.role, granted=granted, is_limited_to_schools=self.is_limited_to_schools)

    def __getitem__(self, area: str) -> _AreaPermissions:
        """Return the permissions of an area, by what they allow."""
        return _AreaPermissions(self, area)

    @cached_property
    def _granted(self) -> frozenset[str]:
        return frozenset(Grant.objects.of(self.district).filter(role=self.role).values_list("permission", flat=True))


class _AreaPermissions:
    def __init__(self, held: HeldPermissions, area: str) -> None:
        self._held, self._area = held, area

    def __getitem__(self, action: str) -> bool:
        return self._held.holds(f"{self._area}.{action}")


def get_held_permissions(membership: DistrictMembership) -> HeldPermissions:
    """Return what a user holds by a membership."""
    return HeldPermissions(
        district=membership.district, role=membership.role, is_limited_to_schools=bool(membership.schools)
    )


def list_permission_lines(*, district: District) -> tuple[PermissionLine, ...]:
    """Return the permissions that roles hold, in the order of the table, as they are in the district."""
    granted = {(row.permission, row.role) for row in list_grants(district=district)}
    return tuple(
        PermissionLine(
            permission=permission,
            cells=tuple(_build_cell(permission, role, granted=granted) for role in ROLE_NAMES),
        )
        for permission in PERMISSIONS.values()
        if permission.access is Access.ROLE
    )


def _build_cell(permission: Permission, role: str, *, granted: Collection[tuple[str, str]]) -> PermissionCell:
    is_granted = (permission.name, role) in granted and role in permission.grantable
    return PermissionCell(
        role=role,
        is_held=role in permission.roles or is_granted,
        is_granted=is_granted,
        is_grantable=role in permission.grantable,
    )


def list_grants(*, district: District) -> tuple[GrantRow, ...]:
    """Return what the director of a district granted beside the table, by permission and role."""
    rows = Grant.objects.of(district).order_by("permission", "role")
    return tuple(
        GrantRow(role=row.role, permission=row.permission, granted_by=row.granted_by, granted_at=row.granted_at)
        for row in rows
    )
