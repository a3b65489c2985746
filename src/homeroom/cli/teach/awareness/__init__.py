"""Commands about drills, training and courses."""

import typer

from homeroom.cli.teach.awareness.asks import list_asks
from homeroom.cli.teach.awareness.courses import assign, collect_training, list_courses, write_scorm
from homeroom.cli.teach.awareness.effect import estimate_training
from homeroom.cli.teach.awareness.judge import judge_drills
from homeroom.cli.teach.awareness.redraw import redraw_lot
from homeroom.cli.teach.awareness.trials import group as trials

group = typer.Typer(help="Whose click it was in a drill, what training changed, courses, and asks of people.")
group.command("asks")(list_asks)
group.command("judge")(judge_drills)
group.command("effect")(estimate_training)
group.command("courses")(list_courses)
group.command("assign")(assign)
group.command("scorm")(write_scorm)
group.command("collect-training")(collect_training)
group.command("redraw")(redraw_lot)
group.add_typer(trials, name="trial", no_args_is_help=True)
verbs = typer.Typer()
verbs.add_typer(group, name="awareness", no_args_is_help=True)
__all__ = ["verbs"]
