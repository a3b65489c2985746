"""Commands for opt-outs: load a file, and list who must be left out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from homeroom.cli.comply.privacy.files import DEFAULT_ACTOR, By, end_load, load_row_file, read_content
from homeroom.cli.options import Data, InDistrict, Json, Today, output, print_json, start_command
from homeroom.domain.platform.permissions.requirement import require_permission

verbs = typer.Typer()
group = typer.Typer(
    name="opt-outs", help="Students who keep directory information or media from others.", no_args_is_help=True
)
verbs.add_typer(group)


@group.command("load")
@require_permission("privacy.change")
def load(
    file: Annotated[Path, typer.Argument(help="A CSV file with student, kind, since.", metavar="FILE")],
    by: By = DEFAULT_ACTOR,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Load opt-outs; exports and reports leave these students out from now on."""
    content = read_content(file)
    context = start_command(data=data, district=district, today=today)
    from homeroom.apps.comply.privacy.opt_outs.files import load_opt_outs

    outcome = load_row_file(load_opt_outs, context=context, file=file, content=content, actor=by)
    end_load(
        text=f"{outcome.added:,} opt-outs are new, of {outcome.students:,} students in {outcome.rows:,} rows",
        document={"added": outcome.added, "students": outcome.students, "rows": outcome.rows},
        rejects=outcome.rejects,
        file=file,
        as_json=as_json,
    )


@group.command("list")
@require_permission("privacy.read")
def list_all(as_json: Json = False, data: Data = None, district: InDistrict = None) -> None:
    """List the ids of students who opted out, by kind."""
    context = start_command(data=data, district=district)
    from homeroom.apps.comply.privacy.opt_outs.queries import list_opted_out

    opted_out = list_opted_out(district=context.district).students
    if as_json:
        print_json({kind: sorted(students) for kind, students in sorted(opted_out.items())})
        return
    for kind, students in sorted(opted_out.items()):
        for student in sorted(students):
            output.print(f"{student}  {kind}")
    if not opted_out:
        output.print("Nobody opted out.")
