"""The commands of alerts: judge stored logs (`homeroom detect` without a path), list alerts, and work on them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.table import Table as Grid

from homeroom.cli.options import (
    CommandContext,
    Data,
    InDistrict,
    Json,
    Today,
    format_local_time,
    output,
    parse_day_option,
    print_json,
    refuse,
    show_progress_bar,
    start_command,
)
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.protect.detection.models import StoredAlert
    from homeroom.domain.progress import Progress

verbs = typer.Typer()
DEFAULT_ACTOR = "homeroom"
MAX_SHOWN = 100


@verbs.command()
@require_permission("alerts.read")
def alerts(
    show_all: Annotated[bool, typer.Option("--all", help="Closed, expected, suppressed and low ones too.")] = False,
    acknowledge: Annotated[str, typer.Option("--acknowledge", help="You look after this alert.", metavar="ID")] = "",
    close: Annotated[
        str, typer.Option("--close", help="Close this alert; needs --real or --because.", metavar="ID")
    ] = "",
    reopen: Annotated[str, typer.Option("--reopen", help="Open this closed alert again.", metavar="ID")] = "",
    real: Annotated[bool, typer.Option("--real", help="It was real.")] = False,
    because: Annotated[
        str, typer.Option("--because", help="It was a false alarm, and why; or why to suppress.", metavar="REASON")
    ] = "",
    suppress: Annotated[
        str, typer.Option("--suppress", help="Suppress the first rule of this alert.", metavar="ID")
    ] = "",
    only: Annotated[
        str, typer.Option("--only", help="Suppress for this entity of the alert alone.", metavar="NAME")
    ] = "",
    until: Annotated[str, typer.Option("--until", help="The last day of a suppression.", metavar="DAY")] = "",
    owner: Annotated[str, typer.Option("--owner", help="Who answers for a suppression.", metavar="USER")] = "",
    preview: Annotated[bool, typer.Option("--preview", help="Count what a suppression would cover, and stop.")] = False,
    by: Annotated[str, typer.Option("--by", help="Who does it, for the audit trail.", metavar="USER")] = DEFAULT_ACTOR,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """List alerts, most urgent first; or acknowledge, close or suppress one."""
    chosen = [name for name in (acknowledge, close, reopen, suppress) if name]
    if len(chosen) > 1:
        refuse("one of --acknowledge, --close, --reopen and --suppress at a time")
    context = start_command(data=data, district=district, today=today)
    if acknowledge or close or reopen:
        _change_alert(context, acknowledge=acknowledge, close=close, real=real, because=because, reopen=reopen, by=by)
    elif suppress:
        _suppress(context, suppress, only=only, because=because, until=until, owner=owner, by=by, preview=preview)
        return
    _print_alerts(context, show_all=show_all or bool(chosen), only=chosen[0] if chosen else "", as_json=as_json)


def _change_alert(
    context: CommandContext, *, acknowledge: str, close: str, real: bool, because: str, reopen: str, by: str
) -> None:
    from homeroom.apps.protect.detection import commands
    from homeroom.apps.protect.detection.queries import FALSE_ALARM, REAL

    if close and real == bool(because):
        refuse("--close needs --real, or --because with the reason why it was a false alarm")
    values: dict[str, Any] = {"district": context.district, "at": datetime.now(UTC), "actor": by}
    try:
        if acknowledge:
            commands.acknowledge_alert(**values, public=acknowledge)
        elif reopen:
            commands.reopen_alert(**values, public=reopen)
        else:
            verdict = REAL if real else FALSE_ALARM
            commands.close_alert(**values, public=close, verdict=verdict, reason=because)
    except (LookupError, commands.InvalidAlertChange) as error:
        refuse(str(error))


def _suppress(
    context: CommandContext, public: str, *, only: str, because: str, until: str, owner: str, by: str, preview: bool
) -> None:
    from homeroom.apps.protect.detection import suppress_alerts
    from homeroom.apps.protect.detection.queries import find_alert
    from homeroom.apps.protect.exceptions.rules import InvalidRiskException

    alert = find_alert(district=context.district, public=public)
    if alert is None:
        refuse(f"there is no alert {public}")
    rule, kind = alert.rules[0], _find_kind(alert, only)
    now = datetime.now(UTC)
    covered = suppress_alerts.preview_alert_suppression(
        district=context.district, rule=rule, kind=kind, name=only, at=now
    )
    output.print(
        f"{escape(rule)}: {covered.detections} detections in {covered.alerts} alerts of the last 90 days, "
        f"{covered.real} of them closed as real; {covered.always} alert all the same",
        soft_wrap=True,
    )
    if preview:
        return
    expires_on: date = parse_day_option(until, option="--until")
    try:
        number = suppress_alerts.suppress_alerts(
            district=context.district,
            store=context.store,
            at=now,
            today=context.today,
            actor=by,
            rule=rule,
            kind=kind,
            name=only,
            reason=because,
            owner=owner,
            expires_on=expires_on,
        )
    except InvalidRiskException as error:
        refuse(str(error))
    output.print(f"suppression {number} holds until {until}")


def _find_kind(alert: StoredAlert, name: str) -> str:
    kinds = [item["kind"] for item in alert.details["entities"] if item["name"].casefold() == name.casefold()]
    if name and not kinds:
        refuse(f"{name} is nobody and nothing of this alert")
    return str(kinds[0]) if name else ""


def _print_alerts(context: CommandContext, *, show_all: bool, only: str, as_json: bool) -> None:
    from homeroom.apps.protect.detection.alert_documents import build_alerts_document
    from homeroom.apps.protect.detection.queries import find_alert, get_judged_until, list_all_alerts, list_queue

    rows = (list_all_alerts if show_all else list_queue)(district=context.district)
    if only:
        alert = find_alert(district=context.district, public=only)
        rows = (alert,) if alert else ()
    judged_until = get_judged_until(district=context.district)
    if as_json:
        print_json(build_alerts_document(rows, judged_until=judged_until, at=context.at))
        return
    grid = Grid("severity", "state", "fired", "alert", "what happened", box=None)
    for row in rows[:MAX_SHOWN]:
        fired = format_local_time(row.fired_at, ZoneInfo(context.district.timezone))
        grid.add_row(*(escape(text) for text in (row.severity, row.state, fired, row.public, row.title)))
    if rows:
        output.print(grid)
    if len(rows) > MAX_SHOWN:
        output.print(f"… and {len(rows) - MAX_SHOWN} more; --json prints all")
    until = ", ".join(f"{log} {time}" for log, time in judged_until.logs.items())
    output.print(f"{len(rows)} alerts; judged until: {escape(until) or 'never'}", soft_wrap=True)


def _resolve(context: CommandContext, progress: Progress) -> None:
    from homeroom.apps.know.inventory.commands import ResolveBusy, resolve  # much to import where nothing is to resolve

    try:
        resolve(district=context.district, store=context.store, today=context.today, at=context.at, progress=progress)
    except ResolveBusy as error:
        refuse(str(error))


def judge_evidence(*, data: str | None, district: str | None, today: str | None, as_json: bool) -> None:
    """Judge what came since the last run, resolving first where lists were loaded, and print the outcome."""
    context = start_command(data=data, district=district, today=today)
    from homeroom.apps.protect.detection.judging.judge_district import has_unresolved_loads, judge_district
    from homeroom.apps.protect.detection.judging.judge_events import JudgingBusy
    from homeroom.apps.protect.detection.queries import find_alert

    try:
        with show_progress_bar(quiet=as_json) as progress:
            if has_unresolved_loads(context.store):
                _resolve(context, progress)
            outcome = judge_district(district=context.district, store=context.store, at=context.at, progress=progress)
    except JudgingBusy as error:
        refuse(str(error))
    new = [row for public in outcome.new_alerts if (row := find_alert(district=context.district, public=public))]
    if as_json:
        print_json(
            {
                "events": outcome.events,
                "detections": outcome.detections,
                "rules": {"run": outcome.rules},
                "judged_until": outcome.judged_until,
                "new_alerts": [{"id": row.public, "severity": row.severity, "title": row.title} for row in new],
            }
        )
        return
    for row in sorted(new, key=lambda row: row.rank):
        output.print(f"{row.severity}: {escape(row.title)} ({row.public})", soft_wrap=True)
    output.print(
        f"{outcome.events:,} new events judged by {outcome.rules} rules: {outcome.detections} detections, "
        f"{len(new)} new alerts"
    )
