"""The verb that writes what a console does in bulk about a finding."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table as Grid

from homeroom.cli.options import Data, InDistrict, Json, Started, Today, begin, output, print_json, refuse

if TYPE_CHECKING:
    from homeroom.apps.fixes.queries import Fix, Line
    from homeroom.apps.posture.queries import Judgement, OpenFinding

verbs = typer.Typer()

SHOWN = 25


@verbs.command()
def fix(
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
    """Prepare a fix file, show its rows, and once somebody reviewed them write it with its undo."""
    started = begin(data=data, district=district, today=today)
    of, one = _found(started, finding)
    if action is None:
        _offer(one, as_json=as_json)
        return
    public = _prepared(started, of, one, action=action, value=value, school=school)
    path = _written(started, public, out=out, reviewed=reviewed) if reviewed else None
    _tell(started, of, public, path, as_json=as_json)


def _found(started: Started, named: str) -> tuple[Judgement, OpenFinding]:
    from homeroom.apps.posture.queries import judgement, open_findings

    of = judgement(district=started.district)
    if of is None:
        refuse("nothing was judged yet; run homeroom assess")
    findings = open_findings(district=started.district, of=of)
    found = [one for one in findings if named in (one.public, one.control.id)]
    if len(found) != 1:
        several = ", ".join(one.public for one in found)
        there = ", ".join(sorted({one.control.id for one in findings if one.control.remedies}))
        refuse(f"{named}: {f'name one of {several}' if found else f'no open finding; with a remedy in bulk: {there}'}")
    return of, found[0]


def _offer(one: OpenFinding, *, as_json: bool) -> None:
    from homeroom.library.remedies import actions

    there = [actions()[name] for name in one.control.remedies if name in actions()]
    if as_json:
        named = [{"id": each.id, "title": each.title, "does": each.does, "asks": each.asks} for each in there]
        print_json({"finding": one.public, "members": one.members, "actions": named})
        return
    grid = Grid("action", "what it does", box=None, pad_edge=False, header_style="dim")
    for each in there:
        grid.add_row(each.id, each.does)
    output.print(grid if there else "No console does this in bulk; the control says how to put it right.")


def _prepared(started: Started, of: Judgement, one: OpenFinding, *, action: str, value: str, school: str) -> str:
    from homeroom.apps.fixes.commands import NotFixed, prepare
    from homeroom.apps.fixes.gathering import Asked
    from homeroom.evidence.asking import TooSlow

    try:
        return prepare(
            district=started.district,
            of=of,
            finding=one,
            action=action,
            asked=Asked(target=value, school=school),
            actor="",
            at=started.at,
            today=started.today,
        )
    except NotFixed as why:
        refuse(str(why))
    except TooSlow:
        refuse("evidence did not answer in time; try again when the machine is less busy")


def _written(started: Started, public: str, *, out: Path | None, reviewed: str) -> Path:
    """Reviews as that person and writes the zip. Refuses who may not, and a folder that is not named."""
    from homeroom.apps.districts.queries import AUDITOR, members
    from homeroom.apps.fixes.commands import NotFixed, hand_out, review
    from homeroom.evidence.blobs import owners_alone

    people = {name: role for name, _, role in members(district=started.district)}
    if people and people.get(reviewed, AUDITOR) == AUDITOR:
        may = ", ".join(name for name, role in people.items() if role != AUDITOR)
        refuse(f"--reviewed {reviewed!r} does not review here; {may} would fit")
    if out is None:
        refuse("name the folder for the zip with --out")
    try:
        review(district=started.district, public=public, actor=reviewed, at=started.at)
        zipped = hand_out(district=started.district, public=public, actor=reviewed, at=started.at)
    except NotFixed as why:
        refuse(str(why))
    out.mkdir(parents=True, exist_ok=True)
    path = out / zipped.name
    path.unlink(missing_ok=True)  # what lies there may be open to others
    with zipped.file as file, open(path, "xb", opener=owners_alone) as written:
        shutil.copyfileobj(file, written)
    return path


def _tell(started: Started, of: Judgement, public: str, path: Path | None, *, as_json: bool) -> None:
    from homeroom.apps.fixes.queries import fix_of, flags_of, lines
    from homeroom.domain.remedies import FIX

    made = fix_of(district=started.district, public=public)
    if made is None or made.action is None:
        raise RuntimeError(f"fix file {public} went while it was shown")
    rows, more = lines(district=started.district, of=of, fix=made, limit=SHOWN)
    flags = dict(flags_of(district=started.district, public=public))
    if as_json:
        told = {"id": public, "action": made.action_id, "state": made.state, "rows": made.rows, "no_undo": made.no_undo}
        shown: dict[str, Any] = {
            "left_out": dict(made.left),
            "flags": flags,
            "first_rows": [asdict(row) for row in rows],
        }
        print_json({**told, **shown, "command": made.action.command(made.action, FIX), "file": path})
        return
    _print(made, rows, flags, path, more=more is not None)


def _print(made: Fix, rows: tuple[Line, ...], flags: dict[str, int], path: Path | None, *, more: bool) -> None:
    grid = Grid("id in the console", "becomes", "undo", "mind", box=None, pad_edge=False, header_style="dim")
    for row in rows:
        back = "–" if row.back is None else row.back
        grid.add_row(escape(row.handle), escape(row.to), escape(back), ", ".join(row.flags))
    output.print(grid)
    notes = [f"{count:,} {name}" for name, count in flags.items()] + [
        f"{count:,} stay out: {why.replace('_', ' ')}" for why, count in made.left.items()
    ]
    output.print(f"\n{made.rows:,} rows{' (the first are shown)' if more else ''}; {made.no_undo:,} without an undo")
    if notes:
        output.print("; ".join(notes))
    if path:
        output.print(f"Written: {escape(str(path))}")
    else:
        output.print("Nothing is written yet. When somebody looked: the same again with --reviewed NAME --out DIR.")
