"""The reference page of the program's commands and their options."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import typer

from homeroom.cli.main import EPILOG, build_app
from tools.reference.markdown import render_table


def render_pages() -> dict[str, str]:
    """Render every command with its arguments and options, in alphabetical order."""
    group: Any = typer.main.get_command(build_app())
    lines = [
        *["# Commands\n", f"{EPILOG}\n", *_render_commands(group, "homeroom")],
        *["## Old names\n", "Deprecated: they work in this version, and no longer in the next one.\n"],
        render_table(("old name", "new name"), list_old_names(group)),
    ]
    return {"commands.md": "\n".join(lines)}


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


def _render_commands(group: Any, path: str) -> Iterator[str]:
    for name, command in sorted(group.commands.items()):
        if command.hidden:
            continue
        if not hasattr(command, "commands"):
            yield from _render_command(command, f"{path} {name}")
            continue
        if command.invoke_without_command:  # a group that is a verb by itself, too
            yield from _render_command(command, f"{path} {name}")
        yield from _render_commands(command, f"{path} {name}")


def _render_command(command: Any, path: str) -> Iterator[str]:
    yield f"## {path}\n\n{inspect.cleandoc(command.help or '')}\n"
    rows = [
        _build_row(parameter)
        for parameter in command.params
        if parameter.name != "help" and not getattr(parameter, "hidden", False)
    ]
    if rows:
        yield render_table(("argument or option", "default", "meaning"), rows)


def _build_row(parameter: Any) -> tuple[str, str, str]:
    names = (
        parameter.opts + parameter.secondary_opts
        if parameter.param_type_name == "option"
        else [(parameter.metavar or parameter.name).upper()]
    )
    plain = isinstance(parameter.default, str | int | float) and not isinstance(parameter.default, bool)
    default = str(parameter.default) if plain else ("required" if parameter.required else "")
    return ", ".join(f"`{name}`" for name in names), default, getattr(parameter, "help", None) or ""
