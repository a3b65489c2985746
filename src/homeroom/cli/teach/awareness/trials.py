"""Commands about trials of training: plan, show, start, list the arms, end and cancel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from homeroom.cli.options import (
    CommandContext,
    Data,
    InDistrict,
    Json,
    Today,
    output,
    print_json,
    refuse,
    start_command,
)
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.teach.trials.queries import TrialView

DEFAULT_ACTOR = "homeroom"
"""The actor in the audit trail if none is named: whoever may open the data folder."""
By = Annotated[str, typer.Option("--by", help="Who does it, for the audit trail.", metavar="USER")]
Trial = Annotated[str, typer.Argument(help="The id of the trial.", metavar="TRIAL")]

group = typer.Typer(help="Trials of training: who is held out is drawn by lot, and nothing is seen before the end.")


@group.command("plan")
@require_permission("awareness.change")
def plan(
    question: Annotated[str, typer.Option("--question", help="The question that the trial answers.")],
    course: Annotated[list[str], typer.Option("--course", help="A course of extra training, by id or name.")],
    ends: Annotated[str, typer.Option("--ends", help="The last day (YYYY-MM-DD).", metavar="DAY")],
    school: Annotated[list[str] | None, typer.Option("--school", help="A school; else all.")] = None,
    title: Annotated[str, typer.Option("--title", help="Words of job titles; else all staff.")] = "",
    unit: Annotated[str, typer.Option("--unit", help="What is drawn: person or school.")] = "person",
    strata: Annotated[str, typer.Option("--strata", help="Within what: none, school or size.")] = "none",
    percent: Annotated[str, typer.Option("--percent", help="The share held out, 10 to 50.")] = "50",
    drills: Annotated[str, typer.Option("--drills", help="How many drills are planned until the end.")] = "3",
    by: By = DEFAULT_ACTOR,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Write a trial down, and print which difference this district could see by it."""
    context = start_command(data=data, district=district, today=today)
    from homeroom.apps.teach.trials.commands import plan_trial
    from homeroom.domain.teach.awareness.trial_plans import TrialForm

    form = TrialForm(
        question=question,
        courses=tuple(course),
        schools=tuple(school or ()),
        title=title,
        unit=unit,
        strata=strata,
        percent=percent,
        drills=drills,
        ends_on=ends,
    )
    public = _take_step(plan_trial, district=context.district, form=form, today=context.today, actor=by, at=context.at)
    _print_trial(context, public, as_json=as_json)


@group.command("show")
@require_permission("awareness.read")
def show(
    trial: Annotated[str, typer.Argument(help="The id of a trial; else all.", metavar="TRIAL")] = "",
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Show a trial, or list all: before the end what could be seen, and after it the verdict."""
    context = start_command(data=data, district=district, today=today)
    if trial:
        _print_trial(context, trial, as_json=as_json)
        return
    from homeroom.apps.teach.trials.queries import list_trials

    lines = list_trials(district=context.district)
    if as_json:
        print_json(
            [
                {
                    "id": line.id,
                    "state": line.state.value,
                    "question": line.question,
                    "ends_on": line.ends_on,
                    "verdict": line.result["verdict"] if line.result else None,
                }
                for line in lines
            ]
        )
        return
    for line in lines:
        verdict = f"  {line.result['verdict']}" if line.result else ""
        output.print(escape(f"{line.id}  {line.state.value}  {line.ends_on}  {line.question}{verdict}"), soft_wrap=True)
    if not lines:
        output.print("No trial is planned.")


@group.command("start")
@require_permission("awareness.change")
def start(
    trial: Trial,
    by: By = DEFAULT_ACTOR,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Draw the lot over today's staff; the plan is frozen from then on."""
    context = start_command(data=data, district=district, today=today)
    from homeroom.apps.teach.trials.commands import start_trial

    _take_step(start_trial, district=context.district, public=trial, today=context.today, actor=by, at=context.at)
    _print_trial(context, trial, as_json=as_json)


@group.command("arms")
@require_permission("awareness.read_people")
def write_arms(
    trial: Trial,
    to: Annotated[Path, typer.Option("--to", help="The CSV file to write.", metavar="FILE")],
    by: By = DEFAULT_ACTOR,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Write who is trained and who is held out to a CSV file, to assign the training; it has no outcomes."""
    context = start_command(data=data, district=district, today=today)
    from homeroom.apps.teach.trials.arm_files import list_arm_lines
    from homeroom.domain.spreadsheets import iterate_csv_lines

    lines = _take_step(list_arm_lines, district=context.district, public=trial, actor=by, at=context.at)
    try:
        with to.open("w", encoding="utf-8", newline="") as handle:
            handle.writelines(iterate_csv_lines(lines))
    except OSError as error:
        refuse(f"{to} cannot be written: {error.strerror}")
    if as_json:
        print_json({"people": len(lines) - 1, "file": to})
    else:
        output.print(f"{len(lines) - 1:,} people are in {escape(str(to))}.", soft_wrap=True)


@group.command("end")
@require_permission("awareness.change")
def end(
    trial: Trial,
    by: By = DEFAULT_ACTOR,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Compute the verdict of a trial whose last day has passed, and store it for good."""
    context = start_command(data=data, district=district, today=today)
    from homeroom.apps.teach.trials.commands import end_trial

    _take_step(end_trial, district=context.district, public=trial, today=context.today, actor=by, at=context.at)
    _print_trial(context, trial, as_json=as_json)


@group.command("cancel")
@require_permission("awareness.change")
def cancel(
    trial: Trial,
    reason: Annotated[str, typer.Option("--reason", help="Why it is canceled.")],
    by: By = DEFAULT_ACTOR,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Cancel a trial that has not ended; it never gets a result."""
    context = start_command(data=data, district=district, today=today)
    from homeroom.apps.teach.trials.commands import cancel_trial

    _take_step(
        cancel_trial,
        district=context.district,
        public=trial,
        reason=reason,
        today=context.today,
        actor=by,
        at=context.at,
    )
    _print_trial(context, trial, as_json=as_json)


def _take_step(step: Callable[..., Any], **arguments: Any) -> Any:
    """Take a step, or refuse with what would fit."""
    from homeroom.domain.teach.awareness.trial_plans import TrialRefused

    try:
        return step(**arguments)
    except TrialRefused as error:
        refuse(f"{error.field}: {error}")
    except LookupError as error:
        refuse(str(error))


def _print_trial(context: CommandContext, public: str, *, as_json: bool) -> None:
    from homeroom.apps.teach.trials.queries import build_trial_document, find_trial

    view = find_trial(district=context.district, public=public, today=context.today)
    if view is None:
        refuse(f"there is no trial {public}")
    if as_json:
        print_json(build_trial_document(view))
        return
    output.print(escape(f"{view.line.id}  {view.line.state.value}  until {view.line.ends_on}"), soft_wrap=True)
    output.print(escape(view.line.question), soft_wrap=True)
    for line in _list_lines(view):
        output.print(escape(line), soft_wrap=True)


def _list_lines(view: TrialView) -> list[str]:
    lines = []
    if view.refusal:
        lines.append(f"It cannot start: {view.refusal}.")
    if view.outlook:
        seen = view.outlook["smallest_detectable"]
        drills = f"{view.plan.drills} drill{'s' if view.plan.drills > 1 else ''}"
        size = (
            "no difference can be seen"
            if seen is None
            else f"{100 * seen:.1f} points; what is smaller stays inconclusive"
        )
        lines.append(f"{view.outlook['people']:,} people, {drills}: {size}.")
    result = view.line.result
    if result and result["suppressed"]:
        lines.append("Hidden: an arm has outcomes of under ten people.")
    elif result:
        low, high = (100 * result[name] for name in ("low", "high"))
        lines.append(f"{result['verdict']}: {100 * result['estimate']:+.1f} points ({low:+.1f} to {high:+.1f}).")
    elif view.line.started_on and not view.reason:
        lines.append("Nothing is shown before the end.")
    if view.seed:
        lines.append(f"Seed of the lot: {view.seed}")
    return lines
