"""Commands for permissions: what roles hold in a district, and what is granted beside that."""

from __future__ import annotations

import typer

from homeroom.apps.platform.endpoints.endpoint import NoParameters
from homeroom.apps.platform.endpoints.permissions import LIST_PERMISSIONS
from homeroom.cli.options import (
    CommandContext,
    Data,
    InDistrict,
    Json,
    output,
    print_json,
    refuse,
    start_command,
)
from homeroom.cli.platform.remote.endpoint_calls import open_endpoints
from homeroom.domain.platform.permissions.requirement import require_permission

verbs = typer.Typer()
group = typer.Typer(name="permissions", help="What each role may do, and what is granted to it.", no_args_is_help=True)
verbs.add_typer(group)


@group.command("list")
@require_permission("permissions.read")
def list_permissions(as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """List the permissions with the roles that hold them in the district; a + marks what is granted."""
    with open_endpoints(data=data, district=district) as endpoints:
        rows = endpoints.call(LIST_PERMISSIONS, NoParameters())
    if as_json:
        print_json(rows)
        return
    for row in rows:
        roles = ", ".join(f"{'+' if role in row.granted else ''}{role}" for role in row.roles)
        output.print(f"[bold]{row.permission}[/]  {roles}  [dim]{row.may}[/]", soft_wrap=True)


@group.command("grant")
@require_permission("permissions.grant")
def grant(permission: str, role: str, as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """Grant a permission to a role, such as consoles.connect to technician."""
    context = start_command(data=data, district=district)
    _change_grant(context, permission=permission, role=role, is_grant=True, as_json=as_json)


@group.command("revoke")
@require_permission("permissions.grant")
def revoke(permission: str, role: str, as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """Revoke what was granted to a role."""
    context = start_command(data=data, district=district)
    _change_grant(context, permission=permission, role=role, is_grant=False, as_json=as_json)


def _change_grant(context: CommandContext, *, permission: str, role: str, is_grant: bool, as_json: bool) -> None:
    from homeroom.apps.platform.permissions.commands import GrantRefused, grant_permission, revoke_permission

    change = grant_permission if is_grant else revoke_permission
    try:
        changed = change(district=context.district, role=role, permission=permission, actor="", at=context.at)
    except GrantRefused as error:
        refuse(str(error))
    if as_json:
        print_json({"permission": permission, "role": role, "granted": is_grant, "changed": changed})
    elif changed:
        output.print(f"{'Granted' if is_grant else 'Revoked'}: {role}, {permission}")
    else:
        output.print(f"{role} {'had' if is_grant else 'did not have'} {permission} already; nothing changed")
