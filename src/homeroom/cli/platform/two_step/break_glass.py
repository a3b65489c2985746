"""Commands about the break-glass account of a district."""

from __future__ import annotations

import typer

from homeroom.cli.options import Data, InDistrict, Json, output, print_json, refuse, start_command
from homeroom.domain.platform.permissions.requirement import require_permission

break_glass_group = typer.Typer(help="The break-glass account: a sheet in a safe, for when nothing else opens.")


@break_glass_group.command("create")
@require_permission("installation.operate")
def create_break_glass_account(as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """Make the account, in place of an earlier one, and print its sheet once: name, password and recovery codes."""
    context = start_command(data=data, district=district)
    from homeroom.apps.platform.second_factors.break_glass import create_break_glass

    sealed = create_break_glass(district=context.district, actor="", at=context.at)
    if as_json:
        print_json({"username": sealed.username, "passphrase": sealed.passphrase, "codes": list(sealed.codes)})
        return
    output.print(f"User name  {sealed.username}", highlight=False)
    output.print(f"Password   {sealed.passphrase}", highlight=False)
    output.print("Recovery codes, each for one sign-in:", highlight=False)
    for code in sealed.codes:
        output.print(f"  {code}", highlight=False)
    output.print("Print this and seal it. It is not shown again; each use is shown on Today and in the audit trail.")


@break_glass_group.command("show")
@require_permission("installation.operate")
def show_break_glass_account(as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """Show the account's name, when it was made and when it was used last."""
    context = start_command(data=data, district=district)
    from homeroom.apps.platform.second_factors.break_glass import find_break_glass

    account = find_break_glass(district=context.district)
    if account is None:
        refuse("there is no break-glass account; `homeroom break-glass create` makes it")
    used_at = account.used_at.isoformat() if account.used_at else None
    name, made_at = account.user.get_username(), account.made_at.isoformat()
    if as_json:
        print_json({"username": name, "made_at": made_at, "used_at": used_at})
    else:
        output.print(f"{name}, made {made_at}, {f'used {used_at}' if used_at else 'never used'}", highlight=False)


@break_glass_group.command("remove")
@require_permission("installation.operate")
def remove_break_glass_account(as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """Remove the account."""
    context = start_command(data=data, district=district)
    from homeroom.apps.platform.second_factors.break_glass import remove_break_glass

    is_removed = remove_break_glass(district=context.district, actor="", at=context.at)
    if as_json:
        print_json({"removed": is_removed})
    else:
        output.print("Removed" if is_removed else "There is none")
