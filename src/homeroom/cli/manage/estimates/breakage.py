"""The command of breakage: how many devices of a model break by which age; no district has to be loaded."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table as Grid

from homeroom.cli.options import (
    WITH_REJECTS,
    Json,
    Today,
    errors,
    output,
    parse_day_option,
    print_json,
    refuse,
)
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.manage.breakage.breakage_documents import BreakageOutcome
    from homeroom.domain.manage.estimates.breakage import BrokenShare, ModelBreakage

verbs = typer.Typer()


@verbs.command("breakage")
@require_permission("content.use")
def estimate_breakage(
    devices: Annotated[
        Path,
        typer.Argument(help="Devices: device,model,in_service,listed_since,left_on,how.", metavar="DEVICES.csv"),
    ],
    as_json: Json = False,
    today: Today = None,
) -> None:
    """Estimate by model the share that breaks by the age of 1 to 6 years, and how many break next year."""
    from homeroom.apps.manage.breakage.breakage_documents import build_breakage_document, estimate_file
    from homeroom.ingest.contract.errors import FileRefused

    day = parse_day_option(today, option="--today") if today else datetime.now(UTC).date()
    try:
        outcome = estimate_file(devices, today=day)
    except FileRefused as error:
        refuse(str(error))
    if as_json:
        print_json(build_breakage_document(outcome))
    else:
        _print_outcome(outcome)
    if outcome.rejects:
        raise typer.Exit(WITH_REJECTS)


def _print_outcome(outcome: BreakageOutcome) -> None:
    from homeroom.domain.manage.estimates.breakage import AGES

    headings = (f"{years} y" for years in AGES)
    grid = Grid("model", "devices", "broken", *headings, "next year", box=None)
    for model in outcome.models:
        shares = (_format_share(share) for share in model.by_age)
        grid.add_row(escape(model.model), str(model.devices), str(model.broken), *shares, _format_next_year(model))
    if outcome.models:
        output.print(grid)
    for item in outcome.rejects:
        errors.print(f"Rejected: {escape(str(item))}", soft_wrap=True)


def _format_share(share: BrokenShare) -> str:
    if share.interval is None or share.share is None:
        return "?"
    return f"{share.share:.0%} ({share.interval.low:.0%}-{share.interval.high:.0%})"


def _format_next_year(model: ModelBreakage) -> str:
    if model.expected is None or model.expected_interval is None:
        return "?"
    return f"{model.expected:.0f} ({model.expected_interval.low:.0f}-{model.expected_interval.high:.0f})"
