"""Catalogs: what can be read, what is assessed, and against what."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table as Grid

from homeroom.cli.options import REFUSED, Json, output, print_json, refuse
from homeroom.domain.platform.permissions.requirement import require_permission
from homeroom.domain.suggestions import suggest_names

if TYPE_CHECKING:
    from homeroom.evidence.tables import Table
    from homeroom.library.teach.courses.course_files import CourseLevel

verbs = typer.Typer()


@verbs.command()
@require_permission("content.use")
def tables(
    name: Annotated[str | None, typer.Argument(help="Only this table.", metavar="NAME")] = None,
    as_json: Json = False,
) -> None:
    """List the canonical tables and their columns, or print one of them."""
    from homeroom.evidence.tables import TABLES

    if name is not None and name not in TABLES:
        refuse(f"no table {name!r}; use {suggest_names(name, TABLES)}")
    selected = [TABLES[name]] if name is not None else list(TABLES.values())
    if as_json:
        documents = [_convert_table_to_json(table) for table in selected]
        print_json(documents[0] if name is not None else documents)
        return
    for table in selected:
        output.print(f"\n[bold]{table.name}[/]  {table.meaning}")
        if name is not None:
            output.print(f"{'derived' if table.derived else 'source'} table, key: {', '.join(table.key) or 'none'}\n")
        _print_grid(
            ("column", "type", "privacy", "meaning"), [(c.name, c.type, c.privacy, c.meaning) for c in table.columns]
        )


@verbs.command()
@require_permission("content.use")
def connectors(as_json: Json = False) -> None:
    """List what can be read, and how well each connector is proven."""
    from homeroom.library.know.connectors import build_catalog

    rows = build_catalog()
    if as_json:
        print_json([asdict(connector) for connector in rows])
        return
    for connector in rows:
        output.print(f"\n[bold]{connector.name}[/]  {connector.title}")
        output.print(f"  reads: {'; '.join(connector.reads)}", soft_wrap=True)
        output.print(f"  fills: {', '.join(connector.tables)}", soft_wrap=True)
        output.print(f"  {', '.join(f'{name}: {state}' for name, state in connector.quality.items())}", soft_wrap=True)


@verbs.command()
@require_permission("content.use")
def mappings(as_json: Json = False) -> None:
    """List the products whose lists are read by a shipped mapping (`load --as NAME`), and how each list is made."""
    from homeroom.library.know.builtin_mappings import load_builtin_mappings

    rows = load_builtin_mappings()
    if as_json:
        print_json([
            {"name": mapping.name, "product": mapping.product, "table": mapping.table, "export": mapping.export,
             "headings": mapping.headings, "checked_on": mapping.checked_on.isoformat()} for mapping in rows
        ])  # fmt: skip
        return
    for mapping in rows:
        output.print(f"\n[bold]{mapping.name}[/]  {mapping.product}; fills {mapping.table}")
        for number, step in enumerate(mapping.export, 1):
            output.print(f"  {number}. {step}", soft_wrap=True)
        output.print(f"  {mapping.headings}", soft_wrap=True)


@verbs.command()
@require_permission("content.use")
def controls(as_json: Json = False) -> None:
    """List the controls."""
    from homeroom.library.protect.controls import load_controls as shipped

    rows = shipped()
    if as_json:
        print_json([_convert_control_to_json(control) for control in rows])
        return
    _print_grid(
        ("id", "severity", "asks", "title"),
        [(control.id, control.severity, control.asks, control.title) for control in rows],
    )


@verbs.command("check-content")
@require_permission("content.use")
def check_content(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Content files, or folders of controls; else what is shipped.", metavar="FILE"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check content files: form, references and every example in them; print how hard each course is to read."""
    from homeroom.library.teach.courses.course_files import measure_courses
    from homeroom.library.validate_content import find_content_problems, find_file_problems
    from homeroom.library.yaml_loader import BUILTIN_CONTENT

    problems = [
        problem
        for path in paths or [BUILTIN_CONTENT]
        for problem in (find_content_problems(path) if path.is_dir() else find_file_problems(path))
    ]
    levels = [level for path in paths or [BUILTIN_CONTENT] if path.is_dir() for level in measure_courses(path)]
    if as_json:
        courses = {"courses": [_convert_level_to_json(level) for level in levels]} if levels else {}
        print_json({"problems": [str(entry) for entry in problems], **courses})
    else:
        for level in levels:
            grade = "no text in English" if level.level.grade is None else f"reading level {level.level.grade}"
            output.print(f"{level.course}: {grade}, at most {level.limit}", soft_wrap=True)
        for problem in problems:
            output.print(f"[red]refused[/]  {problem}", soft_wrap=True)
        output.print(f"{len(problems)} problems" if problems else "Every file fits, every example holds.")
    if problems:
        raise typer.Exit(REFUSED)


def _convert_level_to_json(level: CourseLevel) -> dict[str, Any]:
    return {
        "id": level.course,
        "level": level.level.grade,
        "limit": level.limit,
        "words": level.level.words,
        "lessons": [{"id": name, "level": lesson.grade} for name, lesson in level.lessons.items()],
    }


def _convert_table_to_json(table: Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "meaning": table.meaning,
        "derived": table.derived,
        "key": table.key,
        "columns": [
            {"name": column.name, "type": column.type, "meaning": column.meaning, "privacy": column.privacy}
            for column in table.columns
        ],
    }


def _convert_control_to_json(control: Any) -> dict[str, Any]:
    return {
        "id": control.id,
        "area": control.area,
        "title": control.title,
        "problem": {"one": control.problem.singular, "other": control.problem.plural} if control.problem else None,
        "severity": control.severity,
        "asks": control.asks,
        "because": control.because,
        "satisfies": control.satisfies,
        "examples": len(control.examples),
    }


def _print_grid(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    grid = Grid(*heads, box=None, pad_edge=False, header_style="dim")
    for row in rows:
        grid.add_row(*row)
    output.print(grid)
