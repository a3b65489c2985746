"""The verbs that connect a console and take the connection away again."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from homeroom.cli.options import Data, InDistrict, Json, begin, output, print_json, refuse

if TYPE_CHECKING:
    from homeroom.ingest.remote.client import Client, Field

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
    """Connect a console. Secrets are asked for or come on standard input, never as an argument that others could see."""
    started = begin(data=data, district=district)
    from django.conf import settings as site

    from homeroom.apps.connections import commands
    from homeroom.apps.connections.entering import Wrong
    from homeroom.apps.connections.queries import console as described
    from homeroom.apps.connections.queries import one_connection

    if site.DEMO:
        refuse(f"{site.DATA} is the demo's folder, and no console is ever connected to it; name another with --data")
    client = described(console)
    if client is None:
        refuse(_no_console(console))
    given = _given(client, settings or [], stdin=stdin, may_ask=not as_json, changing=change)
    about: dict[str, Any] = {
        "district": started.district,
        "given": given,
        "actor": "",
        "at": started.at,
        "every_hours": every,
        "quiet": when,
        "off": without or [],
    }
    try:
        if change:
            chosen = name or client.name
            standing = one_connection(district=started.district, name=chosen)
            about["given"] = {**(standing.plain if standing else {}), **given}
            commands.change(name=chosen, **about)
        else:
            chosen = commands.connect(client=console, name=name, **about)
    except Wrong as why:
        refuse("; ".join(f"{field}: {told}" for field, told in why.wrong.items()))
    except LookupError as why:
        refuse(str(why))
    if as_json:
        print_json({"name": chosen, "console": console})
    else:
        output.print(f"{chosen} is connected. Try it: homeroom sync {chosen}")


@verbs.command()
def disconnect(
    name: Annotated[str, typer.Argument(help="The connection.", metavar="NAME")],
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Remove a connection and its secrets. What it loaded stands on."""
    started = begin(data=data, district=district)
    from homeroom.apps.connections import commands

    try:
        commands.disconnect(district=started.district, name=name, actor="", at=started.at)
    except (commands.NoSuchConnection, commands.SyncOpen) as why:
        refuse(str(why))
    if as_json:
        print_json({"name": name})
    else:
        output.print(f"{name} is no longer connected. Revoke its credentials in the console as well.")


def _given(client: Client, settings: list[str], *, stdin: bool, may_ask: bool, changing: bool) -> dict[str, str]:
    """Settings from options, standard input and questions. Refuses a secret among the options."""
    fields = {field.name: field for field in client.settings}
    given: dict[str, str] = {}
    for pair in settings:
        name, equals, value = pair.partition("=")
        if not equals or name not in fields:
            refuse(f"--set {name!r}; NAME=VALUE would fit, with a name of {', '.join(fields)}")
        if fields[name].secret:
            refuse(f"{name} is a secret, which others could read in the list of processes; it is asked for, or --stdin")
        given[name] = value
    if stdin:
        given |= _read(fields)
    elif may_ask and sys.stdin.isatty():
        for name, field in fields.items():
            if name not in given and not (changing and field.secret):
                given[name] = _asked(field)
    return given


def _read(fields: dict[str, Field]) -> dict[str, str]:
    try:
        found = msgspec.json.decode(sys.stdin.buffer.read(1 << 20), type=dict[str, str])
    except msgspec.DecodeError:
        refuse(f'standard input is no JSON object of texts; {{"{next(iter(fields))}": "…"}} would fit')
    return found


def _asked(field: Field) -> str:
    about = f" ({field.help})" if field.help else ""
    question = f"{field.title}{about}{'' if field.required and not field.default else ' [may be empty]'}: "
    ask: Callable[[str], str] = getpass.getpass if field.secret else input
    return ask(question)


def _no_console(name: str) -> str:
    from homeroom.apps.connections.queries import consoles

    return f"no console {name}; {', '.join(one.name for one in consoles())} would fit"
