"""The `homeroom` command: every subcommand, collected from the modules of this package that define `verbs`."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import typer
from rich.markup import escape

import homeroom.cli
from homeroom import __version__
from homeroom.apps.platform.districts.own_program import ENDS_WITH_INPUT
from homeroom.cli.options import REFUSED, errors, start_json
from homeroom.cli.platform.service.command_modules import find_module
from homeroom.cli.platform.service.help_groups import set_help_group, sort_module_names
from homeroom.cli.platform.service.orphans import end_with_supervisor
from homeroom.cli.platform.service.reading_guard import guard_command
from homeroom.cli.startup.databases import close_databases
from homeroom.cli.startup.garbage import pause_collection
from homeroom.cli.startup.remote_options import Server, TokenFile, store_remote_options
from homeroom.domain.wings import list_area_modules
from homeroom.evidence.call_stack import call_with_reserved_stack
from homeroom.evidence.files.data_folder import locate_data_folder

GC_THRESHOLD = 50_000
"""Number of new objects before Python looks for reference cycles.

Startup alone creates hundreds of times the usual 2,000, all of them permanent, and so does a page of JSON; looking
through them takes a tenth of a load.
"""
SINGLE_THREAD_ENV = ("OPENBLAS_NUM_THREADS", "1")
"""Disables numpy's matrix threads, which would spin at process start although there are no matrices."""
PRIVATE_UMASK = 0o077
"""Whatever this program writes is readable by its owner only."""
EPILOG = "Exit codes: 0 done; 1 done, but some rows or files could not be read; 2 error."

app = typer.Typer(
    name="homeroom",
    help="Where a school district's technology team starts the day.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback(invoke_without_command=True)
def _handle_program_options(
    version: bool = typer.Option(False, "--version", help="Print the version."),
    server: Server = None,
    token_file: TokenFile = None,
) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit
    start_json(False)
    store_remote_options(server=server, token_file=token_file)


def build_app(only: str = "") -> typer.Typer:
    """Return the command line with all commands; each module of this folder is found by its `verbs` (a Typer).

    With `only`, it has the commands of that module alone.
    """
    if not app.registered_groups:
        modules = list_area_modules(homeroom.cli)
        for name in [only] if only else sort_module_names(list(modules)):
            verbs = getattr(importlib.import_module(modules[name]), "verbs", None)
            if verbs is not None:
                set_help_group(verbs, name)
                app.add_typer(verbs)
    return app


@cache
def build_command(only: str = "") -> Any:
    """Return the command line as the one command that runs; to build it takes a tenth of a second of a processor."""
    return typer.main.get_command(build_app(only))


def run() -> None:
    """Run the command line; this is the entry point of the `homeroom` script."""
    gc.set_threshold(GC_THRESHOLD, 10, 10)
    os.umask(PRIVATE_UMASK)
    if os.environ.pop(ENDS_WITH_INPUT, ""):
        end_with_supervisor()
    arguments = sys.argv[1:]
    exit_code = guard_command(arguments, data=locate_data_folder(find_data_option(arguments)))
    if exit_code is not None:
        sys.exit(exit_code)
    os.environ.setdefault(*SINGLE_THREAD_ENV)
    try:
        with pause_collection():
            command = build_command("" if app.registered_groups else find_module(arguments))
        call_with_reserved_stack(command, prog_name="homeroom")
    except Exception as error:  # noqa: BLE001  (a person gets a sentence, the log file the rest)
        sys.exit(report_failure(error))
    finally:
        close_databases()
        gc.freeze()  # Python would look for cycles in all that is there, several times over, before it lets go of it


def find_data_option(arguments: Sequence[str]) -> str | None:
    """Return the value of --data among the arguments of a command, or None."""
    for option, value in pairwise((*arguments, "")):
        if option == "--data":
            return value
        if option.startswith("--data="):
            return option.partition("=")[2]
    return None


def report_failure(error: Exception) -> int:
    """Print what a failure means and what to do about it, log its frames, and return the exit code."""
    from homeroom.apps.know.sources.failures import describe_failure, log_failure

    data = locate_data_folder()
    failure = describe_failure(error, data=data)
    log_failure(error, data=data)
    errors.print(f"[red]Failed:[/] {escape(failure.sentence)}", soft_wrap=True)
    return REFUSED
