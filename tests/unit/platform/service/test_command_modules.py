"""A command that is built without the other commands is all in the module that is imported for it."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main

import homeroom.cli
from homeroom.cli.main import build_app
from homeroom.cli.platform.service.command_modules import COMMANDS, find_module
from homeroom.domain.wings import list_area_modules

MODULES = list_area_modules(homeroom.cli)


@pytest.fixture(scope="module")
def commands() -> dict[str, Any]:
    """Return the commands of the whole command line."""
    return dict(typer.main.get_group(build_app()).commands)


def _list_own(module_name: str) -> set[str]:
    verbs = getattr(importlib.import_module(MODULES[module_name]), "verbs", None)
    if verbs is None:
        return set()
    app = typer.Typer()
    app.add_typer(verbs)
    app.callback()(lambda: None)
    return set(typer.main.get_group(app).commands)


def _iter_modules(command: Any) -> Iterator[str]:
    """Yield the module of each function behind a command and the commands in it."""
    for inner in getattr(command, "commands", {}).values():
        yield from _iter_modules(inner)
    if command.callback is not None:
        yield getattr(command.callback, "__wrapped__", command.callback).__module__


@pytest.mark.parametrize("module_name", MODULES)
def test_the_commands_that_are_a_modules_own_begin_with_it_alone(module_name: str, commands: dict[str, Any]) -> None:
    prefix = MODULES[module_name]
    own_commands = {
        name
        for name in _list_own(module_name)
        if all(f"{module}.".startswith(f"{prefix}.") for module in _iter_modules(commands[name]))
    }
    assert set(COMMANDS.get(module_name, ())) == own_commands


def test_commands_that_several_modules_make_up_and_other_arguments_begin_with_all_modules() -> None:
    for arguments in ([], ["--version"], ["--help"], ["lode"], ["check", "baseline"], ["vulnerabilities", "suppress"]):
        assert find_module(arguments) == ""
    assert find_module(["load", "--help"]) == "sources"
