"""The command group that checks Homeroom's own results against external cases: `homeroom check …`.

Another module of this package adds a check to it with `@check.command("name")`.
"""

from __future__ import annotations

import typer

verbs = typer.Typer()
check = typer.Typer(
    name="check",
    help="Check a roster bundle, or how Homeroom judges against cases whose answer is known.",
    no_args_is_help=True,
)
verbs.add_typer(check)
