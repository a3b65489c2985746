"""The command that writes a file for fixing a finding in bulk in a console."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path
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
    print_json,
    refuse,
    start_command,
)
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.protect.fixes.queries import FixRowView, FixSummary
    from homeroom.apps.protect.posture.published.queries import AssessmentRef, OpenFinding

verbs = typer.Typer()
group = typer.Typer(name="fixes", help="Create files that fix a finding in bulk.", no_args_is_help=True)
verbs.add_typer(group)

MAX_ROWS = 25


@group.command("prepare")
@verbs.command("fix")
@require_permission("fixes.prepare", change="fixes.take_alone")
def prepare(
    finding: Annotated[str, typer.Argument(help="A finding's id, or the id of its control.", metavar="FINDING")],
    action: Annotated[str | None, typer.Option("--action", help="What the console should do.", metavar="ID")] = None,
    value: Annotated[str, typer.Option("--value", help="The unit or label, where the action asks for one.")] = "",
    school: Annotated[str, typer.Option("--school", help="Only this school.")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="The folder for the zip.", metavar="DIR")] = None,
    reviewed: Annotated[
        str, typer.Option("--reviewed", help="Who looked at the rows; without it nothing is written.", metavar="NAME")
    ] = "",
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Prepare a fix file, review its rows, and write it with its undo."""
    context = start_command(data=data, district=district, today=today)
    assessment, open_finding = _get_finding(context, finding)
    if action is None:
        _print_actions(open_finding, as_json=as_json)
        return
    public = _prepare_fix(context, assessment, open_finding, action=action, value=value, school=school)
    path = _write_zip(context, public, out=out, reviewed=reviewed) if reviewed else None
    _show_fix(context, assessment, public, path, as_json=as_json)


def _get_finding(context: CommandContext, finding_id: str) -> tuple[AssessmentRef, OpenFinding]:
    from homeroom.apps.protect.posture.published.queries import get_published_assessment, list_open_findings

    assessment = get_published_assessment(district=context.district)
    if assessment is None:
        refuse("nothing was judged yet; run homeroom assess")
    findings = list_open_findings(district=context.district, assessment=assessment)
    matches = [candidate for candidate in findings if finding_id in (candidate.public, candidate.control.id)]
    if len(matches) != 1:
        ids = ", ".join(candidate.public for candidate in matches)
        fixable = ", ".join(sorted({candidate.control.id for candidate in findings if candidate.control.remedies}))
        refuse(
            f"{finding_id}: {f'name one of {ids}' if matches else f'no open finding; with a remedy in bulk: {fixable}'}"
        )
    return assessment, matches[0]


def _print_actions(open_finding: OpenFinding, *, as_json: bool) -> None:
    from homeroom.library.protect.remedies import load_actions

    available = [load_actions()[name] for name in open_finding.control.remedies if name in load_actions()]
    if as_json:
        entries = [
            {"id": action.id, "title": action.title, "does": action.does, "asks": action.asks} for action in available
        ]
        print_json({"finding": open_finding.public, "members": open_finding.members, "actions": entries})
        return
    grid = Grid("action", "what it does", box=None, pad_edge=False, header_style="dim")
    for action in available:
        grid.add_row(action.id, action.does)
    output.print(grid if available else "No console does this in bulk; the control says how to fix it.")


def _prepare_fix(
    context: CommandContext,
    assessment: AssessmentRef,
    open_finding: OpenFinding,
    *,
    action: str,
    value: str,
    school: str,
) -> str:
    from homeroom.apps.protect.fixes.collect import FixOptions
    from homeroom.apps.protect.fixes.commands import FixNotPossible, prepare_fix
    from homeroom.evidence.query.executor import QueryTimeout

    try:
        return prepare_fix(
            district=context.district,
            assessment=assessment,
            finding=open_finding,
            action=action,
            options=FixOptions(target=value, school=school),
            actor="",
            at=context.at,
            today=context.today,
        )
    except FixNotPossible as error:
        refuse(str(error))
    except QueryTimeout:
        refuse("evidence did not answer in time; try again when the machine is less busy")


def _write_zip(context: CommandContext, public: str, *, out: Path | None, reviewed: str) -> Path:
    """Review as that person and write the zip; refuse if the person may not review or no folder is named."""
    from homeroom.apps.platform.districts.queries import list_members
    from homeroom.apps.platform.permissions.queries import HeldPermissions
    from homeroom.apps.protect.fixes.commands import FixNotPossible, release, review_fix
    from homeroom.domain.platform.permissions.holding import list_roles_with
    from homeroom.evidence.files.blobs import open_owner_only

    people = {name: role for name, _, role in list_members(district=context.district)}
    reviewer_roles = list_roles_with("fixes.review")
    if people and people.get(reviewed) not in reviewer_roles:
        reviewers = ", ".join(name for name, role in people.items() if role in reviewer_roles)
        refuse(f"--reviewed {reviewed!r} cannot review here; use {reviewers}")
    held = HeldPermissions(district=context.district, role=people.get(reviewed, ""))
    if people and not held.holds("fixes.take_alone"):
        refuse(
            f"{reviewed} takes no fix file that nobody else reviewed; a colleague or a director takes it on its page"
        )
    if out is None:
        refuse("name the folder for the zip with --out")
    try:
        review_fix(district=context.district, public=public, actor=reviewed, at=context.at)
        archive = release(district=context.district, public=public, actor=reviewed, at=context.at)
    except FixNotPossible as error:
        refuse(str(error))
    out.mkdir(parents=True, exist_ok=True)
    path = out / archive.name
    path.unlink(missing_ok=True)  # what lies there may be open to others
    with archive.file as file, open(path, "xb", opener=open_owner_only) as target:
        shutil.copyfileobj(file, target)
    return path


def _show_fix(
    context: CommandContext, assessment: AssessmentRef, public: str, path: Path | None, *, as_json: bool
) -> None:
    from homeroom.apps.protect.fixes.queries import count_flags, find_fix, list_fix_rows
    from homeroom.domain.protect.remedies import FIX

    fix_file = find_fix(district=context.district, public=public)
    if fix_file is None or fix_file.action is None:
        raise RuntimeError(f"fix file {public} went while it was shown")
    rows, next_row = list_fix_rows(district=context.district, assessment=assessment, fix=fix_file, limit=MAX_ROWS)
    flags = dict(count_flags(district=context.district, public=public))
    if as_json:
        document = {
            "id": public,
            "action": fix_file.action_id,
            "state": fix_file.state,
            "rows": fix_file.rows,
            "no_undo": fix_file.no_undo,
        }
        details: dict[str, Any] = {
            "left_out": dict(fix_file.left),
            "flags": flags,
            "first_rows": [asdict(row) for row in rows],
        }
        print_json({**document, **details, "command": fix_file.action.command(fix_file.action, FIX), "file": path})
        return
    _print_fix(fix_file, rows, flags, path, has_more=next_row is not None)


def _print_fix(
    fix_file: FixSummary, rows: tuple[FixRowView, ...], flags: dict[str, int], path: Path | None, *, has_more: bool
) -> None:
    grid = Grid("id in the console", "becomes", "undo", "mind", box=None, pad_edge=False, header_style="dim")
    for row in rows:
        undo_value = "–" if row.back is None else row.back
        grid.add_row(escape(row.handle), escape(row.to), escape(undo_value), ", ".join(row.flags))
    output.print(grid)
    notes = [f"{count:,} {name}" for name, count in flags.items()] + [
        f"{count:,} stay out: {reason.replace('_', ' ')}" for reason, count in fix_file.left.items()
    ]
    output.print(
        f"\n{fix_file.rows:,} rows{' (the first are shown)' if has_more else ''}; {fix_file.no_undo:,} without an undo"
    )
    if notes:
        output.print("; ".join(notes))
    if path:
        output.print(f"Written: {escape(str(path))}")
    else:
        output.print("Nothing is written yet. When somebody looked: the same again with --reviewed NAME --out DIR.")
