"""The catalogues: what can be read, what is judged, and against what."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table as Grid

from homeroom.cli.options import REFUSED, Data, InDistrict, Json, begin, output, print_json
from homeroom.domain.frameworks import Framework

verbs = typer.Typer()


@verbs.command()
def tables(as_json: Json = False) -> None:
    """List the canonical tables and their columns."""
    from homeroom.evidence.tables import TABLES

    if as_json:
        print_json([
            {
                "name": table.name,
                "meaning": table.meaning,
                "derived": table.derived,
                "key": table.key,
                "columns": [
                    {"name": c.name, "type": c.type, "meaning": c.meaning, "privacy": c.privacy} for c in table.columns
                ],
            }
            for table in TABLES.values()
        ])  # fmt: skip
        return
    for table in TABLES.values():
        output.print(f"\n[bold]{table.name}[/]  {table.meaning}")
        _grid(("column", "type", "privacy", "meaning"), [(c.name, c.type, c.privacy, c.meaning) for c in table.columns])


@verbs.command()
def connectors(as_json: Json = False) -> None:
    """List what can be read, and how well each connector is proven."""
    from homeroom.library.connectors import catalogue

    rows = catalogue()
    if as_json:
        print_json([asdict(one) for one in rows])
        return
    for one in rows:
        output.print(f"\n[bold]{one.name}[/]  {one.title}")
        output.print(f"  reads: {'; '.join(one.reads)}", soft_wrap=True)
        output.print(f"  fills: {', '.join(one.tables)}", soft_wrap=True)
        output.print(f"  {', '.join(f'{name}: {state}' for name, state in one.quality.items())}", soft_wrap=True)


@verbs.command()
def mappings(as_json: Json = False) -> None:
    """List the products whose lists are read by a shipped mapping (`load --as NAME`), and how each list is made."""
    from homeroom.library.shipped import shipped_mappings

    rows = shipped_mappings()
    if as_json:
        print_json([
            {"name": one.name, "product": one.product, "table": one.table, "export": one.export,
             "headings": one.headings, "checked_on": one.checked_on.isoformat()} for one in rows
        ])  # fmt: skip
        return
    for one in rows:
        output.print(f"\n[bold]{one.name}[/]  {one.product}; fills {one.table}")
        for number, step in enumerate(one.export, 1):
            output.print(f"  {number}. {step}", soft_wrap=True)
        output.print(f"  {one.headings}", soft_wrap=True)


@verbs.command()
def controls(as_json: Json = False) -> None:
    """List what is judged."""
    from homeroom.library.controls import controls as shipped

    rows = shipped()
    if as_json:
        print_json([_control(one) for one in rows])
        return
    _grid(("id", "severity", "asks", "title"), [(one.id, one.severity, one.asks, one.title) for one in rows])


@verbs.command()
def frameworks(as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """List the frameworks that controls answer to; where a data folder is named also those that the district took in."""
    rows = _frameworks(data, district)
    if as_json:
        print_json([
            {"id": one.id, "title": one.title, "version": one.version, "goals": len(one.goals)} for one in rows
        ])  # fmt: skip
        return
    _grid(("id", "title", "goals"), [(one.id, one.title, str(len(one.goals))) for one in rows])


@verbs.command("check-content")
def check_content(
    folder: Annotated[
        Path | None, typer.Argument(help="A folder of controls; else what is shipped.", metavar="DIR")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check controls and frameworks: their form, their references and every example in them."""
    from homeroom.library.checks import content_problems

    problems = content_problems(folder) if folder is not None else content_problems()
    if as_json:
        print_json({"problems": [str(one) for one in problems]})
    else:
        for problem in problems:
            output.print(f"[red]refused[/]  {problem}", soft_wrap=True)
        output.print(f"{len(problems)} problems" if problems else "Every file fits, every example holds.")
    if problems:
        raise typer.Exit(REFUSED)


def _frameworks(data: str | None, district: str | None) -> tuple[Framework, ...]:
    if data is None and district is None and "HOMEROOM_DATA" not in os.environ:
        from homeroom.library.frameworks import frameworks as shipped

        return shipped()
    started = begin(data=data, district=district)
    from homeroom.apps.frameworks.known import known_frameworks

    return known_frameworks(district=started.district)


def _control(one: Any) -> dict[str, Any]:
    return {
        "id": one.id,
        "area": one.area,
        "title": one.title,
        "severity": one.severity,
        "asks": one.asks,
        "because": one.because,
        "satisfies": one.satisfies,
        "examples": len(one.examples),
    }


def _grid(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    grid = Grid(*heads, box=None, pad_edge=False, header_style="dim")
    for row in rows:
        grid.add_row(*row)
    output.print(grid)
