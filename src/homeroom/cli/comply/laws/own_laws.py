"""Commands of a district's laws: list them, import policies of its own, and remove those."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table as Grid

from homeroom.cli.options import (
    REFUSED,
    Data,
    InDistrict,
    Json,
    errors,
    output,
    print_json,
    refuse,
    start_command,
)
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.comply.laws.own_laws import LawImport
    from homeroom.domain.comply.laws.law import Law
    from homeroom.library.yaml_loader import ContentRefused

group = typer.Typer(no_args_is_help=True, help="The laws of this district: those that ship, and its own policies.")
DEFAULT_ACTOR = "homeroom"
By = Annotated[str, typer.Option("--by", help="Who does it, for the audit trail.", metavar="USER")]


@group.command("list")
@require_permission("duties.read")
def list_laws(
    own: Annotated[bool, typer.Option("--own", help="Only those that this district imported.")] = False,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """List the laws of this district with their versions and duties."""
    context = start_command(data=data, district=district)
    from homeroom.apps.comply.laws.catalog import list_laws
    from homeroom.apps.comply.laws.own_laws import list_own_law_problems, list_own_laws
    from homeroom.library.comply.laws.own_laws import split_version

    imported = list_own_laws(district=context.district)
    laws = imported if own else tuple(list_laws(district=context.district).values())
    for problem in list_own_law_problems(district=context.district):
        errors.print(f"[red]does not fit any more[/]  {escape(str(problem))}", soft_wrap=True)
    own_ids = {law.id for law in imported}
    rows = [_describe_law(law, is_own=split_version(law.id)[0] in own_ids) for law in laws]
    if as_json:
        print_json({"laws": rows})
        return
    grid = Grid("id", "title", "version", "from", "standing", "duties", "own", box=None)
    for row in rows:
        values = (row["id"], row["title"], row["version"], row["effective"], row["standing"], row["duties"])
        grid.add_row(*(escape(str(value)) for value in values), "own" if row["own"] else "")
    output.print(grid if rows else "No law; homeroom laws import FILE adds a policy of your own.")


@group.command("import")
@require_permission("setup.change")
def import_laws(
    files: Annotated[list[Path], typer.Argument(help="Files of laws or policies, one each.", metavar="FILE…")],
    by: By = DEFAULT_ACTOR,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Import policies of your own; a newer version leaves the older in force for cases of its time."""
    context = start_command(data=data, district=district)
    from homeroom.apps.comply.laws.own_laws import import_law
    from homeroom.library.yaml_loader import ContentRefused

    imports: list[LawImport] = []
    refusals: list[ContentRefused] = []
    for path in files:
        try:
            imports.append(import_law(path, district=context.district, actor=by, at=context.at))
        except ContentRefused as error:
            refusals.append(error)
    problems = [problem for refusal in refusals for problem in refusal.problems]
    if as_json:
        imported = [{**_describe_law(item.law, is_own=True), "older": item.older} for item in imports]
        refused = [{"file": item.file, "field": item.field, "reason": item.message} for item in problems]
        print_json({"imported": imported, "refused": refused})
    else:
        for item in imports:
            older = f"; {len(item.older)} older versions count for their time" if item.older else ""
            output.print(
                f"{item.law.id}: {len(item.law.duties)} duties from {item.law.effective} on{older}", soft_wrap=True
            )
        for problem in problems:
            errors.print(f"[red]Error:[/] {escape(str(problem))}", soft_wrap=True)
    if problems:
        raise typer.Exit(REFUSED)


@group.command("remove")
@require_permission("setup.change")
def remove_own_law(
    law: Annotated[str, typer.Argument(help="The id of a law that was imported.", metavar="ID")],
    by: By = DEFAULT_ACTOR,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Remove a policy of your own with its older versions."""
    context = start_command(data=data, district=district)
    from homeroom.apps.comply.laws.own_laws import list_own_laws, remove_law

    try:
        versions = remove_law(law, district=context.district, actor=by, at=context.at)
    except LookupError:
        names = [item.id for item in list_own_laws(district=context.district) if item.id.startswith("district-")]
        refuse(f"no imported law {law!r}; use {', '.join(names) or 'homeroom laws import FILE'}")
    if as_json:
        print_json({"removed": law, "versions": versions})
        return
    output.print(f"Removed {law}, {versions} versions." if versions > 1 else f"Removed {law}.")


def _describe_law(law: Law, *, is_own: bool) -> dict[str, Any]:
    return {
        "id": law.id,
        "title": law.title,
        "version": law.version,
        "citation": law.citation,
        "effective": law.effective,
        "checked_on": law.checked_on,
        "standing": law.standing,
        "depth": law.depth,
        "supersedes": law.supersedes or None,
        "duties": len(law.duties),
        "own": is_own,
    }
