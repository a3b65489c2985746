"""The options of every verb: JSON for programs, and a data folder wherever it opens one."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from homeroom.cli.main import build_app
from homeroom.domain.platform.permissions.table import PERMISSIONS
from tools.reference.commands import list_old_names

LONG_RUNNING = {"serve", "worker"}  # they answer with pages and jobs, not with a document
OLD_NAMES = {
    "add-user": "users add",
    "compare rosters": "rosters compare",
    "enrol-secret": "agents enroll-secret",
    "export oneroster": "rosters export",
    "name-district": "district set",
    "standing": "frameworks show",
    "take-in": "agents collect",
    "take-in-framework": "frameworks import",
    "tenant-settings": "policies results",
}


def _walk(group: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if not hasattr(command, "commands") or command.invoke_without_command:
            yield f"{path}{name}", command
        if hasattr(command, "commands"):
            yield from _walk(command, f"{path}{name} ")


COMMANDS: dict[str, Any] = dict(_walk(typer.main.get_command(build_app())))


def _list_options(path: str) -> set[str]:
    return {option for parameter in COMMANDS[path].params for option in parameter.opts}


def test_the_verbs_that_are_promised_are_there() -> None:
    promised = "sample load resolve assess serve worker demo doctor controls connectors tables check-content fix"
    assert {*promised.split(), "fixes prepare", *OLD_NAMES.values()} <= set(COMMANDS)


@pytest.mark.parametrize("path", sorted(COMMANDS.keys() - LONG_RUNNING))
def test_a_verb_prints_json_for_programs(path: str) -> None:
    assert "--json" in _list_options(path)


@pytest.mark.parametrize("path", sorted(COMMANDS))
def test_a_verb_that_opens_a_data_folder_lets_it_be_named(path: str) -> None:
    opens = "start_command(" in inspect.getsource(inspect.unwrap(COMMANDS[path].callback))
    assert ("--data" in _list_options(path)) >= opens


@pytest.mark.parametrize("path", sorted(COMMANDS))
def test_a_verb_names_the_permission_that_it_needs(path: str) -> None:
    verb = inspect.unwrap(COMMANDS[path].callback)
    assert getattr(verb, "permission", None) in PERMISSIONS, "decorate it with @require_permission(…)"
    assert verb.change in {"", *PERMISSIONS}


def test_the_old_names_are_the_deprecated_commands() -> None:
    assert {path for path, command in COMMANDS.items() if command.deprecated} == set(OLD_NAMES)
    assert list_old_names(typer.main.get_command(build_app())) == [
        (f"`homeroom {old}`", f"`homeroom {new}`") for old, new in sorted(OLD_NAMES.items())
    ]


@pytest.mark.parametrize(("old", "new"), OLD_NAMES.items())
def test_an_old_name_does_what_the_new_one_does_and_points_to_it(old: str, new: str) -> None:
    assert inspect.unwrap(COMMANDS[old].callback) is inspect.unwrap(COMMANDS[new].callback)
    assert _list_options(old) == _list_options(new)
    assert COMMANDS[old].deprecated == f"Run homeroom {new} instead."
    helped = CliRunner().invoke(build_app(), [*old.split(), "--help"])
    assert helped.exit_code == 0


def test_an_old_name_is_in_no_help() -> None:
    group: Any = typer.main.get_command(build_app())
    for old in OLD_NAMES:
        assert group.commands[old.split()[0]].hidden
    assert group.commands["fix"].hidden is False


def test_an_option_before_a_subcommand_is_refused_rather_than_lost() -> None:
    refused = CliRunner().invoke(build_app(), ["frameworks", "--data", "mine", "show", "cisa-cpg-2.0"])
    assert (refused.exit_code, refused.stderr) == (2, "Error: --data belongs after show\n")


@pytest.mark.parametrize("heavy", ["django", "polars", "pyarrow", "duckdb", "numpy"])
def test_who_asks_for_help_does_not_wait_for_what_only_work_needs(heavy: str) -> None:
    program = f"import sys; from homeroom.cli.main import build_app; build_app(); sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
