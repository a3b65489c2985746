"""The verbs about frameworks: where the district stands under one, its files for auditors, and taking one in from OSCAL."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table as Grid

from homeroom.cli.options import Data, InDistrict, Json, Started, Today, begin, output, print_json, refuse

verbs = typer.Typer()


@verbs.command()
def standing(
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
    """Tell how much of a framework is met, by the newest judgement and what was attested."""
    started = begin(data=data, district=district, today=today)
    under = found_under(started, framework)
    written = _written(started, under, out, redact=redact) if out is not None else []
    if as_json:
        print_json(told(under) | ({"files": [str(path) for path in written]} if written else {}))
    else:
        show(under)
        for path in written:
            output.print(str(path), soft_wrap=True)


@verbs.command("take-in-framework")
def take_in_framework(
    file: Annotated[Path, typer.Argument(help="An OSCAL catalogue or profile, as JSON.", metavar="FILE")],
    name: Annotated[str, typer.Option("--id", help="The id that it gets, such as state-2027.")],
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Take an OSCAL catalogue or profile in as a framework of the district."""
    started = begin(data=data, district=district)
    from homeroom.apps.frameworks import known
    from homeroom.library.reading import ContentRefused

    if not file.is_file():
        refuse(f"there is no {file}")
    try:
        made = known.take_in_framework(file, name=name, district=started.district, actor="", at=started.at)
    except ContentRefused as why:
        refuse(str(why))
    if as_json:
        print_json({"id": made.id, "title": made.title, "version": made.version, "goals": len(made.goals)})
    else:
        output.print(f"{made.id}: {made.title}, {len(made.goals)} goals", soft_wrap=True, markup=False)


def found_under(started: Started, framework: str) -> Any:
    """The standing under a framework. Refuses where there is none of that id."""
    from homeroom.apps.frameworks.queries import standing_under

    try:
        return standing_under(district=started.district, framework=framework, at=started.at, today=started.today)
    except LookupError as why:
        refuse(str(why))


def told(under: Any) -> dict[str, Any]:
    """The standing as `--json` prints it."""
    from homeroom.apps.frameworks.telling import as_json

    return as_json(under)


def show(under: Any) -> None:
    """The standing for a person: the interval, every goal, and what would raise it most."""
    document = told(under)
    counts = document["counts"]
    output.print(f"[bold]{document['title']} {document['version']}[/]")
    output.print(f"between {document['at_least']:.0%} and {document['at_most']:.0%} is met; {_counted(counts)}")
    grid = Grid("goal", "", "how known", "at least", "at most", box=None, pad_edge=False, header_style="dim")
    for goal in document["goals"]:
        known = goal["how"] in ("measured", "attested")
        shares = (f"{goal['at_least']:.0%}", f"{goal['at_most']:.0%}") if known else ("-", "-")
        grid.add_row(goal["id"], goal["title"], goal["how"], *shares)
    output.print(grid)
    for one in document["raise_first"][:5]:
        output.print(f"+{one['gain']:.1%} for {one['minutes']} min: {one['title']}", soft_wrap=True, markup=False)


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {how}" for how, count in counts.items() if count)


def _written(started: Started, under: Any, folder: Path, *, redact: bool) -> list[Path]:
    from homeroom.apps.frameworks.oscal import NothingOpen, assessment_results, plan_of_action
    from homeroom.apps.frameworks.queries import attestations
    from homeroom.apps.frameworks.telling import action_plan

    name = under.framework.id
    answers = attestations(district=started.district, today=started.today, framework=name)
    results = assessment_results(under, district=started.district, at=started.at, answers=answers, redacted=redact)
    texts = {
        f"{name}-assessment-results.json": json.dumps(results, indent=1),
        f"{name}-action-plan.csv": action_plan(under),
    }
    try:
        plan = plan_of_action(under, district=started.district, at=started.at)
        texts[f"{name}-poam.json"] = json.dumps(plan, indent=1)
    except NothingOpen:
        output.print("Nothing fails under it, so that there is no plan of action.", style="dim")
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in texts.items():
        (folder / file).write_text(text, encoding="utf-8", newline="")
    return [folder / file for file in texts]
