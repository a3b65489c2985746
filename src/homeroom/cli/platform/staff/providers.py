"""The command that shows and sets how people sign in."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer
from rich.markup import escape

from homeroom.cli.options import Data, InDistrict, Json, output, print_json, refuse, start_command
from homeroom.domain.platform.permissions.requirement import require_permission


@require_permission("awareness.read", change="staff_sign_in.manage")
def show_staff_sign_in(
    provider: Annotated[str, typer.Argument(help="google or microsoft, to set it.", metavar="[PROVIDER]")] = "",
    client_id: Annotated[str, typer.Option("--client-id", help="The client ID of the registration.")] = "",
    pinned: Annotated[
        str, typer.Option("--pinned", help="Domains of your staff at Google, or the ID of your Microsoft tenant.")
    ] = "",
    stdin: Annotated[bool, typer.Option("--stdin", help="Read the client secret from standard input.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Remove the registration and its secret.")] = False,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Show how people sign in to their own pages; with PROVIDER, set it.

    The command prompts for the secret, or reads it from standard input, never from an argument that others could see.
    """
    context = start_command(data=data, district=district)
    from homeroom.apps.platform.people_sign_in.providers import (
        RegistrationRefused,
        list_registrations,
        register_provider,
        remove_provider,
    )

    if provider and remove:
        if not remove_provider(district=context.district, provider=provider, actor="", at=context.at):
            refuse(f"there is no registration at {provider!r}")
    elif provider:
        secret = sys.stdin.readline().strip() if stdin else getpass.getpass("Client secret: ")
        try:
            register_provider(
                district=context.district,
                provider=provider,
                client_id=client_id,
                secret=secret,
                pinned=pinned,
                actor="",
                at=context.at,
            )
        except RegistrationRefused as error:
            refuse(f"{error.field}: {error}")
    registrations = list_registrations(district=context.district)
    if as_json:
        print_json(
            [
                {"provider": item.provider.name, "client_id": item.client_id, "pinned": list(item.pinned)}
                for item in registrations
            ]
        )
        return
    for item in registrations:
        output.print(f"{item.provider.title}  {escape(item.client_id)}  {escape(', '.join(item.pinned))}")
    if not registrations:
        output.print("Nobody signs in by Google or Microsoft yet.")
