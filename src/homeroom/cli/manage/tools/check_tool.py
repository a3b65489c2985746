"""The command that checks a tool before it is adopted: `homeroom check tool NAME`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table as Grid

from homeroom.cli.know.inventory import run_resolve
from homeroom.cli.options import (
    Data,
    InDistrict,
    Json,
    Today,
    lower_priority,
    output,
    print_json,
    refuse,
    start_command,
)
from homeroom.cli.protect.check import check
from homeroom.domain.platform.permissions.requirement import require_permission

MAX_RECORDS = 12
"""Records that the tables list; JSON has all."""


@check.command("tool")
@require_permission("tools.read")
def check_tool(
    name: Annotated[list[str], typer.Argument(help="What the tool is called, or its domain or id.", metavar="NAME…")],
    does: Annotated[
        list[str] | None,
        typer.Option("--does", help="A capability that it is wanted for; repeat it for several.", metavar="CAPABILITY"),
    ] = None,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Check a tool before it is adopted: is it here, what does the same, its agreement, who would lose what."""
    context = start_command(data=data, district=district, today=today)
    lower_priority()
    from homeroom.apps.know.inventory.commands import ResolveBusy
    from homeroom.apps.manage.tools.adoption_checks import CheckRefused, run_adoption_check
    from homeroom.apps.manage.tools.check_documents import build_check_document
    from homeroom.apps.manage.tools.queries import ToolsNotResolved

    try:
        run_resolve(context, quiet=as_json)
        checked = run_adoption_check(store=context.store, text=" ".join(name), does=does or (), today=context.today)
    except (ToolsNotResolved, ResolveBusy, CheckRefused) as error:
        refuse(str(error))
    document = build_check_document(checked)
    if as_json:
        print_json(document)
    else:
        print_check(document)


def print_check(document: Mapping[str, Any]) -> None:
    """Print the document of a check as a few lines and tables."""
    tool = document["tool"]
    _print_line(_describe_presence(document))
    for question in document["questions"]:
        where = "which is here" if question["here"] else "which is not here"
        _print_line(f"Do you mean {question['name']}, {where}?")
    if tool and (tool["does"] or tool["also_does"]):
        also = f" Comes with it: {', '.join(tool['also_does'])}." if tool["also_does"] else ""
        _print_line(f"For: {', '.join(tool['does']) or 'nothing known'}.{also}")
    _print_line(f"Agreement: {_describe_agreement(document['agreement'])}.")
    _print_line(f"Reach: {_describe_reach(document['reach'])}.")
    for fit in document["devices"]:
        _print_line(
            f"Devices for {fit['product']}: {fit['fits']:,} fit, {fit['blocked']:,} do not, {fit['unknown']:,} unknown."
        )
    records = [(entry["table"], entry["key"], entry["text"]) for entry in document["records"]]
    _print_table("Here as", ("list", "key", "name"), records[:MAX_RECORDS])
    if len(records) > MAX_RECORDS:
        _print_line(f"and {len(records) - MAX_RECORDS:,} more")
    _print_table("Does the same here", ("tool", "what", "paid", "a year", "schools", "hollow"), _list_same(document))
    _print_table("Who would lose it", ("school", "users", "accounts", "devices", "only here"), _list_losses(document))
    for doubt in document["cannot_tell"]:
        _print_line(f"Cannot tell of {doubt['about']}: {doubt['why']}.")


def _describe_presence(document: Mapping[str, Any]) -> str:
    tool = document["tool"]
    if tool is None:
        return f"{document['asked']} is not here, and no list or content names it."
    if not document["here"]:
        return f"{tool['name']} is not here."
    cost = {True: f", {_format_money(tool)} a year", False: ", without cost", None: ", at a cost that is not written"}
    if tool["runs"]:
        return f"{tool['name']} is here in {_count_schools(tool['schools'])}{cost[tool['paid']]}."
    return f"{tool['name']} is here in records, and does not run."


def _describe_agreement(agreement: Mapping[str, Any]) -> str:
    text = f"{agreement['verdict']} ({agreement['status']})"
    if agreement["key"]:
        until = f" until {agreement['ends_on']}" if agreement["ends_on"] else ""
        text += f", {agreement['key']} with {agreement['vendor']}{until}"
    return text + (f", for {', '.join(agreement['schools'])} alone" if agreement["schools"] else "")


def _describe_reach(reach: Mapping[str, Any]) -> str:
    counted = [
        f"{_format_count(reach[kind], hidden=kind in reach['hidden'])} {kind}"
        for kind in ("users", "accounts", "devices", "browsers")
        if reach[kind] is not None or kind in reach["hidden"]
    ]
    scopes = f"; {len(reach['scopes'])} permissions" if reach["scopes"] else ""
    return (", ".join(counted) or "nothing is counted") + scopes


def _list_same(document: Mapping[str, Any]) -> list[tuple[str, ...]]:
    words = {True: "yes", False: "no", None: "?"}
    return [
        (
            entry["name"],
            ", ".join(entry["capabilities"]) + (" (comes with it)" if entry["comes_with"] else ""),
            words[entry["paid"]],
            _format_money(entry) if entry["paid"] else "",
            _count_schools(entry["schools"]),
            entry["hollow"] or "",
        )
        for entry in document["same"]
    ]


def _list_losses(document: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [
        (
            loss["school"] or "no school",
            *(_format_count(loss[kind], hidden=kind in loss["hidden"]) for kind in ("users", "accounts", "devices")),
            ", ".join(loss["only_here"]),
        )
        for loss in document["loses"]
    ]


def _format_count(count: int | None, *, hidden: bool) -> str:
    return "hidden" if hidden else "" if count is None else f"{count:,}"


def _format_money(entry: Mapping[str, Any]) -> str:
    minor, currency = entry["year_minor"], entry["currency"]
    if minor is None:
        return "?"
    return f"${minor / 100:,.2f}" if currency in (None, "USD") else f"{minor / 100:,.2f} {currency}"


def _count_schools(schools: Sequence[str]) -> str:
    if len(schools) == 1:
        return schools[0]
    return f"{len(schools):,} schools" if schools else "no school that is known"


def _print_line(text: str) -> None:
    output.print(text, markup=False, soft_wrap=True)


def _print_table(title: str, headings: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    if not rows:
        return
    output.print(f"[bold]{title}[/]")
    grid = Grid(*headings, box=None, pad_edge=False, header_style="dim")
    for row in rows:
        grid.add_row(*map(escape, row))
    output.print(grid)
