"""Commands that connect a console and remove the connection."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from homeroom.cli.options import Data, InDistrict, Json, output, print_json, refuse, start_command
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.ingest.remote.api_spec import ApiSpec, SettingField

verbs = typer.Typer()

Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="A setting that is no secret; may stand several times."),
]
Stdin = Annotated[
    bool, typer.Option("--stdin", help="Read settings, secrets among them, as one JSON object from standard input.")
]
Every = Annotated[int, typer.Option("--every", help="Hours between two syncs; 0 asks only when told to.")]
Quiet = Annotated[str, typer.Option("--when", help="night, class (outside of it) or any.")]
Off = Annotated[list[str] | None, typer.Option("--without", metavar="LIST", help="A list that is not read.")]


@verbs.command()
@require_permission("consoles.connect")
def connect(
    console: Annotated[str, typer.Argument(help="The console, as homeroom connections names it.", metavar="CONSOLE")],
    name: Annotated[str, typer.Option("--name", help="The name of this source; else the console's.")] = "",
    settings: Set = None,
    stdin: Stdin = False,
    every: Every = 24,
    when: Quiet = "night",
    without: Off = None,
    change: Annotated[bool, typer.Option("--change", help="Change the connection that is there.")] = False,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Connect a console.

    Secrets are read from a prompt or standard input, never from an argument that others could see.
    """
    context = start_command(data=data, district=district)
    from django.conf import settings as site

    from homeroom.apps.know.connections import commands
    from homeroom.apps.know.connections.queries import find_connection
    from homeroom.apps.know.connections.queries import get_console as described
    from homeroom.apps.know.connections.validation import ValidationErrors

    if site.DEMO:
        refuse(f"{site.DATA} is the demo's folder, and no console is ever connected to it; name another with --data")
    client = described(console)
    if client is None:
        refuse(_explain_unknown_console(console))
    values = _collect_settings(client, settings or [], stdin=stdin, may_ask=not as_json, changing=change)
    try:
        if change:
            connection_name = name or client.name
            existing = find_connection(district=context.district, name=connection_name)
            commands.change_connection(
                district=context.district,
                name=connection_name,
                values={**(existing.plain if existing else {}), **values},
                actor="",
                at=context.at,
                every_hours=every,
                quiet=when,
                off=without or [],
            )
        else:
            connection_name = commands.connect(
                district=context.district,
                client=console,
                name=name,
                values=values,
                actor="",
                at=context.at,
                every_hours=every,
                quiet=when,
                off=without or [],
            )
    except ValidationErrors as error:
        refuse("; ".join(f"{field}: {message}" for field, message in error.errors.items()))
    except LookupError as error:
        refuse(str(error))
    if as_json:
        print_json({"name": connection_name, "console": console})
    else:
        output.print(f"{connection_name} is connected. Try it: homeroom sync {connection_name}")


@verbs.command()
@require_permission("consoles.connect")
def disconnect(
    name: Annotated[str, typer.Argument(help="The connection.", metavar="NAME")],
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Remove a connection and its secrets. Data it loaded stays."""
    context = start_command(data=data, district=district)
    from homeroom.apps.know.connections import commands

    try:
        commands.disconnect(district=context.district, name=name, actor="", at=context.at)
    except (commands.UnknownConnection, commands.SyncInProgress) as error:
        refuse(str(error))
    if as_json:
        print_json({"name": name})
    else:
        output.print(f"{name} is no longer connected. Revoke its credentials in the console as well.")


def _collect_settings(
    client: ApiSpec, settings: list[str], *, stdin: bool, may_ask: bool, changing: bool
) -> dict[str, str]:
    """Return settings from options, standard input and prompts; refuse a secret among the options."""
    fields = {field.name: field for field in client.settings}
    values: dict[str, str] = {}
    for pair in settings:
        name, equals, value = pair.partition("=")
        if not equals or name not in fields:
            refuse(f"--set {name!r} must be NAME=VALUE with one of these names: {', '.join(fields)}")
        if fields[name].secret:
            refuse(f"{name} is a secret, which others could read in the list of processes; it is asked for, or --stdin")
        values[name] = value
    if stdin:
        values |= _read_stdin(fields)
    elif may_ask and sys.stdin.isatty():
        for name, field in fields.items():
            if name not in values and not (changing and field.secret):
                values[name] = _prompt_for_field(field)
    return values


def _read_stdin(fields: dict[str, SettingField]) -> dict[str, str]:
    try:
        values = msgspec.json.decode(sys.stdin.buffer.read(1 << 20), type=dict[str, str])
    except msgspec.DecodeError:
        refuse(f'standard input must be a JSON object of texts, such as {{"{next(iter(fields))}": "…"}}')
    return values


def _prompt_for_field(field: SettingField) -> str:
    hint = f" ({field.help})" if field.help else ""
    question = f"{field.title}{hint}{'' if field.required and not field.default else ' [may be empty]'}: "
    ask: Callable[[str], str] = getpass.getpass if field.secret else input
    return ask(question)


def _explain_unknown_console(name: str) -> str:
    from homeroom.apps.know.connections.queries import list_consoles

    return f"no console {name}; use one of {', '.join(console.name for console in list_consoles())}"
