"""A command that is built without the other commands is defined in the module that is imported for it."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
import typer.main

import homeroom.cli
from homeroom.cli.service.command_modules import COMMANDS, find_module

MODULES = [module_info.name for module_info in pkgutil.iter_modules(homeroom.cli.__path__)]


def _list_commands(module_name: str) -> set[str]:
    verbs = getattr(importlib.import_module(f"homeroom.cli.{module_name}"), "verbs", None)
    if verbs is None:
        return set()
    app = typer.Typer()
    app.add_typer(verbs)
    app.callback()(lambda: None)
    return set(typer.main.get_group(app).commands)


@pytest.mark.parametrize("module_name", MODULES)
def test_the_commands_of_a_module_begin_with_it_alone(module_name: str) -> None:
    assert set(COMMANDS.get(module_name, ())) == _list_commands(module_name)


def test_other_arguments_begin_with_all_modules() -> None:
    assert [find_module(arguments) for arguments in ([], ["--version"], ["--help"], ["lode"])] == ["", "", "", ""]
    assert find_module(["load", "--help"]) == "sources"
