"""The commands of rollouts: plan one from its spec, and ask when rooms have class; no district has to be loaded."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
from rich.markup import escape
from rich.table import Table as Grid

from homeroom.cli.options import WITH_REJECTS, Json, errors, output, print_json, refuse, refuse_all
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.manage.rollouts.specs.moments import MomentAnswers
    from homeroom.domain.manage.rollouts.plan import PlanObjective, RolloutPlan

verbs = typer.Typer()
group = typer.Typer(help="Rollouts that do not disturb class: plan visits of rooms, and ask when rooms have class.")
verbs.add_typer(group, name="rollout")
MAX_SECONDS = 24 * 3600
MAX_SHOWN = 12
Spec = Annotated[Path, typer.Argument(help="The rollout's spec, in YAML or JSON.", metavar="SPEC.yaml")]


@group.command("plan")
@require_permission("content.use")
def plan_rollout(
    spec: Spec,
    out: Annotated[Path, typer.Option("--out", help="Where the plan is written.", metavar="plan.json")],
    as_json: Json = False,
    seconds: Annotated[
        float, typer.Option("--seconds", help="How long a better plan is looked for.", min=0, max=MAX_SECONDS)
    ] = 60,
    ics: Annotated[
        Path | None, typer.Option("--ics", help="Write an iCalendar file a person into this folder.", metavar="DIR")
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option(
            "--keep", help="An earlier plan, of which the fewest visits move; needs --at.", metavar="OLD.json"
        ),
    ] = None,
    at: Annotated[str | None, typer.Option("--at", help="What began before stays as it is.", metavar="MOMENT")] = None,
) -> None:
    """Plan the visits of a rollout from real bells; Ctrl-C keeps the best plan so far."""
    if (keep is None) != (at is None):
        refuse("--keep and --at go together: the earlier plan, and the moment before which nothing changes")
    from homeroom.apps.manage.rollouts.specs.plan_documents import build_plan_document
    from homeroom.apps.manage.rollouts.specs.plan_spec import InvalidMoment, plan_spec_file
    from homeroom.ingest.contract.errors import FileRefused

    _require_outputs(out, ics)
    with _handle_interrupt() as interrupt:
        try:
            outcome = plan_spec_file(
                spec,
                seconds=seconds,
                is_late=interrupt.is_set,
                report=_show_plan if errors.is_terminal and not as_json else _ignore_plan,
                earlier_plan=keep,
                at=at,
            )
        except FileRefused as error:
            refuse_all(error.problems)
        except InvalidMoment as error:
            refuse(str(error))
    document = build_plan_document(outcome.plan, outcome.spec)
    _write_outputs(document, out=out, ics=ics, outcome=outcome)
    if as_json:
        print_json({key: value for key, value in document.items() if key != "visits"})
    else:
        _print_plan(outcome.plan, interrupted=interrupt.is_set())
    if not outcome.plan.is_complete:
        raise typer.Exit(WITH_REJECTS)


def _write_outputs(document: dict[str, Any], *, out: Path, ics: Path | None, outcome: Any) -> None:
    from homeroom.apps.manage.rollouts.visits.visit_calendars import write_visit_calendars
    from homeroom.apps.platform.districts.output_files import write_atomically

    try:
        write_atomically(out, msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n")
        if ics is not None:
            write_visit_calendars(ics, outcome.plan.visits, outcome.spec, now=datetime.now(UTC))
    except OSError as error:
        refuse(f"{error.filename or out} cannot be written: {error.strerror}")


def _require_outputs(out: Path, ics: Path | None) -> None:
    """Refuse what cannot be written before the plan is computed."""
    if not out.parent.is_dir():
        refuse(f"there is no folder {out.parent} to write the plan into")
    if out.is_dir():
        refuse(f"--out {out} is a folder; a file such as {out / 'plan.json'} would fit")
    if ics is not None and ics.exists() and not ics.is_dir():
        refuse(f"--ics {ics} is no folder; a folder for the calendars would fit")


class _Interrupt:
    """Remembers that Ctrl-C was pressed."""

    def __init__(self) -> None:
        self._is_set = False

    def handle_signal(self, number: int, frame: FrameType | None) -> None:
        """Remember the first Ctrl-C; the second one ends the program."""
        if self._is_set:
            raise KeyboardInterrupt
        self._is_set = True
        errors.print("Stopping; the best plan so far is written. Press Ctrl-C once more to write nothing.")

    def is_set(self) -> bool:
        """Return True after Ctrl-C."""
        return self._is_set


@contextmanager
def _handle_interrupt() -> Iterator[_Interrupt]:
    interrupt = _Interrupt()
    before = signal.signal(signal.SIGINT, interrupt.handle_signal)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)


def _show_plan(plan: RolloutPlan) -> None:
    rest = f", {len(plan.left_out)} left out" if plan.left_out else ""
    errors.print(f"{len(plan.visits)} visits{rest}: {_format_objective(plan.objective)}")


def _ignore_plan(plan: RolloutPlan) -> None:
    """Show nothing."""


def _format_objective(objective: PlanObjective) -> str:
    return (
        f"{objective.disrupted_minutes:,} minutes of class disturbed, the last visit on {objective.finished_on}, "
        f"{objective.travel_minutes:,} minutes of travel"
    )


def _print_plan(plan: RolloutPlan, *, interrupted: bool) -> None:
    left_out = len(plan.left_out)
    missing = "1 room has no visit" if left_out == 1 else f"{left_out} rooms have no visit"
    state = "Complete" if plan.is_complete else f"Partial: {missing}"
    output.print(f"{state}. {len(plan.visits)} visits: {_format_objective(plan.objective)}.")
    last_day = f", and the last visit on {plan.bound.finished_on}" if plan.bound.finished_on else ""
    output.print(f"No plan can do better than {plan.bound.disrupted_minutes:,} minutes of class{last_day}.")
    if interrupted:
        output.print("Stopped early: a longer run may plan better.")
    for item in plan.left_out[:MAX_SHOWN]:
        output.print(f"  {escape(item.room)}: {escape(item.says)}")
    if len(plan.left_out) > MAX_SHOWN:
        output.print(f"  … and {len(plan.left_out) - MAX_SHOWN} more; --json lists all")
    for change in plan.relax:
        output.print(f"  With {change.rule} changed ({escape(change.to)}): {_format_objective(change.then)}")
    for offer in plan.offers:
        output.print(
            f"  until {offer.until}: {offer.disrupted_minutes:,} minutes of class, done on {offer.finished_on}"
        )


@group.command("when")
@require_permission("content.use")
def ask_when(
    spec: Spec,
    moments: Annotated[Path, typer.Argument(help="A CSV file with the columns room and at.", metavar="MOMENTS.csv")],
    as_json: Json = False,
) -> None:
    """Answer for rooms and moments whether there is class."""
    from homeroom.apps.manage.rollouts.specs.moments import answer_moments
    from homeroom.apps.manage.rollouts.specs.spec_files import load_spec
    from homeroom.ingest.contract.errors import FileRefused

    try:
        outcome = answer_moments(load_spec(spec), moments)
    except FileRefused as error:
        refuse_all(error.problems)
    if as_json:
        print_json(_convert_answers_to_json(outcome))
    else:
        _print_answers(outcome)
    if outcome.rejects:
        raise typer.Exit(WITH_REJECTS)


def _convert_answers_to_json(outcome: MomentAnswers) -> dict[str, Any]:
    document: dict[str, Any] = {
        "moments": [
            {"room": item.room, "at": item.at, "class": item.answer, "period": item.period, "type": item.type}
            for item in outcome.answers
        ]
    }
    if outcome.rejects:
        document["rejects"] = [
            {"file": item.file, "line": item.line, "field": item.field, "value": item.value, "reason": item.reason}
            | {"fits": item.fits}
            for item in outcome.rejects
        ]
    return document


def _print_answers(outcome: MomentAnswers) -> None:
    grid = Grid("room", "at", "class", "period", "type", box=None)
    for item in outcome.answers:
        grid.add_row(*(escape(text or "") for text in (item.room, item.at, item.answer, item.period, item.type)))
    output.print(grid)
    for problem in outcome.rejects:
        errors.print(escape(str(problem)), soft_wrap=True)
