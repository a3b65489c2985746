"""The verbs that ask connected consoles: connections and sync."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.markup import escape

from homeroom.cli.options import (
    DONE,
    WITH_REJECTS,
    Data,
    InDistrict,
    Json,
    Started,
    begin,
    give_way,
    output,
    print_json,
    progress_bar,
    refuse,
)

if TYPE_CHECKING:
    from homeroom.apps.connections.queries import ConnectionRow, SyncRow
    from homeroom.ingest.remote.client import Client

verbs = typer.Typer()


@verbs.command("connections")
def connections_(
    rotate_key: Annotated[
        bool, typer.Option("--rotate-key", help="Seal every secret anew under a new key, and forget the old one.")
    ] = False,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """List the consoles that are connected, and those that could be."""
    started = begin(data=data, district=district)
    from homeroom.apps.connections.queries import connections, consoles

    if rotate_key:
        _rotate(started, as_json=as_json)
        return
    rows, known = connections(district=started.district), consoles()
    if as_json:
        print_json({"connections": [_connection(one) for one in rows], "consoles": [_console(one) for one in known]})
        return
    for one in rows:
        state = _state(one.last) if one.last else "never synced"
        planned = f"next {one.due_at:%Y-%m-%d %H:%M} UTC" if one.due_at else "only when told to"
        output.print(f"[bold]{one.name}[/]  {one.title or one.client}  {state}  {planned}", soft_wrap=True)
    for client in known:
        fields = ", ".join(field.name for field in client.settings)
        output.print(f"[dim]can be connected:[/] {client.name}  {client.title} ({fields})", soft_wrap=True)


@verbs.command()
def sync(
    names: Annotated[list[str] | None, typer.Argument(help="Connections; else every one.", metavar="[NAME…]")] = None,
    whole: Annotated[bool, typer.Option("--whole", help="Ask for everything, not only for what changed.")] = False,
    try_only: Annotated[bool, typer.Option("--try", help="Only sign in and ask each list for one page.")] = False,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Ask consoles now, load what they answer, resolve and judge. An interrupted sync goes on where it was."""
    started = begin(data=data, district=district)
    from homeroom.apps.connections.queries import connections

    there = [one.name for one in connections(district=started.district)]
    wanted = names or there
    if missing := [name for name in wanted if name not in there]:
        refuse(f"no connection {', '.join(missing)}; there is {', '.join(there) or 'none yet'}")
    if not wanted:
        refuse("nothing is connected yet; homeroom connections says what could be")
    if try_only:
        _try(started, wanted, as_json=as_json)
    give_way()
    rows = [_synced(started, name, whole=whole, quiet=as_json) for name in wanted]
    if as_json:
        print_json([_sync(one) for one in rows])
    else:
        for one in rows:
            _show(one)
    raise typer.Exit(DONE if all(_clean(one) for one in rows) else WITH_REJECTS)


def _synced(started: Started, name: str, *, whole: bool, quiet: bool) -> SyncRow:
    from homeroom.apps.connections import commands, tasks
    from homeroom.apps.connections.queries import one_sync
    from homeroom.apps.connections.running import run_sync
    from homeroom.ingest.remote.sending import opened

    try:
        number = commands.ask_for_sync(district=started.district, name=name, actor="", at=started.at, whole=whole)
    except commands.SyncOpen as open_:
        number = open_.number  # what a killed process left goes on here; a lock tells where one is at work
    with progress_bar(quiet=quiet) as progress, opened() as send:
        means = tasks.means_for(started.district, send=send, show=progress)
        state = run_sync(district=started.district, number=number, means=means)
    if state == "elsewhere":
        refuse(f"{name} is being synced by another process")
    row = one_sync(district=started.district, number=number)
    if row is None:
        refuse(f"{name} was disconnected meanwhile")
    return row


def _try(started: Started, names: list[str], *, as_json: bool) -> NoReturn:
    from homeroom.apps.connections.trying import try_connection
    from homeroom.ingest.remote.clock import wall
    from homeroom.ingest.remote.sending import opened

    with opened() as send:
        told = {
            name: try_connection(district=started.district, name=name, send=send, clock=wall(), actor="", at=started.at)
            for name in names
        }
    if as_json:
        print_json({name: [asdict(one) for one in lists] for name, lists in told.items()})
    else:
        for name, lists in told.items():
            for one in lists:
                word = "[green]well[/]" if one.well else "[red]wrong[/]"
                output.print(f"{name}  {word}  {escape(one.title)}  {escape(one.sentence)}", soft_wrap=True)
    well = all(one.well or one.optional for lists in told.values() for one in lists)
    raise typer.Exit(DONE if well else WITH_REJECTS)


def _rotate(started: Started, *, as_json: bool) -> None:
    from homeroom.apps.connections.commands import seal_anew
    from homeroom.apps.connections.sealing import NotOpened

    try:
        count = seal_anew(actor="", at=started.at)
    except NotOpened as why:
        refuse(str(why))
    if as_json:
        print_json({"sealed_anew": count})
    else:
        of = "one connection" if count == 1 else f"{count} connections"
        output.print(f"The secrets of {of} are sealed under a new key; the old one is forgotten.")


def _show(one: SyncRow) -> None:
    output.print(f"[bold]{one.connection}[/]  {_state(one)}  {escape(one.sentence)}", soft_wrap=True)
    for stream in one.streams:
        rows = f"{stream.get('rows', 0):,} rows" if "rows" in stream else ""
        output.print(
            f"    {stream['stream']}  {stream['outcome']}  {rows}  {escape(stream['sentence'])}", soft_wrap=True
        )
        for change in stream.get("changes", ()):
            output.print(
                f"        {change['table']}: {change['added']:,} added, {change['removed']:,} gone, "
                f"{change['changed']:,} changed"
            )
        for feed, why in stream.get("left_out", {}).items():
            output.print(f"        left out: {feed}: {escape(why)}", soft_wrap=True)


def _state(one: SyncRow) -> str:
    return f"{one.state} {one.finished_at:%Y-%m-%d %H:%M} UTC" if one.finished_at else one.state


def _clean(one: SyncRow) -> bool:
    return one.state == "done" and all(stream["outcome"] != "held" for stream in one.streams)


def _connection(one: ConnectionRow) -> dict[str, Any]:
    last = _sync(one.last) if one.last else None
    return {**asdict(one), "settings": one.plain, "last": last}


def _console(one: Client) -> dict[str, Any]:
    return {
        "name": one.name,
        "title": one.title,
        "settings": [asdict(field) for field in one.settings],
        "lists": [{"id": feed.id, "title": feed.title, "scopes": feed.scopes} for feed in one.feeds],
        "grant": one.grant,
    }


def _sync(one: SyncRow) -> dict[str, Any]:
    return asdict(one)
