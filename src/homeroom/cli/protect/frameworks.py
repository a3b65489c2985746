"""Commands for frameworks: the district's compliance, files for auditors, and importing one from OSCAL."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table as Grid

from homeroom.cli.options import (
    CommandContext,
    Data,
    InDistrict,
    Json,
    Today,
    has_subcommand,
    output,
    print_json,
    refuse,
    register_old_name,
    start_command,
)
from homeroom.domain.platform.permissions.requirement import require_permission
from homeroom.domain.protect.frameworks import Framework

verbs = typer.Typer()
group = typer.Typer(name="frameworks", invoke_without_command=True)
verbs.add_typer(group)


@group.callback()
@require_permission("content.use")
def frameworks(context: typer.Context, as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """List the frameworks that controls answer to; with a data folder also those that the district imported."""
    if has_subcommand(context):
        return
    rows = _list_frameworks(data, district)
    if as_json:
        print_json(
            [
                {
                    "id": framework.id,
                    "title": framework.title,
                    "version": framework.version,
                    "goals": len(framework.goals),
                }
                for framework in rows
            ]
        )
        return
    grid = Grid("id", "title", "goals", box=None, pad_edge=False, header_style="dim")
    for framework in rows:
        grid.add_row(framework.id, framework.title, str(len(framework.goals)))
    output.print(grid)


def _list_frameworks(data: str | None, district: str | None) -> tuple[Framework, ...]:
    if data is None and district is None and "HOMEROOM_DATA" not in os.environ:
        from homeroom.library.protect.frameworks import load_frameworks as shipped

        return shipped()
    context = start_command(data=data, district=district)
    from homeroom.apps.protect.frameworks.catalog import list_frameworks

    return list_frameworks(district=context.district)


@group.command("show")
@register_old_name(verbs, "standing", new="frameworks show")
@require_permission("posture.read")
def show_framework(
    framework: Annotated[str, typer.Argument(help="The framework's id, such as cisa-cpg-2.0.", metavar="FRAMEWORK")],
    out: Annotated[
        Path | None,
        typer.Option("--out", help="A folder for the files: OSCAL results, OSCAL plan of action, CSV action plan."),
    ] = None,
    redact: Annotated[bool, typer.Option("--redact", help="Leave out notes that are marked private.")] = False,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Show how much of a framework is met, by the newest assessment and the attestations."""
    context = start_command(data=data, district=district, today=today)
    compliance = require_compliance(context, framework)
    output_files = _write_files(context, compliance, out, redact=redact) if out is not None else []
    if as_json:
        print_json(
            convert_compliance_to_json(compliance)
            | ({"files": [str(path) for path in output_files]} if output_files else {})
        )
    else:
        print_compliance(compliance)
        for path in output_files:
            output.print(str(path), soft_wrap=True)


@group.command("import")
@register_old_name(verbs, "take-in-framework", new="frameworks import")
@require_permission("setup.change")
def import_framework(
    file: Annotated[Path, typer.Argument(help="An OSCAL catalog or profile, as JSON.", metavar="FILE")],
    name: Annotated[str, typer.Option("--id", help="The id that it gets, such as state-2027.")],
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Take an OSCAL catalog or profile in as a framework of the district."""
    context = start_command(data=data, district=district)
    from homeroom.apps.protect.frameworks import catalog
    from homeroom.library.yaml_loader import ContentRefused

    if not file.is_file():
        refuse(f"there is no {file}")
    try:
        definition = catalog.import_framework(file, name=name, district=context.district, actor="", at=context.at)
    except ContentRefused as error:
        refuse(str(error))
    if as_json:
        print_json(
            {
                "id": definition.id,
                "title": definition.title,
                "version": definition.version,
                "goals": len(definition.goals),
            }
        )
    else:
        output.print(
            f"{definition.id}: {definition.title}, {len(definition.goals)} goals", soft_wrap=True, markup=False
        )


def require_compliance(context: CommandContext, framework: str) -> Any:
    """Return the compliance with a framework; refuse if there is none of that id."""
    from homeroom.apps.protect.frameworks.queries import get_compliance

    try:
        return get_compliance(district=context.district, framework=framework, at=context.at, today=context.today)
    except LookupError as error:
        refuse(str(error))


def convert_compliance_to_json(compliance: Any) -> dict[str, Any]:
    """Return the compliance as `--json` prints it."""
    from homeroom.apps.protect.frameworks.serialize import convert_to_json

    return convert_to_json(compliance)


def print_compliance(compliance: Any) -> None:
    """Print the compliance for people: the interval, every goal, and the largest improvements."""
    document = convert_compliance_to_json(compliance)
    counts = document["counts"]
    output.print(f"[bold]{document['title']} {document['version']}[/]")
    output.print(f"between {document['at_least']:.0%} and {document['at_most']:.0%} is met; {_format_counts(counts)}")
    grid = Grid("goal", "", "how known", "at least", "at most", box=None, pad_edge=False, header_style="dim")
    for goal in document["goals"]:
        is_known = goal["how"] in ("measured", "attested")
        shares = (f"{goal['at_least']:.0%}", f"{goal['at_most']:.0%}") if is_known else ("-", "-")
        grid.add_row(goal["id"], goal["title"], goal["how"], *shares)
    output.print(grid)
    for improvement in document["raise_first"][:5]:
        output.print(
            f"+{improvement['gain']:.1%} for {improvement['minutes']} min: {improvement['problem']}",
            soft_wrap=True,
            markup=False,
        )


def _format_counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {basis}" for basis, count in counts.items() if count)


def _write_files(context: CommandContext, compliance: Any, folder: Path, *, redact: bool) -> list[Path]:
    from homeroom.apps.protect.frameworks.oscal import NoFailingChecks, build_assessment_results, build_plan_of_action
    from homeroom.apps.protect.frameworks.queries import list_attestations
    from homeroom.apps.protect.frameworks.serialize import render_action_plan

    name = compliance.framework.id
    answers = list_attestations(district=context.district, today=context.today, framework=name)
    results = build_assessment_results(
        compliance, district=context.district, at=context.at, answers=answers, redacted=redact
    )
    texts = {
        f"{name}-assessment-results.json": json.dumps(results, indent=1),
        f"{name}-action-plan.csv": render_action_plan(compliance),
    }
    try:
        plan = build_plan_of_action(compliance, district=context.district, at=context.at)
        texts[f"{name}-poam.json"] = json.dumps(plan, indent=1)
    except NoFailingChecks:
        output.print("Nothing fails under it, so that there is no plan of action.", style="dim")
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in texts.items():
        (folder / file).write_text(text, encoding="utf-8", newline="")
    return [folder / file for file in texts]
