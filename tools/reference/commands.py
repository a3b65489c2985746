"""The reference pages of the program's commands and their options."""

from __future__ import annotations

import inspect
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import typer

from homeroom.cli.main import EPILOG, build_app
from homeroom.domain.wings import get_area_name
from tools.reference.markdown import render_table

HEADINGS = ("argument or option", "default", "meaning")
COMMON = 10
"""Commands that have an option, from which on its meaning is on the page once."""
Row = tuple[str, str, str]


def render_pages() -> dict[str, str]:
    """Render an index of all commands, and a page for each area with their arguments and options."""
    group: Any = typer.main.get_command(build_app())
    commands = list(_list_shown_commands(group, "homeroom"))
    counts = Counter(row for _, command in commands for row in _build_rows(command))
    common = sorted(row for row, count in counts.items() if count >= COMMON)
    areas = defaultdict[str, list[tuple[str, Any]]](list)
    for path, command in commands:
        areas[_find_area(command)].append((path, command))
    index = [
        f"# Commands\n\n{EPILOG}\n",
        render_table(("command", "what it does"), [_build_entry(path, command) for path, command in commands]),
        "## Options of many commands\n",
        render_table(HEADINGS, common),
        "## Old names\n\nDeprecated: they work in this version, and no longer in the next one.\n",
        render_table(("old name", "new name"), list_old_names(group)),
    ]
    pages = {f"commands/{area}.md": _render_area(area, items, common) for area, items in areas.items()}
    return {"commands/README.md": "\n".join(index)} | pages


def _find_area(command: Any) -> str:
    """Return the module or package of the command line that has a command."""
    return get_area_name(inspect.unwrap(command.callback).__module__, layer="homeroom.cli")


def _build_entry(path: str, command: Any) -> tuple[str, str]:
    summary = inspect.cleandoc(command.help or "").partition("\n\n")[0].replace("\n", " ")
    return f"[`{path}`]({_find_area(command)}.md#{path.replace(' ', '-')})", summary


def _render_area(area: str, commands: list[tuple[str, Any]], common: list[Row]) -> str:
    lines = [line for path, command in commands for line in _render_command(command, path, common)]
    return "\n".join([f"# Commands: {area}\n\n[All commands](README.md).\n", *lines])


def list_old_names(group: Any) -> list[tuple[str, str]]:
    """Return each deprecated command with the one that does the same, in alphabetical order."""
    commands = sorted(_walk(group, "homeroom"), key=lambda pair: pair[0])
    new_names = {inspect.unwrap(command.callback): path for path, command in commands if not command.deprecated}
    return [
        (f"`{path}`", f"`{new_names[inspect.unwrap(command.callback)]}`")
        for path, command in commands
        if command.deprecated
    ]


def _walk(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _walk(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def _list_shown_commands(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    for name, command in sorted(group.commands.items()):
        if command.hidden:
            continue
        if not hasattr(command, "commands"):
            yield f"{path} {name}", command
            continue
        if command.invoke_without_command:  # a group that is a verb by itself, too
            yield f"{path} {name}", command
        yield from _list_shown_commands(command, f"{path} {name}")


def _render_command(command: Any, path: str, common: list[Row]) -> Iterator[str]:
    yield f"## {path}\n\n{inspect.cleandoc(command.help or '')}\n"
    rows = list(_build_rows(command))
    if own := [row for row in rows if row not in common]:
        yield render_table(HEADINGS, own)
    if names := [row[0] for row in rows if row in common]:
        yield f"{'Also' if own else 'Options:'} {', '.join(names)}.\n"


def _build_rows(command: Any) -> Iterator[Row]:
    for parameter in command.params:
        if parameter.name != "help" and not getattr(parameter, "hidden", False):
            yield _build_row(parameter)


def _build_row(parameter: Any) -> Row:
    names = (
        parameter.opts + parameter.secondary_opts
        if parameter.param_type_name == "option"
        else [(parameter.metavar or parameter.name).upper()]
    )
    plain = isinstance(parameter.default, str | int | float) and not isinstance(parameter.default, bool)
    default = str(parameter.default) if plain else ("required" if parameter.required else "")
    return ", ".join(f"`{name}`" for name in names), default, getattr(parameter, "help", None) or ""
