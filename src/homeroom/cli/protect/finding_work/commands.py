"""Commands for the work on findings: `homeroom work …`, with the same effect as the buttons on a finding's page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table as Grid

from homeroom.cli.options import (
    CommandContext,
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
    from homeroom.apps.protect.posture.published.queries import AssessmentRef, OpenFinding

verbs = typer.Typer()
group = typer.Typer(name="work", help="Assign, start, note, finish and snooze findings.", no_args_is_help=True)
verbs.add_typer(group)

DEFAULT_ACTOR = "homeroom"
"""The actor in the audit trail if none is named: whoever may open the data folder."""
FindingId = Annotated[str, typer.Argument(help="A finding's id, or the id of its control.", metavar="FINDING")]
Rows = Annotated[
    list[str] | None, typer.Option("--row", help="Only this row, by its id; may be repeated.", metavar="ID")
]
Note = Annotated[str, typer.Option("--note", help="A note for the history.", metavar="TEXT")]
By = Annotated[str, typer.Option("--by", help="Who does it, for the audit trail.", metavar="USER")]


@group.command("list")
@require_permission("posture.read")
def list_work(as_json: Json = False, data: Data = None, district: InDistrict = None, today: Today = None) -> None:
    """List the findings that somebody works on, with who has them."""
    context = start_command(data=data, district=district, today=today)
    from homeroom.apps.protect.finding_work.queries import list_progress
    from homeroom.apps.protect.posture.published.queries import list_open_findings

    assessment = _load_assessment(context)
    findings = {
        finding.public: finding for finding in list_open_findings(district=context.district, assessment=assessment)
    }
    progress = list_progress(
        district=context.district, assessment=assessment, findings=findings.values(), today=context.today
    )
    lines = [
        {
            "finding": public,
            "control": findings[public].control.id,
            "problem": findings[public].problem,
            "state": entry.state.state,
            "person": entry.state.person,
            "until": entry.state.until,
            "rows_done": entry.done_rows,
            "rows_snoozed": entry.snoozed_rows,
        }
        for public, entry in progress.items()
    ]
    if as_json:
        print_json({"work": lines})
        return
    grid = Grid("finding", "state", "who", "until", "problem", box=None, pad_edge=False, header_style="dim")
    for line in lines:
        until = line["until"].isoformat() if isinstance(line["until"], date) else ""
        cells = (line["finding"], line["state"], line["person"], until, line["problem"])
        grid.add_row(*(escape(str(cell)) for cell in cells))
    output.print(grid if lines else "Nobody works on a finding yet.")


@group.command("assign")
@require_permission("findings.work")
def assign(
    finding: FindingId,
    to: Annotated[str, typer.Option("--to", help="The user name of who gets it.", metavar="USER")],
    row: Rows = None,
    note: Note = "",
    by: By = DEFAULT_ACTOR,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Assign a finding, or rows of it, to a person."""
    context = start_command(data=data, district=district, today=today)
    _change(context, finding, row, "assign", by=by, as_json=as_json, person=to, note=note)


@group.command("note")
@require_permission("findings.work")
def add_note(
    finding: FindingId,
    text: Annotated[str, typer.Argument(help="The note.", metavar="TEXT")],
    row: Rows = None,
    by: By = DEFAULT_ACTOR,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Add a note to the history of a finding, or of rows of it."""
    context = start_command(data=data, district=district, today=today)
    _change(context, finding, row, "note", by=by, as_json=as_json, note=text)


@group.command("start")
@require_permission("findings.work")
def start(
    finding: FindingId,
    by: Annotated[str, typer.Option("--by", help="Who starts, and has it from then on.", metavar="USER")],
    row: Rows = None,
    note: Note = "",
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Start work on a finding, or on rows of it: assigned to you, in progress."""
    context = start_command(data=data, district=district, today=today)
    _change(context, finding, row, "start", by=by, as_json=as_json, note=note)


@group.command("done")
@require_permission("findings.work")
def finish(
    finding: FindingId,
    row: Rows = None,
    minutes: Annotated[int | None, typer.Option("--minutes", help="The minutes that it took.", metavar="N")] = None,
    note: Note = "",
    by: By = DEFAULT_ACTOR,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Mark a finding, or rows of it, as done; newer data confirms it, or reopens what still fails."""
    context = start_command(data=data, district=district, today=today)
    _change(context, finding, row, "done", by=by, as_json=as_json, note=note, minutes=minutes)


@group.command("snooze")
@require_permission("findings.work")
def snooze(
    finding: FindingId,
    until: Annotated[str, typer.Option("--until", help="The day on which it comes back (YYYY-MM-DD).", metavar="DAY")],
    row: Rows = None,
    note: Note = "",
    by: By = DEFAULT_ACTOR,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Hide a finding, or rows of it, from Today and the plan until a day."""
    day = parse_day_option(until, option="--until")
    context = start_command(data=data, district=district, today=today)
    _change(context, finding, row, "snooze", by=by, as_json=as_json, until=day, note=note)


@group.command("reopen")
@require_permission("findings.work")
def reopen(
    finding: FindingId,
    row: Rows = None,
    note: Note = "",
    by: By = DEFAULT_ACTOR,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Mark a finding, or rows of it, as open again."""
    context = start_command(data=data, district=district, today=today)
    _change(context, finding, row, "reopen", by=by, as_json=as_json, note=note)


def _change(
    context: CommandContext,
    finding_id: str,
    row_ids: Sequence[str] | None,
    act: str,
    *,
    by: str,
    as_json: bool,
    **values: Any,
) -> None:
    from homeroom.apps.protect.finding_work.commands import InvalidWork, WorkChange, build_work_scope, change_work

    assessment = _load_assessment(context)
    finding = _find_finding(context, assessment, finding_id)
    subjects = [_parse_row(text, finding) for text in row_ids or ()]
    try:
        scope = build_work_scope(district=context.district, assessment=assessment, finding=finding, subjects=subjects)
        change_work(
            district=context.district,
            at=context.at,
            today=context.today,
            actor=by,
            scope=scope,
            change=WorkChange(act=act, **values),
        )
    except InvalidWork as error:
        refuse(str(error))
    if as_json:
        print_json({"finding": finding.public, "act": act, "rows": scope.open_count, "entire": not scope.subjects})
    else:
        output.print(f"{act}: {scope.open_count:,} rows of {finding.public} ({escape(finding.problem)})")


def _load_assessment(context: CommandContext) -> AssessmentRef:
    from homeroom.apps.protect.posture.published.queries import get_published_assessment

    assessment = get_published_assessment(district=context.district)
    if assessment is None:
        refuse("nothing was judged yet; run homeroom assess")
    return assessment


def _find_finding(context: CommandContext, assessment: AssessmentRef, finding_id: str) -> OpenFinding:
    from homeroom.apps.protect.posture.published.queries import list_open_findings

    findings = list_open_findings(district=context.district, assessment=assessment)
    matches = [candidate for candidate in findings if finding_id in (candidate.public, candidate.control.id)]
    if len(matches) != 1:
        ids = ", ".join(candidate.public for candidate in matches)
        refuse(f"{finding_id}: {f'name one of {ids}' if matches else 'no open finding; homeroom assess lists them'}")
    return matches[0]


def _parse_row(text: str, finding: OpenFinding) -> int:
    """Return the subject of a row's public id; refuse one of another kind than the finding's rows."""
    from homeroom.domain.ids import parse_public_id

    try:
        kind, subject = parse_public_id(text)
    except ValueError as error:
        refuse(f"--row {error}")
    if kind != finding.subject_kind:
        refuse(f"--row {text} is the id of a {kind}; the rows of {finding.public} are of kind {finding.subject_kind}")
    return subject
