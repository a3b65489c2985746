"""Verbs about flaws: what to do about them, where feeds come from, and how versions are compared."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table as Grid

from homeroom.cli.check import check
from homeroom.cli.options import (
    WITH_REJECTS,
    Data,
    InDistrict,
    Json,
    Today,
    begin,
    output,
    print_json,
    progress_bar,
    refuse,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from homeroom.apps.vulnerabilities.queries import Ending, Remedy, Unmatched

verbs = typer.Typer()


@verbs.command()
def vulnerabilities(
    limit: Annotated[
        int, typer.Option("--limit", help="How many remedies, flaws and ends of support at most.", min=1)
    ] = 50,
    thing: Annotated[
        str,
        typer.Option("--of", help="Only the flaws of this product or package, as the list names it.", metavar="THING"),
    ] = "",
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """List what is vulnerable or out of support by what would close it, the heaviest first."""
    from homeroom.apps.vulnerabilities.queries import NothingDerived, endings, flaws, remedies, unmatched

    started = begin(data=data, district=district, today=today)
    try:
        todo, ended = remedies(store=started.store, limit=limit), endings(store=started.store, limit=limit)
        ranked, silent = flaws(store=started.store, thing=thing, limit=limit), unmatched(store=started.store)
    except NothingDerived as why:
        refuse(str(why))
    if as_json:
        print_json(
            {
                "remedies": [asdict(one) for one in todo],
                "flaws": [asdict(one) for one in ranked],
                "ends_of_life": [asdict(one) for one in ended],
                "unmatched": [asdict(one) for one in silent],
            }
        )
        return
    _print(todo, ended, silent)


def _print(todo: Sequence[Remedy], ended: Sequence[Ending], silent: Sequence[Unmatched]) -> None:
    heads = ("what", "update to", "closes", "exploited", "worst", "devices", "why")
    grid = Grid(*heads, box=None, pad_edge=False, header_style="dim")
    for one in todo:
        numbers = (f"{one.closes:,}", f"{one.exploited:,}", one.worst or "", f"{one.devices:,}")
        grid.add_row(one.title, one.update_to or one.remedy or "", *numbers, ", ".join(one.reasons))
    output.print(grid)
    for end in ended:
        when = "ended" if end.ended else "ends"
        output.print(
            f"{end.title} {end.cycle}: support {when} {end.ends_on or ''}, {end.devices:,} devices", soft_wrap=True
        )
    for why in silent:
        output.print(f"not compared, {why.reason}: {why.names:,} names, {why.installs:,} rows", soft_wrap=True)


@verbs.command()
def feed(
    address: Annotated[
        str, typer.Argument(help="An https address, such as of an NVD, EPSS or OSV file.", metavar="URL")
    ],
    out: Annotated[Path, typer.Option("--out", help="The file to write, to be loaded like any export.")],
    most: Annotated[int, typer.Option("--most-mib", help="Refuse more than this many MiB.", min=1)] = 2048,
    as_json: Json = False,
) -> None:
    """Fetch a feed over https into a file; a zip of many small records becomes one file of lines."""
    from homeroom.apps.vulnerabilities.fetching import FeedRefused, fetch

    try:
        with progress_bar(quiet=as_json) as progress:
            found = fetch(address, out=out, most=most << 20, progress=progress)
    except FeedRefused as why:
        refuse(str(why))
    if as_json:
        print_json(asdict(found))
    else:
        output.print(f"{found.name}: {found.bytes:,} bytes; load it with homeroom load {found.name}", soft_wrap=True)


@check.command("versions")
def check_versions(
    path: Annotated[
        Path, typer.Argument(help="JSON lines with version, constraint and vulnerable.", metavar="CASES.jsonl")
    ],
    as_json: Json = False,
) -> None:
    """Compare versions with constraints whose answer is known, as another scanner found them."""
    from homeroom.apps.vulnerabilities.checking import CasesRefused
    from homeroom.apps.vulnerabilities.checking import check_versions as command

    try:
        found = command(path)
    except (CasesRefused, OSError) as why:
        refuse(f"{path.name}: {why}")
    if as_json:
        print_json(asdict(found))
    else:
        output.print(
            f"{found.cases:,} cases: {found.true:,} true, {found.false:,} false, {found.cannot_tell:,} cannot tell"
        )
        for one in found.disagreements:
            output.print(f"  line {one.line}: {one.version} {one.constraint}: {one.ours} {one.why}", soft_wrap=True)
    if found.disagreements:
        raise typer.Exit(WITH_REJECTS)
