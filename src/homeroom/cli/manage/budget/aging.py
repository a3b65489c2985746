"""The command of aging: devices in support by school, what a school lacks for more, and what devices cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer
from rich.markup import escape
from rich.table import Table as Grid

from homeroom.cli.options import Data, InDistrict, Json, Today, output, print_json, refuse, start_command
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.domain.manage.aging.ownership import OwnershipPart
    from homeroom.domain.manage.aging.schools import SchoolAging

verbs = typer.Typer()


@verbs.command("aging")
@require_permission("budget.read")
def list_aging(as_json: Json = False, data: Data = None, district: InDistrict = None, today: Today = None) -> None:
    """List by school what is in support and what is missing if testing moves online or students come; and costs."""
    context = start_command(data=data, district=district, today=today)
    from homeroom.apps.manage.budget.aging import build_aging_document, load_aging
    from homeroom.apps.manage.budget.aging_rows import NothingResolved

    try:
        aging = load_aging(district=context.district, today=context.today)
    except NothingResolved as error:
        refuse(str(error))
    if as_json:
        print_json(build_aging_document(aging))
        return
    _print_schools(aging.schools)
    grid = Grid("kind", "model", "devices", "cost for one device", box=None)
    for model in aging.ownership.models:
        grid.add_row(model.kind, escape(model.model or "?"), f"{model.devices:,}", _format_parts(model.parts))
    output.print(grid)
    output.print(f"for one student: {_format_parts(aging.ownership.per_student)}", soft_wrap=True)
    if aging.without_school:
        output.print(f"{aging.without_school:,} devices are in no school, and not counted by school")


def _print_schools(schools: tuple[SchoolAging, ...]) -> None:
    grid = Grid(
        "school",
        "students",
        "devices in support",
        "spare",
        "switches past support",
        "access points",
        "megabits",
        box=None,
    )
    for item in schools:
        gear = [f"{part.past_support:,} of {part.total:,}" if part.total else "?" for part in item.gear.values()]
        line = "?" if item.line.megabits is None else f"{item.line.megabits:,}"
        needed = "?" if item.line.needed is None else f"{item.line.needed:,}"
        grid.add_row(
            escape(item.school),
            "?" if item.students.count is None else f"{item.students.count:,}",
            f"{item.devices.in_support:,}",
            f"{item.devices.spare:,}",
            *gear,
            f"{line} of {needed}",
        )
    output.print(grid)
    for item in schools:
        for part in item.missing:
            if part.missing:
                output.print(
                    f"  {escape(item.school)}, {part.scenario}: {part.missing:,} of {part.needed:,} {part.item} missing"
                )
            elif part.missing is None:
                output.print(
                    f"  {escape(item.school)}, {part.scenario}: cannot tell of {part.item}: {part.why}", soft_wrap=True
                )


def _format_parts(parts: tuple[OwnershipPart, ...]) -> str:
    texts = []
    for part in parts:
        if part.amount is None:
            texts.append(f"{part.part}: cannot tell")
        elif part.part == "minutes":
            texts.append(f"{part.part}: {float(part.amount):.0f}")
        else:
            texts.append(f"{part.part}: {float(part.amount) / 100:,.2f} {part.currency}")
    return ", ".join(texts)
