"""Commands about 2-step verification: what is required, who has it, and the break-glass account."""

import typer

from homeroom.cli.platform.two_step.break_glass import break_glass_group
from homeroom.cli.platform.two_step.mfa import mfa_group

verbs = typer.Typer()
verbs.add_typer(mfa_group, name="mfa", no_args_is_help=True)
verbs.add_typer(break_glass_group, name="break-glass", no_args_is_help=True)
__all__ = ["verbs"]
