"""The commands of loaded logs: erase a person from them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from homeroom.cli.options import Data, InDistrict, Json, output, print_json, refuse, start_command
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.protect.incidents.erase_person import PersonErasure

verbs = typer.Typer()
group = typer.Typer(help="Events of loaded logs.")
verbs.add_typer(group, name="events")


@group.callback()
def _group() -> None:
    """Events of loaded logs."""


@group.command("erase")
@require_permission("privacy.erase")
def erase_events(
    names: Annotated[
        list[str], typer.Argument(help="All addresses and ids that logs have for the person.", metavar="NAME…")
    ],
    reason: Annotated[str, typer.Option("--reason", help="Why, for the audit trail; no name.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Erase; without it, only count.")] = False,
    by: Annotated[str, typer.Option("--by", help="Who does it, for the audit trail.", metavar="USER")] = "homeroom",
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Erase a person from events, detections and alerts; say what incidents hold. It cannot be undone."""
    context = start_command(data=data, district=district)
    from homeroom.apps.protect.incidents.erase_person import erase_person_everywhere, preview_person_erasure

    now = datetime.now(UTC)
    try:
        if yes:
            outcome = erase_person_everywhere(
                district=context.district, store=context.store, names=names, reason=reason, actor=by, at=now
            )
        else:
            outcome = preview_person_erasure(district=context.district, store=context.store, names=names, at=now)
    except ValueError as error:
        refuse(str(error))
    if as_json:
        print_json({"erased": yes, **asdict(outcome)})
        return
    _print_outcome(outcome, erased=yes)


def _print_outcome(outcome: PersonErasure, *, erased: bool) -> None:
    detections = outcome.detections
    output.print(
        f"{'Erased' if erased else 'Would erase'}: {outcome.events.rows:,} events, "
        f"{detections.detections:,} detections of {detections.alerts:,} alerts, "
        f"{detections.matches:,} matches, {detections.habits:,} learned habits",
        soft_wrap=True,
    )
    for hold in outcome.holds:
        output.print(
            f"stays: {hold.incident} ({hold.state}) {escape(hold.title)}: {hold.alerts} alerts, {hold.events} events, "
            f"{hold.entries} entries; an incident holds its evidence",
            soft_wrap=True,
        )
    if not erased:
        output.print("Nothing was changed; --yes erases, with --reason.")
