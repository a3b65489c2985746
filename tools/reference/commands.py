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
    return {"commands.md": "\n".join(["# Commands\n", f"{EPILOG}\n", *_render_commands(group, "homeroom")])}


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
    rows = [_build_row(parameter) for parameter in command.params if parameter.name != "help"]
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
