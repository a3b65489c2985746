"""The verb that shows the districts of an installation side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer
from rich.table import Table as Grid

from homeroom.cli.options import Data, Json, output, prepare_data_folder, print_json
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.manage.service_center.queries import DistrictStatus

verbs = typer.Typer()


@verbs.command()
@require_permission("installation.operate")
def districts(as_json: Json = False, data: Data = None) -> None:
    """Show what each district needs today, most urgent first."""
    prepare_data_folder(data=data)
    from django.utils import timezone

    from homeroom.apps.manage.service_center.queries import summarize_districts
    from homeroom.apps.platform.districts.queries import list_districts

    statuses = summarize_districts(districts=list_districts(), at=timezone.now())
    if as_json:
        print_json([_convert_status_to_json(status) for status in statuses])
        return
    headings = ("district", "name", "incidents", "alerts", "late duties", "waiting loads", "old sources", "score")
    grid = Grid(*headings, box=None, pad_edge=False)
    for status in statuses:
        grid.add_row(*_format_status(status))
    output.print(grid)


def _convert_status_to_json(status: DistrictStatus) -> dict[str, Any]:
    return {
        "district": status.slug,
        "name": status.name,
        "needs_somebody": status.needs_somebody,
        "incidents_open": status.incidents,
        "alerts_new": status.alerts,
        "duties_late": status.duties,
        "loads_waiting": status.held_loads if status.is_readable else None,
        "sources": status.sources if status.is_readable else None,
        "sources_old": status.old_sources if status.is_readable else None,
        "loaded_at": status.loaded_at.isoformat() if status.loaded_at else None,
        "score": status.score.serialize() if status.score else None,
        "assessed_on": status.assessed_on.isoformat() if status.assessed_on else None,
        "evidence_readable": status.is_readable,
    }


def _format_status(status: DistrictStatus) -> tuple[str, ...]:
    score = f"{status.score.low:.0%} to {status.score.high:.0%}" if status.score else "not judged"
    duties = "unknown" if status.duties is None else str(status.duties)
    loads = (str(status.held_loads), f"{status.old_sources} of {status.sources}")
    return (
        status.slug,
        status.name,
        str(status.incidents),
        str(status.alerts),
        duties,
        *(loads if status.is_readable else ("damaged", "damaged")),
        score,
    )
