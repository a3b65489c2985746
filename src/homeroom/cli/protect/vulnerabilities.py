"""Commands for vulnerabilities: what to do about them, downloading feeds, and how versions are compared.

Another module of this package adds a command to `group` with `@group.command("name")`.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table as Grid
from rich.text import Text

from homeroom.cli.options import (
    WITH_REJECTS,
    Data,
    InDistrict,
    Json,
    Today,
    has_subcommand,
    output,
    print_json,
    refuse,
    show_progress_bar,
    start_command,
)
from homeroom.cli.protect.check import check
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from collections.abc import Sequence

    from _typeshed import DataclassInstance

    from homeroom.apps.protect.vulnerabilities.published.queries import RemedySummary
    from homeroom.apps.protect.vulnerabilities.published.summary import VulnerabilitySummary
    from homeroom.cli.options import CommandContext
    from homeroom.domain.protect.suppressions import Suppression

verbs = typer.Typer()
group = typer.Typer(
    name="vulnerabilities",
    help="List vulnerabilities by fix, accept them for a time, and set due dates.",
    invoke_without_command=True,
)
verbs.add_typer(group)
_JSON_NAMES = {"product_key": "thing", "cve_title": "flaw", "excepted_vulnerabilities": "excepted_flaws"}
"""Names in `--json` of fields that have another name in the code."""


@group.callback()
@require_permission("vulnerabilities.read")
def vulnerabilities(
    context: typer.Context,
    limit: Annotated[
        int, typer.Option("--limit", help="How many remedies, flaws and ends of support at most.", min=1)
    ] = 50,
    product_key: Annotated[
        str,
        typer.Option("--of", help="Only the flaws of this product or package, as the list names it.", metavar="THING"),
    ] = "",
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """List vulnerabilities and end-of-life software by fix, highest risk first."""
    if has_subcommand(context):
        return
    command_context = start_command(data=data, district=district, today=today)
    from homeroom.apps.protect.vulnerabilities.published.queries import NothingDerived, list_vulnerabilities
    from homeroom.apps.protect.vulnerabilities.published.summary import get_current_summary

    summary = get_current_summary(district=command_context.district)
    try:
        ranked = list_vulnerabilities(store=command_context.store, product=product_key, limit=limit)
    except NothingDerived as error:
        refuse(str(error))
    assert summary is not None
    if as_json:
        print_json(
            {
                "remedies": [_convert_row_to_json(entry) for entry in summary.remedies[:limit]],
                "flaws": [_convert_row_to_json(entry) for entry in ranked],
                "ends_of_life": [_convert_row_to_json(entry) for entry in summary.endings[:limit]],
                "unmatched": [asdict(entry) for entry in summary.unmatched],
                **_convert_review_to_json(command_context, summary),
            }
        )
        return
    _print_summary(summary, limit)


def _convert_row_to_json(row: DataclassInstance) -> dict[str, Any]:
    """Return the fields of a row under the names that scripts read."""
    return {_JSON_NAMES.get(name, name): value for name, value in asdict(row).items()}


def _convert_review_to_json(context: CommandContext, summary: VulnerabilitySummary) -> dict[str, Any]:
    """Return the results of the review and the suppressions as plain values.

    `review` is null until the snapshot is assessed.
    """
    from homeroom.apps.protect.exceptions.queries import list_active_suppressions
    from homeroom.apps.protect.vulnerabilities.deadlines import get_deadline_days
    from homeroom.apps.protect.vulnerabilities.published.tallies import summarize_time_to_fix

    review = summary.review
    changed = {"opened": review.opened, "returned": review.returned, "fixed": review.fixed} if review else None
    return {
        "review": changed,
        "not_seen": [{"thing": product_id, "devices": devices} for product_id, devices in summary.away],
        "days": get_deadline_days(district=context.district),
        "time_to_fix": [
            asdict(entry) for entry in summarize_time_to_fix(district=context.district, today=context.today)
        ],
        "suppressions": [
            _convert_suppression_to_json(entry)
            for entry in list_active_suppressions(district=context.district, today=context.today)
        ],
    }


def _convert_suppression_to_json(suppression: Suppression) -> dict[str, Any]:
    from homeroom.apps.protect.exceptions.rules import WITHHELD
    from homeroom.domain.ids import format_public_id

    device = format_public_id("device", suppression.device) if suppression.device is not None else None
    reason = WITHHELD if suppression.private else suppression.reason
    return {**_convert_row_to_json(suppression), "device": device, "reason": reason}


def build_remedy_grid(remedies: Sequence[RemedySummary]) -> Grid:
    """Return a table of remedies that is readable at 80 columns: what to do and why below the name, numbers beside."""
    grid = Grid(box=None, pad_edge=False, header_style="dim")
    grid.add_column("Fix", min_width=28, overflow="fold")
    for title in ("Closes", "Exploited", "Devices", "Overdue"):
        grid.add_column(title, justify="right", no_wrap=True)
    grid.add_column("Due", no_wrap=True)
    for remedy in remedies:
        step = f"update to {remedy.update_to}" if remedy.update_to else remedy.remedy
        accepted = f"{remedy.excepted:,} accepted" if remedy.excepted else ""
        about = "; ".join(filter(None, (step, remedy.worst, *remedy.reasons, accepted)))
        numbers = (remedy.closes, remedy.exploited, remedy.devices, remedy.overdue)
        name = Text.assemble(remedy.title, ("\n  " + about if about else "", "dim"))
        grid.add_row(name, *(f"{number:,}" for number in numbers), f"{remedy.due_on or ''}")
    return grid


def _print_summary(summary: VulnerabilitySummary, limit: int) -> None:
    output.print(build_remedy_grid(summary.remedies[:limit]))
    if summary.review is None:
        output.print("No scan yet: run homeroom assess to see what is overdue, accepted or gone.", soft_wrap=True)
    for product_id, devices in summary.away:
        output.print(f"No longer seen: {product_id}, {devices:,} devices", soft_wrap=True)
    for end in summary.endings[:limit]:
        when = "ended" if end.ended else "ends"
        day = f"{end.ends_on or ''}" + (f" to {end.last_on}" if end.last_on != end.ends_on else "")
        longer = {
            "taken": " (extended support)",
            "offered": f" (extended support until {end.extended_until} available)",
            "": "",
        }[end.longer]
        output.print(f"{end.title} {end.cycle}: support {when} {day}{longer}, {end.devices:,} devices", soft_wrap=True)
    for unmatched in summary.unmatched:
        output.print(
            f"Not matched ({unmatched.reason}): {unmatched.installs:,} installs, {unmatched.names:,} products",
            soft_wrap=True,
        )


@verbs.command()
@require_permission("installation.operate")
def feed(
    address: Annotated[
        str, typer.Argument(help="An https address, such as of an NVD, EPSS or OSV file.", metavar="URL")
    ],
    out: Annotated[Path, typer.Option("--out", help="The file to write, to be loaded like any export.")],
    most: Annotated[int, typer.Option("--most-mib", help="Refuse more than this many MiB.", min=1)] = 2048,
    as_json: Json = False,
) -> None:
    """Fetch a feed over https into a file; a zip of many small records becomes one file of lines."""
    from django.utils.module_loading import import_string

    from homeroom.apps.protect.vulnerabilities.feed_download import FeedRefused, download_feed
    from homeroom.ingest.remote.addresses import build_policy

    # Not through Django's settings: reading those creates a data folder, and a download needs none.
    setting = import_string("homeroom.config.environment.LOCAL_CONSOLES")
    try:
        policy = build_policy(setting.text)
        with show_progress_bar(quiet=as_json) as progress:
            result = download_feed(address, out=out, max_bytes=most << 20, progress=progress, policy=policy)
    except (FeedRefused, ValueError) as error:
        refuse(str(error))
    if as_json:
        print_json(asdict(result))
    else:
        output.print(f"{result.name}: {result.bytes:,} bytes; load it with homeroom load {result.name}", soft_wrap=True)


@check.command("versions")
@require_permission("content.use")
def check_versions(
    path: Annotated[
        Path, typer.Argument(help="JSON lines with version, constraint and vulnerable.", metavar="CASES.jsonl")
    ],
    as_json: Json = False,
) -> None:
    """Compare versions with constraints whose answer is known, as another scanner found them."""
    from homeroom.apps.protect.vulnerabilities.version_check import CasesRefused
    from homeroom.apps.protect.vulnerabilities.version_check import check_versions as command

    try:
        result = command(path)
    except (CasesRefused, OSError) as error:
        refuse(f"{path.name}: {error}")
    if as_json:
        print_json(asdict(result))
    else:
        output.print(
            f"{result.cases:,} cases: {result.true:,} true, {result.false:,} false, {result.cannot_tell:,} cannot tell"
        )
        for disagreement in result.disagreements:
            output.print(
                f"  line {disagreement.line}: {disagreement.version} {disagreement.constraint}: {disagreement.ours} "
                f"{disagreement.why}",
                soft_wrap=True,
            )
    if result.disagreements:
        raise typer.Exit(WITH_REJECTS)
