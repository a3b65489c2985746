"""Commands about 2-step verification (MFA) of users."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from homeroom.cli.options import Data, InDistrict, Json, output, print_json, refuse, start_command
from homeroom.cli.platform.users.refusals import explain_refusals
from homeroom.domain.platform.permissions.requirement import require_permission

mfa_group = typer.Typer(help="2-step verification (MFA): who has it, what is required, resets and recovery codes.")
Username = Annotated[str, typer.Argument(help="User name.")]


@mfa_group.command("list")
@require_permission("sign_in.manage")
def list_mfa(as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """List the users of the office with what they have set up."""
    context = start_command(data=data, district=district)
    from homeroom.apps.platform.second_factors.queries import list_member_factors

    members = list_member_factors(district=context.district, at=context.at)
    if as_json:
        print_json(
            [
                {
                    "username": member.username,
                    "role": member.role,
                    "passkeys": member.factors.passkeys,
                    "app": member.factors.has_app,
                    "recovery_codes": member.factors.codes,
                    "linked": list(member.linked),
                    "break_glass": member.is_break_glass,
                }
                for member in members
            ]
        )
        return
    for member in members:
        factors = [
            *(["passkey"] if member.factors.passkeys else []),
            *(["app"] if member.factors.has_app else []),
            *([f"{member.factors.codes} recovery codes"] if member.factors.codes else []),
            *member.linked,
        ]
        output.print(f"{escape(member.username):<24} {member.role:<12} {', '.join(factors) or 'none'}")


@mfa_group.command("require")
@require_permission("sign_in.manage")
def require_mfa(
    is_required: Annotated[bool, typer.Option("--on/--off", help="Whether all users of the office need it.")] = True,
    provider_counts: Annotated[
        bool,
        typer.Option("--provider-counts/--provider-never", help="Whether the provider's own step counts."),
    ] = False,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Require 2-step verification of all users of the office, or no longer."""
    context = start_command(data=data, district=district)
    from homeroom.apps.platform.second_factors.policies import FactorPolicy, set_policy

    policy = FactorPolicy(is_required=is_required, provider_counts=provider_counts)
    set_policy(district=context.district, policy=policy, actor="", at=context.at)
    if as_json:
        print_json({"required": is_required, "provider_counts": provider_counts})
    else:
        output.print("2-step verification is required" if is_required else "2-step verification is not required")


@mfa_group.command("reset")
@require_permission("sign_in.manage")
def reset_mfa(username: Username, as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """Remove the passkeys, app, recovery codes and linked accounts of a user who lost them, in all districts."""
    context = start_command(data=data, district=district)
    from homeroom.apps.platform.accounts.commands import reset_two_step

    with explain_refusals():
        count = reset_two_step(district=context.district, username=username, actor="", at=context.at)
    if as_json:
        print_json({"username": username, "removed": count})
    else:
        output.print(f"{escape(username)}: removed {count}")


@mfa_group.command("codes")
@require_permission("sign_in.manage")
def print_mfa_codes(username: Username, as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """Print new recovery codes of a user, once: the second step of a first sign-in, or after a loss."""
    context = start_command(data=data, district=district)
    from homeroom.apps.platform.districts.queries import find_active_user, list_members
    from homeroom.apps.platform.second_factors.recovery_codes import issue_recovery_codes

    user = find_active_user(username=username)
    if user is None or user.get_username() not in {name for name, *_ in list_members(district=context.district)}:
        refuse("there is no such user in this district")
    codes = issue_recovery_codes(user=user, actor="", at=context.at)
    if as_json:
        print_json({"username": username, "codes": list(codes)})
        return
    for code in codes:
        output.print(code, highlight=False)
