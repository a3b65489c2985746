"""The command that prints codes for people without an account at Google or Microsoft."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from homeroom.cli.options import Data, InDistrict, Json, output, print_json, refuse, start_command
from homeroom.domain.platform.permissions.requirement import require_permission


@require_permission("staff_sign_in.manage")
def print_staff_codes(
    addresses: Annotated[list[str] | None, typer.Argument(help="Addresses of people.", metavar="[ADDRESS]…")] = None,
    school: Annotated[str, typer.Option("--school", help="Everybody at this school.")] = "",
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Print codes that let people sign in once within seven days; each is shown once."""
    context = start_command(data=data, district=district)
    from homeroom.apps.platform.people_sign_in.codes import CodesRefused, print_codes

    if not addresses and not school:
        refuse("name addresses, or a school with --school")
    try:
        codes = print_codes(
            district=context.district, addresses=addresses or (), school=school, actor="", at=context.at
        )
    except CodesRefused as error:
        refuse(str(error))
    if as_json:
        print_json(
            [
                {
                    "name": item.name,
                    "address": item.address,
                    "school": item.school,
                    "code": item.code,
                    "expires_at": item.expires_at.isoformat(),
                }
                for item in codes
            ]
        )
        return
    for item in codes:
        output.print(f"{escape(item.school)}  {escape(item.name)}  {escape(item.address)}  {item.code}", soft_wrap=True)
