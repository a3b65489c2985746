"""The options of every verb: JSON for programs, and a data folder wherever it opens one."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest
import typer.main

from homeroom.cli.main import build_app

LONG_RUNNING = {"serve", "worker"}  # they answer with pages and jobs, not with a document
VERBS = {info.name or "": info for info in (*build_app().registered_commands,)} | {
    (command.name or getattr(command.callback, "__name__", "").replace("_", "-")): command
    for group in build_app().registered_groups
    if group.typer_instance is not None
    for command in group.typer_instance.registered_commands
}


def _list_options(verb: str) -> set[str]:
    command = typer.main.get_command(build_app()).commands[verb]  # type: ignore[attr-defined]
    return {option for parameter in command.params for option in parameter.opts}


def test_the_verbs_that_are_promised_are_there() -> None:
    promised = "sample load resolve assess serve worker demo doctor controls connectors tables check-content"
    assert set(promised.split()) <= set(VERBS)


@pytest.mark.parametrize("verb", sorted(VERBS.keys() - LONG_RUNNING))
def test_a_verb_prints_json_for_programs(verb: str) -> None:
    assert "--json" in _list_options(verb)


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_a_verb_that_opens_a_data_folder_lets_it_be_named(verb: str) -> None:
    opens = "begin(" in inspect.getsource(VERBS[verb].callback)  # type: ignore[arg-type]
    assert ("--data" in _list_options(verb)) >= opens


@pytest.mark.parametrize("heavy", ["django", "polars", "pyarrow", "duckdb", "numpy"])
def test_who_asks_for_help_does_not_wait_for_what_only_work_needs(heavy: str) -> None:
    program = f"import sys; from homeroom.cli.main import build_app; build_app(); sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
