"""Commands for the users of a district: who signs in, with which role, and their sessions."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape

from homeroom.apps.platform.endpoints.endpoint import NoParameters
from homeroom.apps.platform.endpoints.users import LIST_USERS
from homeroom.cli.options import (
    Data,
    InDistrict,
    Json,
    output,
    print_json,
    register_old_name,
    start_command,
)
from homeroom.cli.platform.remote.endpoint_calls import open_endpoints
from homeroom.cli.platform.users.printing import (
    describe_session,
    format_session,
    format_user,
    print_member,
    print_passphrase,
)
from homeroom.cli.platform.users.refusals import explain_refusals
from homeroom.domain.platform.permissions.requirement import require_permission

verbs = typer.Typer()
group = typer.Typer(
    name="users", help="Add and deactivate users, set their roles, reset passwords, end sessions.", no_args_is_help=True
)
verbs.add_typer(group)

Name = Annotated[str, typer.Argument(metavar="USER", help="The user name.")]
Role = Annotated[str, typer.Option("--role", help="director, technician, privacy or auditor.")]
Schools = Annotated[
    list[str] | None, typer.Option("--school", help="A school by name or id; repeat it. Without: all schools.")
]
Permanent = Annotated[
    bool, typer.Option("--permanent", help="Do not require a new password at the first sign-in; for scripts.")
]


@group.command("list")
@require_permission("users.read")
def list_users_command(as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """List the users of the district's office."""
    with open_endpoints(data=data, district=district) as endpoints:
        users = endpoints.call(LIST_USERS, NoParameters())
        zone = endpoints.zone
    if as_json:
        print_json(users)
        return
    for user in users:
        output.print(escape(format_user(user, zone)), soft_wrap=True, highlight=False)
    if not users:
        output.print("No users yet; add a director with: homeroom users add NAME")


@group.command("add")
@register_old_name(verbs, "add-user", new="users add")
@require_permission("users.manage")
def add_user_command(
    username: Name,
    role: Annotated[
        str, typer.Option("--role", help="director, technician, privacy or auditor. The first user is a director.")
    ] = "",
    schools: Schools = None,
    first_name: Annotated[str, typer.Option("--first-name")] = "",
    last_name: Annotated[str, typer.Option("--last-name")] = "",
    existing: Annotated[
        bool, typer.Option("--existing", help="Give a user of another district a role in this one.")
    ] = False,
    permanent: Permanent = False,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Add a user and print a one-time password."""
    context = start_command(data=data, district=district)
    from homeroom.apps.platform.accounts.commands import add_existing_user, add_user

    with explain_refusals():
        if existing:
            member = add_existing_user(
                district=context.district, username=username, role=role, schools=schools or (), at=context.at
            )
            print_member(member.username, member.role, is_active=member.is_active, as_json=as_json)
            return
        new = add_user(
            district=context.district,
            username=username,
            role=role,
            schools=schools or (),
            first_name=first_name,
            last_name=last_name,
            is_permanent=permanent,
            actor="",
            at=context.at,
        )
    print_passphrase(new, context, as_json=as_json)


@group.command("role")
@require_permission("users.manage")
def change_role_command(
    username: Name,
    role: Role,
    schools: Schools = None,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Change a user's role and schools."""
    context = start_command(data=data, district=district)
    from homeroom.apps.platform.accounts.commands import change_role

    with explain_refusals():
        member = change_role(
            district=context.district, username=username, role=role, schools=schools or (), actor="", at=context.at
        )
    print_member(member.username, member.role, is_active=member.is_active, as_json=as_json)


@group.command("deactivate")
@require_permission("users.manage")
def deactivate_user_command(
    username: Name, as_json: Json = False, data: Data = None, district: InDistrict = None
) -> None:
    """Deactivate a user in the district, at once."""
    context = start_command(data=data, district=district)
    from homeroom.apps.platform.accounts.commands import deactivate_user

    with explain_refusals():
        member = deactivate_user(district=context.district, username=username, actor="", at=context.at)
    print_member(member.username, member.role, is_active=member.is_active, as_json=as_json)


@group.command("activate")
@require_permission("users.manage")
def activate_user_command(
    username: Name, as_json: Json = False, data: Data = None, district: InDistrict = None
) -> None:
    """Activate a user again, with the role and password of before."""
    context = start_command(data=data, district=district)
    from homeroom.apps.platform.accounts.commands import activate_user

    with explain_refusals():
        member = activate_user(district=context.district, username=username, actor="", at=context.at)
    print_member(member.username, member.role, is_active=member.is_active, as_json=as_json)


@group.command("reset")
@require_permission("users.manage")
def reset_passphrase_command(
    username: Name,
    permanent: Permanent = False,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Reset a user's password, end their sessions, and print a one-time password."""
    context = start_command(data=data, district=district)
    from homeroom.apps.platform.accounts.commands import reset_passphrase

    with explain_refusals():
        new = reset_passphrase(
            district=context.district, username=username, is_permanent=permanent, actor="", at=context.at
        )
    print_passphrase(new, context, as_json=as_json)


@group.command("sessions")
@require_permission("users.read")
def list_sessions_command(
    username: Name, as_json: Json = False, data: Data = None, district: InDistrict = None
) -> None:
    """List a user's sessions: active ones, then those that ended last."""
    context = start_command(data=data, district=district)
    from homeroom.apps.platform.accounts.queries import list_user_sessions

    with explain_refusals():
        sessions = list_user_sessions(district=context.district, username=username, at=context.at, is_operator=True)
    if as_json:
        print_json([describe_session(session) for session in sessions])
        return
    for session in sessions:
        output.print(
            escape(format_session(session, ZoneInfo(context.district.timezone))), soft_wrap=True, highlight=False
        )
    if not sessions:
        output.print("No sessions.")


@group.command("end-sessions")
@require_permission("users.manage")
def end_sessions_command(
    username: Name,
    session: Annotated[str, typer.Option("--session", help="The id of one session; else all of them.")] = "",
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """End a user's sessions, at once."""
    context = start_command(data=data, district=district)
    from homeroom.apps.platform.accounts.commands import end_user_sessions

    with explain_refusals():
        count = end_user_sessions(district=context.district, username=username, record=session, actor="", at=context.at)
    if as_json:
        print_json({"username": username, "ended": count})
    else:
        output.print(f"Ended {count} session{'' if count == 1 else 's'}.")
