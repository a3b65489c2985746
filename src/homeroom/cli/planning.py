"""The verb that plans the team's week."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
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
    begin,
    day_of,
    output,
    print_json,
    refuse,
)

if TYPE_CHECKING:
    from homeroom.apps.planning.weeks import PlannedItem, Waiting, Week
    from homeroom.apps.vulnerabilities.queries import Remedy

verbs = typer.Typer()

MOST_HOURS = 10_000
LEFT_SHOWN = 10


@verbs.command()
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
    """Choose what takes the most risk away in the hours that the team has this week."""
    if hours is not None and not 0 <= hours <= MOST_HOURS:
        refuse(f"--hours {hours:g}; 0 to {MOST_HOURS} would fit")
    started = begin(data=data, district=district, today=today)
    from homeroom.apps.planning.deadlines import flaw_deadlines
    from homeroom.apps.planning.weeks import week_of

    found = week_of(
        district=started.district,
        today=started.today,
        week=day_of(week, option="--week") if week else None,
        minutes=None if hours is None else round(hours * 60),
    )
    if found.plan is None:
        refuse("nothing was judged yet; run homeroom assess with the exports that you have")
    due = flaw_deadlines(district=started.district, monday=found.monday)
    if as_json:
        print_json({**as_document(found), "flaw_deadlines": None if due is None else [_due(one) for one in due]})
    else:
        _print(found)
        _print_due(due or ())
    raise typer.Exit(DONE)


def as_document(week: Week) -> dict[str, Any]:
    """The week as plain values; minutes include the set-up that an item pays."""
    assert week.plan is not None
    made = week.plan
    return {
        "week": week.monday.isoformat(),
        "hours": made.hours,
        "hours_assumed": week.assumed,
        "minutes": made.minutes,
        "items": [_item(one, week) for one in week.items],
        "left_out": [_left(one, week) for one in week.left_out],
        "risk_before": round(made.risk_before, 6),
        "risk_after": round(made.risk_after, 6),
        "bound": round(made.bound, 6),
        "gap": made.gap,
        "calendar": week.calendar,
        "usual_week": week.usual_week,
        "seconds": round(made.seconds, 3),
    }


def _due(one: Remedy) -> dict[str, Any]:
    told = {"thing": one.thing, "title": one.title, "update_to": one.update_to, "severity": one.worst}
    return {**told, "deadline": one.due_on, "devices": one.devices, "overdue": one.overdue, "excepted": one.excepted}


def _item(one: PlannedItem, week: Week) -> dict[str, Any]:
    from homeroom.apps.planning.words import when

    item, control = one.item, one.open.control
    return {
        "id": item.job.id,
        "control": control.id,
        "findings": [finding.public for finding in one.open.findings],
        "title": control.title,
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
        "when": when(one, week),
    }


def _left(one: Waiting, week: Week) -> dict[str, Any]:
    from homeroom.apps.planning.words import why_left

    job, control = one.left.job, one.open.control
    return {
        "id": job.id,
        "control": control.id,
        "findings": [finding.public for finding in one.open.findings],
        "title": control.title,
        "severity": str(control.severity),
        "subjects": job.subjects,
        "minutes": job.minutes,
        "risk": round(one.left.risk, 6),
        "reason": str(one.left.why),
        "why_left": why_left(one, week),
        "deadline": job.due_on.isoformat() if job.due_on else None,
        "misses_deadline": one.left.misses,
    }


def _print(week: Week) -> None:
    from homeroom.apps.planning.words import when

    made = week.plan
    assert made is not None
    ends = week.monday + timedelta(days=6)
    output.print(f"[bold]Week of {week.monday:%B} {week.monday.day} to {ends:%B} {ends.day}[/], {made.hours:g} hours")
    if week.assumed:
        output.print(
            "[yellow]Nobody said hours yet: six a technician are assumed. Say them on the Plan page, or --hours.[/]"
        )
    if any(one.item.job.quiet for one in week.items) and not week.calendar:
        output.print("[yellow]No school calendar covers this week: choose times outside class yourself.[/]")
    if any(one.item.job.quiet for one in week.items) and week.usual_week:
        output.print("[yellow]No calendar tells this week's school days: times follow the schools' usual bells.[/]")
    grid = Grid("", "what", "who", "when", "time", "takes away", box=None, pad_edge=False, header_style="dim")
    for place, one in enumerate(week.items, start=1):
        time = spoken(one.item.minutes)
        grid.add_row(str(place), _what(one), _who(one, week), escape(when(one, week)), time, f"{one.share:.1%}")
    nothing = "Nothing fits." if week.left_out else "Nothing is open that needs hours."
    output.print(grid if week.items else nothing)
    _print_left(week)
    after = made.risk_after / made.risk_before if made.risk_before else 0.0
    proven = "proven best" if not made.gap else f"at most {made.gap:.2%} from the best"
    output.print(
        f"\n{spoken(made.minutes)} planned; {after:.1%} of the risk stays. The choice is {proven} ({made.seconds:.2f} s)."
    )


def _print_left(week: Week) -> None:
    from homeroom.apps.planning.words import why_left

    if not week.left_out:
        return
    output.print("\n[bold]Left out[/], and what that costs")
    grid = Grid("what", "time", "risk that stays", "why", box=None, pad_edge=False, header_style="dim")
    for one in week.left_out[:LEFT_SHOWN]:
        grid.add_row(
            escape(one.open.control.title),
            spoken(one.left.job.minutes),
            f"{one.share:.1%}",
            escape(why_left(one, week)),
        )
    output.print(grid)
    if len(week.left_out) > LEFT_SHOWN:
        rest = sum(one.share for one in week.left_out[LEFT_SHOWN:])
        output.print(f"and {len(week.left_out) - LEFT_SHOWN} more, with {rest:.1%} of the risk")


def _print_due(due: Iterable[Remedy]) -> None:
    """The updates that are due by the end of the week, each with what it closes, as the Plan page has them."""
    from homeroom.apps.vulnerabilities.words import closes_what

    grid = Grid("due", "flaws", "devices", "overdue", box=None, pad_edge=False, header_style="dim")
    for one in due:
        what = f"{escape(one.title)}\n[dim]{escape(closes_what(one))}[/]"
        grid.add_row(f"{one.due_on}", what, f"{one.devices:,}", f"{one.overdue:,}")
    if grid.row_count:
        output.print("\n[bold]Flaws that are due[/]", grid, sep="\n")


def _what(one: PlannedItem) -> str:
    """The title, how much of it, by when, and why it matters."""
    item, control = one.item, one.open.control
    many = f"{item.subjects:,}" if item.whole else f"{item.subjects:,} of {item.job.subjects:,}"
    due = f", due {item.job.due_on:%b} {item.job.due_on.day}" if item.job.due_on else ""
    return f"[bold]{escape(control.title)}[/] ({many}{due})\n[dim]{escape(control.because)}[/]"


def _who(one: PlannedItem, week: Week) -> str:
    from homeroom.apps.planning.words import who

    return escape(who(one, week) or one.open.control.who)


def spoken(minutes: int) -> str:
    """Minutes as a person says them: 45 min, 2 h 10 min."""
    hours, rest = divmod(minutes, 60)
    return " ".join(filter(None, (f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else "")))
