"""Commands that create a district and let people sign in to it."""

from __future__ import annotations

import secrets
from typing import Annotated

import typer

from homeroom.cli.options import Data, InDistrict, Json, output, print_json, refuse, register_old_name, start_command

verbs = typer.Typer()
group = typer.Typer(name="district", help="Set the name and time zone of a district.", no_args_is_help=True)
verbs.add_typer(group)


@verbs.command("add-user")
def add_user(
    username: str,
    role: Annotated[str, typer.Option("--role", help="director, technician or auditor")] = "director",
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Let somebody sign in; prints the passphrase once."""
    context = start_command(data=data, district=district)
    from homeroom.apps.districts.commands import create_user

    passphrase = secrets.token_urlsafe(18)
    try:
        create_user(district=context.district, username=username, role=role, passphrase=passphrase)
    except ValueError as error:
        refuse(str(error))
    if as_json:
        print_json({"username": username, "role": role, "passphrase": passphrase})
    else:
        output.print(f"{username} signs in as {role} with: {passphrase}")


@group.command("set")
@register_old_name(verbs, "name-district", new="district set")
def set_district(
    name: str,
    timezone: Annotated[str, typer.Option("--timezone")] = "America/New_York",
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Give the district its name and time zone; makes the one that --district names where it is new."""
    context = start_command(data=data, district=district, make=True)
    from homeroom.apps.districts.commands import rename_district

    try:
        rename_district(district=context.district, name=name, timezone=timezone)
    except (LookupError, ValueError) as error:
        refuse(f"{timezone!r} is not a time zone; one looks like America/Chicago ({error})")
    if as_json:
        print_json({"district": context.district.slug, "name": name, "timezone": timezone})
    else:
        output.print(f"{name}, {timezone}")
