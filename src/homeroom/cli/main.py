"""The `homeroom` command: every verb, collected from the modules beside this one that offer `verbs`."""

from __future__ import annotations

import gc
import importlib
import os
import pkgutil

import typer

import homeroom.cli
from homeroom import __version__
from homeroom.cli.preparing import closed

UNCOLLECTED = 50_000
"""Objects that may gather before Python looks for cycles. A start alone makes more than the usual 2,000 a hundred times
over, all of them to stay, and so does a page of JSON: looking through them takes a tenth of a load."""
ALONE = ("OPENBLAS_NUM_THREADS", "1")
"""numpy's threads for matrices, of which there are none here, would each spin for a while when a process begins."""
EPILOG = "Exit codes: 0 done; 1 done, with rejects or files that could not be read; 2 refused."

app = typer.Typer(
    name="homeroom",
    help="Where a school district's technology team starts the day.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback(invoke_without_command=True)
def _top(version: bool = typer.Option(False, "--version", help="Print the version.")) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


def collected() -> typer.Typer:
    """The command line with every verb. A module of this folder is found by its `verbs` (a Typer)."""
    if not app.registered_groups:
        for found in sorted(pkgutil.iter_modules(homeroom.cli.__path__), key=lambda item: item.name):
            verbs = getattr(importlib.import_module(f"homeroom.cli.{found.name}"), "verbs", None)
            if verbs is not None:
                app.add_typer(verbs)
    return app


def run() -> None:
    """The entry of the `homeroom` script."""
    gc.set_threshold(UNCOLLECTED, 10, 10)
    os.environ.setdefault(*ALONE)
    try:
        collected()(prog_name="homeroom")
    finally:
        closed()
        gc.freeze()  # Python would look for cycles in all that is there, several times over, before it lets go of it
