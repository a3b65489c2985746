"""Commands for connected consoles: connections and sync."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.markup import escape

from homeroom.cli.options import (
    DONE,
    WITH_REJECTS,
    CommandContext,
    Data,
    InDistrict,
    Json,
    format_local_time,
    lower_priority,
    output,
    print_json,
    refuse,
    show_progress_bar,
    start_command,
)
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.know.connections.queries import ConnectionRow, SyncRow
    from homeroom.ingest.remote.api_spec import ApiSpec

verbs = typer.Typer()


@verbs.command("connections")
@require_permission("sources.read", change="consoles.connect")
def connections_(
    rotate_key: Annotated[
        bool, typer.Option("--rotate-key", help="Encrypt every secret again with a new key, and delete the old one.")
    ] = False,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """List connected systems and those that can be connected."""
    context = start_command(data=data, district=district)
    from homeroom.apps.know.connections.queries import list_connections, list_consoles

    if rotate_key:
        _rotate_keys(context, as_json=as_json)
        return
    rows, available_consoles = list_connections(district=context.district), list_consoles()
    if as_json:
        print_json(
            {
                "connections": [_convert_connection_to_json(entry) for entry in rows],
                "consoles": [_convert_console_to_json(entry) for entry in available_consoles],
            }
        )
        return
    for entry in rows:
        state = _format_state(entry.last) if entry.last else "never synced"
        next_sync = f"next {format_local_time(entry.due_at)}" if entry.due_at else "on request"
        output.print(f"[bold]{entry.name}[/]  {entry.title or entry.client}  {state}  {next_sync}", soft_wrap=True)
    for client in available_consoles:
        fields = ", ".join(field.name for field in client.settings)
        output.print(f"[dim]can be connected:[/] {client.name}  {client.title} ({fields})", soft_wrap=True)


@verbs.command()
@require_permission("consoles.sync")
def sync(
    names: Annotated[list[str] | None, typer.Argument(help="Connections; else every one.", metavar="[NAME…]")] = None,
    whole: Annotated[bool, typer.Option("--whole", help="Ask for everything, not only for what changed.")] = False,
    try_only: Annotated[bool, typer.Option("--try", help="Only sign in and ask each list for one page.")] = False,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Sync connected systems now. An interrupted sync continues where it stopped."""
    context = start_command(data=data, district=district)
    from homeroom.apps.know.connections.queries import list_connections

    existing = [entry.name for entry in list_connections(district=context.district)]
    selected = names or existing
    if missing := [name for name in selected if name not in existing]:
        refuse(f"no connection {', '.join(missing)}; there is {', '.join(existing) or 'none yet'}")
    if not selected:
        refuse("nothing is connected yet; homeroom connections says what could be")
    if try_only:
        _try_connections(context, selected, as_json=as_json)
    lower_priority()
    rows = [_sync_connection(context, name, is_full=whole, quiet=as_json) for name in selected]
    if as_json:
        print_json([_convert_sync_to_json(entry) for entry in rows])
    else:
        for entry in rows:
            _print_sync(entry)
    raise typer.Exit(DONE if all(_is_clean(entry) for entry in rows) else WITH_REJECTS)


def _sync_connection(context: CommandContext, name: str, *, is_full: bool, quiet: bool) -> SyncRow:
    from django.conf import settings

    from homeroom.apps.know.connections import commands, tasks
    from homeroom.apps.know.connections.queries import find_sync
    from homeroom.apps.know.connections.run_sync import run_sync
    from homeroom.ingest.remote.http_transport import open_transport

    try:
        number = commands.request_sync(district=context.district, name=name, actor="", at=context.at, full=is_full)
    except commands.SyncInProgress as error:
        number = error.number  # what a killed process left goes on here; a lock tells where one is at work
    with show_progress_bar(quiet=quiet) as progress, open_transport(policy=settings.ADDRESS_POLICY) as send:
        means = tasks.build_sync_context(context.district, send=send, show=progress)
        state = run_sync(district=context.district, number=number, context=means)
    if state == "elsewhere":
        refuse(f"{name} is being synced by another process")
    row = find_sync(district=context.district, number=number)
    if row is None:
        refuse(f"{name} was disconnected meanwhile")
    return row


def _try_connections(context: CommandContext, names: list[str], *, as_json: bool) -> NoReturn:
    from django.conf import settings

    from homeroom.apps.know.connections.connection_test import try_connection
    from homeroom.ingest.remote.clock import create_system_clock
    from homeroom.ingest.remote.http_transport import open_transport

    with open_transport(policy=settings.ADDRESS_POLICY) as send:
        results = {
            name: try_connection(
                district=context.district, name=name, send=send, clock=create_system_clock(), actor="", at=context.at
            )
            for name in names
        }
    if as_json:
        print_json({name: [asdict(result) for result in lists] for name, lists in results.items()})
    else:
        for name, lists in results.items():
            for result in lists:
                label = "[green]well[/]" if result.well else "[red]wrong[/]"
                output.print(f"{name}  {label}  {escape(result.title)}  {escape(result.sentence)}", soft_wrap=True)
    well = all(result.well or result.optional for lists in results.values() for result in lists)
    raise typer.Exit(DONE if well else WITH_REJECTS)


def _rotate_keys(context: CommandContext, *, as_json: bool) -> None:
    from homeroom.apps.know.connections.key_rotation import rotate_every_key
    from homeroom.apps.platform.secret_box import SecretDecryptionError

    try:
        count = rotate_every_key(actor="", at=context.at)
    except SecretDecryptionError as error:
        refuse(str(error))
    if as_json:
        print_json({"sealed_anew": count})
    else:
        subject = "one connection" if count == 1 else f"{count} connections"
        output.print(f"The secrets of {subject} are sealed under a new key; the old one is forgotten.")


def _print_sync(sync_row: SyncRow) -> None:
    output.print(
        f"[bold]{sync_row.connection}[/]  {_format_state(sync_row)}  {escape(sync_row.sentence)}", soft_wrap=True
    )
    for stream in sync_row.streams:
        rows = f"{stream.get('rows', 0):,} rows" if "rows" in stream else ""
        output.print(
            f"    {stream['stream']}  {stream['outcome']}  {rows}  {escape(stream['sentence'])}", soft_wrap=True
        )
        for change in stream.get("changes", ()):
            output.print(
                f"        {change['table']}: {change['added']:,} added, {change['removed']:,} gone, "
                f"{change['changed']:,} changed"
            )
        for feed, reason in stream.get("left_out", {}).items():
            output.print(f"        left out: {feed}: {escape(reason)}", soft_wrap=True)


def _format_state(sync_row: SyncRow) -> str:
    return f"{sync_row.state} {format_local_time(sync_row.finished_at)}" if sync_row.finished_at else sync_row.state


def _is_clean(sync_row: SyncRow) -> bool:
    return sync_row.state == "done" and all(stream["outcome"] != "held" for stream in sync_row.streams)


def _convert_connection_to_json(connection: ConnectionRow) -> dict[str, Any]:
    last = _convert_sync_to_json(connection.last) if connection.last else None
    return {**asdict(connection), "settings": connection.plain, "last": last}


def _convert_console_to_json(console: ApiSpec) -> dict[str, Any]:
    return {
        "name": console.name,
        "title": console.title,
        "settings": [asdict(field) for field in console.settings],
        "lists": [{"id": feed.id, "title": feed.title, "scopes": feed.scopes} for feed in console.feeds],
        "grant": console.grant,
    }


def _convert_sync_to_json(sync_row: SyncRow) -> dict[str, Any]:
    return asdict(sync_row)
