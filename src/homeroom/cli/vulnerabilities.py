"""Verbs about flaws: what to do about them, where feeds come from, and how versions are compared.

A module beside this one adds a verb to `group` with `@group.command("name")`.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    from homeroom.apps.vulnerabilities.standing import Standing
    from homeroom.cli.options import Started
    from homeroom.domain.excepting import Suppression

verbs = typer.Typer()
group = typer.Typer(
    name="vulnerabilities",
    help="List what is vulnerable, and say what of it stands for a while and by when it is to be closed.",
    invoke_without_command=True,
)
verbs.add_typer(group)


@group.callback()
def vulnerabilities(
    context: typer.Context,
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
    if context.invoked_subcommand:
        return
    started = begin(data=data, district=district, today=today)
    from homeroom.apps.vulnerabilities.queries import NothingDerived, flaws
    from homeroom.apps.vulnerabilities.standing import standing

    stands = standing(district=started.district)
    try:
        ranked = flaws(store=started.store, thing=thing, limit=limit)
    except NothingDerived as why:
        refuse(str(why))
    assert stands is not None
    if as_json:
        print_json(
            {
                "remedies": [asdict(one) for one in stands.remedies[:limit]],
                "flaws": [asdict(one) for one in ranked],
                "ends_of_life": [asdict(one) for one in stands.endings[:limit]],
                "unmatched": [asdict(one) for one in stands.unmatched],
                **_lives(started, stands),
            }
        )
        return
    _print(stands, limit)


def _lives(started: Started, stands: Standing) -> dict[str, Any]:
    """What the review and the people said, as plain values; `review` is null until the snapshot is judged."""
    from homeroom.apps.vulnerabilities.excepted import suppressions
    from homeroom.apps.vulnerabilities.tallies import times
    from homeroom.apps.vulnerabilities.terms import days_of

    review = stands.review
    changed = {"opened": review.opened, "returned": review.returned, "fixed": review.fixed} if review else None
    return {
        "review": changed,
        "not_seen": [{"thing": thing, "devices": devices} for thing, devices in stands.away],
        "days": days_of(district=started.district),
        "time_to_fix": [asdict(one) for one in times(district=started.district, today=started.today)],
        "suppressions": [_plain(one) for one in suppressions(district=started.district, today=started.today)],
    }


def _plain(one: Suppression) -> dict[str, Any]:
    from homeroom.apps.vulnerabilities.suppressing import WITHHELD
    from homeroom.domain.ids import public_id

    device = public_id("device", one.device) if one.device is not None else None
    return {**asdict(one), "device": device, "reason": WITHHELD if one.private else one.reason}


def _print(stands: Standing, limit: int) -> None:
    heads = ("what", "update to", "closes", "exploited", "worst", "devices", "overdue", "excepted", "due", "why")
    grid = Grid(*heads, box=None, pad_edge=False, header_style="dim")
    for one in stands.remedies[:limit]:
        numbers = (f"{one.closes:,}", f"{one.exploited:,}", one.worst or "", f"{one.devices:,}")
        due = (f"{one.overdue:,}", f"{one.excepted:,}", f"{one.due_on or ''}")
        grid.add_row(one.title, one.update_to or one.remedy or "", *numbers, *due, ", ".join(one.reasons))
    output.print(grid)
    if stands.review is None:
        output.print("not judged yet; homeroom assess says what is overdue, excepted and not seen", soft_wrap=True)
    for thing, devices in stands.away:
        output.print(f"not seen any more, {thing}: {devices:,} devices", soft_wrap=True)
    for end in stands.endings[:limit]:
        when = "ended" if end.ended else "ends"
        day = f"{end.ends_on or ''}" + (f" to {end.last_on}" if end.last_on != end.ends_on else "")
        longer = {"taken": " with the longer support", "offered": f", to be had until {end.extended_until}", "": ""}[
            end.longer
        ]
        output.print(f"{end.title} {end.cycle}: support {when} {day}{longer}, {end.devices:,} devices", soft_wrap=True)
    for why in stands.unmatched:
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
