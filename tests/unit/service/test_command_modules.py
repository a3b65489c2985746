"""A command that is built without the other commands is defined in the module that is imported for it."""

from __future__ import annotations

import importlib

import pytest
import typer.main

from homeroom.cli.main import MODULES_BY_COMMAND


@pytest.mark.parametrize(("command", "module_name"), MODULES_BY_COMMAND.items())
def test_the_module_of_a_command_defines_it(command: str, module_name: str) -> None:
    verbs = importlib.import_module(f"homeroom.cli.{module_name}").verbs
    assert command in typer.main.get_group(verbs).commands
