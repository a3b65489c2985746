"""Commands about drills and training."""

import typer

from homeroom.cli.awareness.effect import estimate_training
from homeroom.cli.awareness.judge import judge_drills

group = typer.Typer(help="Drills: whose click it was, who missed and who reported, and what training changed.")
group.command("judge")(judge_drills)
group.command("effect")(estimate_training)
verbs = typer.Typer()
verbs.add_typer(group, name="awareness", no_args_is_help=True)
__all__ = ["verbs"]
