"""Permissions: what each role holds in the district."""

from __future__ import annotations

from dataclasses import dataclass

from homeroom.apps.platform.endpoints.endpoint import Caller, Endpoint, NoParameters


@dataclass(frozen=True, kw_only=True)
class PermissionRow:
    """A permission, the roles that hold it, and those to which the director granted it or can grant it."""

    permission: str
    may: str
    scope: str
    roles: tuple[str, ...]
    granted: tuple[str, ...]
    grantable: tuple[str, ...]


def _list_permissions(caller: Caller, _parameters: NoParameters) -> tuple[PermissionRow, ...]:
    from homeroom.apps.platform.permissions.queries import list_permission_lines

    return tuple(
        PermissionRow(
            permission=line.permission.name,
            may=line.permission.title,
            scope=line.permission.scope.value,
            roles=tuple(cell.role for cell in line.cells if cell.is_held),
            granted=tuple(cell.role for cell in line.cells if cell.is_granted),
            grantable=tuple(cell.role for cell in line.cells if cell.is_grantable),
        )
        for line in list_permission_lines(district=caller.district)
    )


LIST_PERMISSIONS = Endpoint(
    name="listPermissions",
    method="GET",
    path="permissions",
    title="List the permissions with the roles that hold them in the district.",
    permission="permissions.read",
    parameters=NoParameters,
    result=tuple[PermissionRow, ...],
    run=_list_permissions,
)
ENDPOINTS = (LIST_PERMISSIONS,)
