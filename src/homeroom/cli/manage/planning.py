"""The command that plans the team's week."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table as Grid

from homeroom.cli.options import (
    DONE,
    Data,
    InDistrict,
    Json,
    Today,
    output,
    parse_day_option,
    print_json,
    refuse,
    start_command,
)
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.manage.planning.weeks import DeferredItem, PlannedItem, WeekPlan
    from homeroom.apps.protect.vulnerabilities.published.queries import RemedySummary

verbs = typer.Typer()

MAX_HOURS = 10_000
MAX_LEFT_OUT = 10
MAX_URGENT = 5


@verbs.command()
@require_permission("plan.read", change="plan.change")
def plan(
    hours: Annotated[
        float | None, typer.Option("--hours", help="The team's hours for the week, in place of those that it said.")
    ] = None,
    week: Annotated[str | None, typer.Option("--week", help="Plan the week of this day (YYYY-MM-DD).")] = None,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Plan this week's work to reduce the most risk in the team's hours."""
    if hours is not None and not 0 <= hours <= MAX_HOURS:
        refuse(f"--hours must be between 0 and {MAX_HOURS}")
    context = start_command(data=data, district=district, today=today)
    from homeroom.apps.manage.planning.deadlines import list_vulnerability_deadlines
    from homeroom.apps.manage.planning.weeks import plan_for_week

    planned_week = plan_for_week(
        district=context.district,
        today=context.today,
        week=parse_day_option(week, option="--week") if week else None,
        minutes=None if hours is None else round(hours * 60),
    )
    if planned_week.plan is None:
        refuse("nothing was judged yet; run homeroom assess with the exports that you have")
    due = list_vulnerability_deadlines(district=context.district, monday=planned_week.monday)
    if as_json:
        print_json(
            {
                **convert_week_to_json(planned_week, today=context.today),
                "flaw_deadlines": None if due is None else [_convert_due_to_json(remedy) for remedy in due],
            }
        )
    else:
        _print_week(planned_week, today=context.today)
        _print_due(due or ())
    raise typer.Exit(DONE)


def convert_week_to_json(week: WeekPlan, *, today: date) -> dict[str, Any]:
    """Return the week as plain values; minutes include the setup that an item needs."""
    assert week.plan is not None
    week_plan = week.plan
    return {
        "week": week.monday.isoformat(),
        "hours": week_plan.hours,
        "hours_assumed": week.assumed,
        "visit_minutes": dict(week.visits.counted),
        "in_rollouts": {finding.public: remedy.rollout for finding, remedy in week.in_rollouts},
        "minutes": week_plan.minutes,
        "items": [_convert_item_to_json(entry, week, today) for entry in week.items],
        "left_out": [_convert_left_out_to_json(entry, week, today) for entry in week.left_out],
        "risk_before": round(week_plan.risk_before, 6),
        "risk_after": round(week_plan.risk_after, 6),
        "bound": round(week_plan.bound, 6),
        "gap": week_plan.gap,
        "calendar": week.calendar,
        "usual_week": week.usual_week,
        "seconds": round(week_plan.seconds, 3),
    }


def _convert_due_to_json(remedy: RemedySummary) -> dict[str, Any]:
    return {
        "thing": remedy.product_key,
        "title": remedy.title,
        "update_to": remedy.update_to,
        "severity": remedy.worst,
        "deadline": remedy.due_on,
        "devices": remedy.devices,
        "overdue": remedy.overdue,
        "excepted": remedy.excepted,
    }


def _convert_item_to_json(planned_item: PlannedItem, week: WeekPlan, today: date) -> dict[str, Any]:
    from homeroom.apps.manage.planning.words import describe_place, describe_time

    item, control, task = planned_item.item, planned_item.open.control, planned_item.open.task
    return {
        "id": item.job.id,
        "control": None if task else control.id,
        "incident": task.origin if task else None,
        "findings": [finding.public for finding in planned_item.open.findings],
        "title": control.title,
        "problem": planned_item.problem,
        "why": control.because,
        "severity": str(control.severity),
        "who": control.who,
        "people": [{"person": person, "minutes": minutes} for person, minutes in item.shares if person],
        "subjects": item.subjects,
        "of": item.job.subjects,
        "minutes": item.minutes,
        "setup_minutes": item.setup_minutes,
        "risk": round(item.risk, 6),
        "deadline": item.job.due_on.isoformat() if item.job.due_on else None,
        "when": describe_time(planned_item, week),
        "place": describe_place(planned_item, week, today=today),
        "pinned": planned_item.pinned,
    }


def _convert_left_out_to_json(deferred_item: DeferredItem, week: WeekPlan, today: date) -> dict[str, Any]:
    from homeroom.apps.manage.planning.words import describe_deferral, describe_place

    job, control, task = deferred_item.left_out.job, deferred_item.open.control, deferred_item.open.task
    return {
        "id": job.id,
        "control": None if task else control.id,
        "incident": task.origin if task else None,
        "findings": [finding.public for finding in deferred_item.open.findings],
        "title": control.title,
        "problem": deferred_item.problem,
        "severity": str(control.severity),
        "subjects": job.subjects,
        "minutes": job.minutes,
        "risk": round(deferred_item.left_out.risk, 6),
        "reason": str(deferred_item.left_out.reason),
        "why_left": describe_deferral(deferred_item, week),
        "deadline": job.due_on.isoformat() if job.due_on else None,
        "misses_deadline": deferred_item.left_out.misses,
        "place": describe_place(deferred_item, week, today=today),
        "urgent": deferred_item.left_out.is_urgent,
    }


def _print_week(week: WeekPlan, *, today: date) -> None:
    from homeroom.apps.manage.planning.words import describe_place, describe_time, describe_visits

    week_plan = week.plan
    assert week_plan is not None
    ends = week.monday + timedelta(days=6)
    output.print(
        f"[bold]Week of {week.monday:%B} {week.monday.day} to {ends:%B} {ends.day}[/], {week_plan.hours:g} hours"
    )
    if week.assumed:
        output.print(
            "[yellow]Nobody said hours yet: six a technician are assumed. Say them on the Plan page, or --hours.[/]"
        )
    for sentence in describe_visits(week):
        output.print(escape(sentence))
    if any(planned_item.item.job.quiet for planned_item in week.items) and not week.calendar:
        output.print("[yellow]No school calendar covers this week: choose times outside class yourself.[/]")
    if any(planned_item.item.job.quiet for planned_item in week.items) and week.usual_week:
        output.print("[yellow]No calendar tells this week's school days: times follow the schools' usual bells.[/]")
    _print_urgent_unfinished(week)
    grid = Grid("", "what", "who", "when", "time", "takes away", box=None, pad_edge=False, header_style="dim")
    for number, planned_item in enumerate(week.items, start=1):
        time = format_minutes(planned_item.item.minutes)
        grid.add_row(
            str(number),
            _describe_item(planned_item, place=describe_place(planned_item, week, today=today)),
            _describe_assignees(planned_item, week),
            escape(describe_time(planned_item, week)),
            time,
            f"{planned_item.share:.1%}",
        )
    empty_message = "Nothing fits." if week.left_out else "Nothing is open that needs hours."
    output.print(grid if week.items else empty_message)
    _print_left_out(week)
    after = week_plan.risk_after / week_plan.risk_before if week_plan.risk_before else 0.0
    proven = "proven best" if not week_plan.gap else f"at most {week_plan.gap:.2%} from the best"
    output.print(
        f"\n{format_minutes(week_plan.minutes)} planned; {after:.1%} of the risk stays. The choice is {proven} "
        f"({week_plan.seconds:.2f} s)."
    )


def _print_urgent_unfinished(week: WeekPlan) -> None:
    from homeroom.apps.manage.planning.words import describe_missing_part, describe_urgent_unfinished

    if notice := describe_urgent_unfinished(week):
        output.print(f"[bold red]{escape(notice)}:[/]")
        for entry in week.urgent_unfinished[:MAX_URGENT]:
            output.print(f"  {escape(entry.problem)}: {escape(describe_missing_part(entry, week))}")
        if more := len(week.urgent_unfinished[MAX_URGENT:]):
            output.print(f"  and {more} more, below")


def _print_left_out(week: WeekPlan) -> None:
    from homeroom.apps.manage.planning.words import describe_deferral

    if not week.left_out:
        return
    output.print("\n[bold]Left out[/], and what that costs")
    grid = Grid("what", "time", "remaining risk", "why", box=None, pad_edge=False, header_style="dim")
    for deferred_item in week.left_out[:MAX_LEFT_OUT]:
        grid.add_row(
            escape(deferred_item.problem),
            format_minutes(deferred_item.left_out.job.minutes),
            f"{deferred_item.share:.1%}",
            escape(describe_deferral(deferred_item, week)),
        )
    output.print(grid)
    if len(week.left_out) > MAX_LEFT_OUT:
        rest = sum(deferred_item.share for deferred_item in week.left_out[MAX_LEFT_OUT:])
        output.print(f"and {len(week.left_out) - MAX_LEFT_OUT} more, with {rest:.1%} of the risk")


def _print_due(due: Iterable[RemedySummary]) -> None:
    """Print the updates that are due by the end of the week with what each closes, as on the Plan page."""
    from homeroom.apps.protect.vulnerabilities.published.labels import closes_what

    grid = Grid("due", "flaws", "devices", "overdue", box=None, pad_edge=False, header_style="dim")
    for remedy in due:
        description = f"{escape(remedy.title)}\n[dim]{escape(closes_what(remedy))}[/]"
        grid.add_row(f"{remedy.due_on}", description, f"{remedy.devices:,}", f"{remedy.overdue:,}")
    if grid.row_count:
        output.print("\n[bold]Flaws that are due[/]", grid, sep="\n")


def _describe_item(planned_item: PlannedItem, *, place: str) -> str:
    """Describe the item: its problem, what of it is for this week, due date, and why it has its place."""
    item, control = planned_item.item, planned_item.open.control
    part = "" if item.whole else f"{item.subjects:,} of {item.job.subjects:,} this week"
    due = f"due {item.job.due_on:%b} {item.job.due_on.day}" if item.job.due_on else ""
    note = ", ".join(filter(None, (part, due)))
    heading = f"[bold]{escape(planned_item.problem)}[/]{f' ({note})' if note else ''}"
    return f"{heading}\n[dim]{escape(f'{place}. {control.because}'.strip())}[/]"


def _describe_assignees(planned_item: PlannedItem, week: WeekPlan) -> str:
    from homeroom.apps.manage.planning.words import list_people

    return escape(list_people(planned_item, week) or planned_item.open.control.who)


def format_minutes(minutes: int) -> str:
    """Format minutes for people: 45 min, 2 h 10 min."""
    hours, rest = divmod(minutes, 60)
    return " ".join(filter(None, (f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else "")))
