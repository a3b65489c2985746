"""Commands for the log of disclosures: list, add, load a file, write it as CSV, and print it for a family."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from homeroom.cli.comply.privacy.files import (
    DEFAULT_ACTOR,
    By,
    Student,
    check_language,
    end_load,
    find_student_id,
    get_file_form,
    load_row_file,
    read_content,
    write_family_file,
)
from homeroom.cli.options import Data, InDistrict, Json, Today, output, print_json, refuse, start_command
from homeroom.domain.platform.permissions.requirement import require_permission

verbs = typer.Typer()
group = typer.Typer(
    name="disclosures", help="The log of disclosures of education records (34 CFR 99.32).", no_args_is_help=True
)
verbs.add_typer(group)


@group.command("list")
@require_permission("privacy.read")
def list_all(
    student: Student = "",
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """List the log, newest first, of all students or one."""
    context = start_command(data=data, district=district)
    from homeroom.apps.comply.privacy.disclosures.queries import list_disclosures

    public = find_student_id(context, student) if student else ""
    lines, has_more = list_disclosures(district=context.district, student=public, limit=10_000)
    if as_json:
        print_json(
            [
                {
                    "number": line.number,
                    "student": line.student,
                    "disclosed_on": line.disclosed_on,
                    "recipient": line.recipient,
                    "purpose": line.purpose,
                    "basis": line.basis.id,
                    "what": list(line.elements),
                    "withdrawn": line.withdrawn_because or None,
                }
                for line in lines
            ]
        )
        return
    for line in lines:
        text = f"{line.disclosed_on}  {line.student}  {line.recipient}  {line.basis.id}  {', '.join(line.elements)}"
        output.print(escape(text), soft_wrap=True)
    if has_more:
        output.print("There are more; homeroom disclosures export writes all of them.")
    if not lines:
        output.print("No disclosure is in the log.")


@group.command("add")
@require_permission("privacy.change")
def add(
    student: Student,
    recipient: Annotated[str, typer.Option("--to", help="Who received the records.")],
    what: Annotated[str, typer.Option("--what", help="The records, separated by semicolons.")],
    why: Annotated[str, typer.Option("--why", help="The interest of who received them.")],
    basis: Annotated[str, typer.Option("--basis", help="The legal basis, such as other-school.")],
    on: Annotated[str, typer.Option("--on", help="The day (YYYY-MM-DD); else today.", metavar="DAY")] = "",
    by: By = DEFAULT_ACTOR,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Write a disclosure down."""
    context = start_command(data=data, district=district, today=today)
    from homeroom.apps.comply.privacy.disclosures.commands import DisclosureForm, DisclosureRefused, add_disclosure

    form = DisclosureForm(
        student=student,
        disclosed_on=on or context.today.isoformat(),
        recipient=recipient,
        purpose=why,
        basis=basis,
        what=what,
    )
    try:
        add_disclosure(district=context.district, form=form, today=context.today, actor=by, at=context.at)
    except DisclosureRefused as error:
        refuse(f"{error.field}: {error}")
    if as_json:
        print_json({"added": 1})
    else:
        output.print("Written down.")


@group.command("load")
@require_permission("privacy.change")
def load(
    file: Annotated[
        Path,
        typer.Argument(help="A CSV file with student, disclosed_on, recipient, purpose, basis, what.", metavar="FILE"),
    ],
    by: By = DEFAULT_ACTOR,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Load disclosures; rows that the log has already are not added again."""
    content = read_content(file)
    context = start_command(data=data, district=district, today=today)
    from homeroom.apps.comply.privacy.disclosures.commands import load_disclosures

    outcome = load_row_file(load_disclosures, context=context, file=file, content=content, actor=by)
    end_load(
        text=f"{outcome.added:,} entries are new, {outcome.repeated:,} were in the log already",
        document={"added": outcome.added, "repeated": outcome.repeated, "rows": outcome.rows},
        rejects=outcome.rejects,
        file=file,
        as_json=as_json,
    )


@group.command("export")
@require_permission("privacy.read")
def export(
    out: Annotated[Path, typer.Argument(help="The CSV file to write.", metavar="FILE.csv")],
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
) -> None:
    """Write the log as a CSV file, oldest first."""
    context = start_command(data=data, district=district)
    from homeroom.apps.comply.privacy.disclosures.queries import iter_disclosure_cells
    from homeroom.domain.spreadsheets import iterate_csv_lines
    from homeroom.evidence.files.blobs import write_file

    lines = list(iterate_csv_lines(iter_disclosure_cells(district=context.district)))
    try:
        write_file(out.resolve(), "".join(lines).encode())
    except OSError as error:
        refuse(f"cannot write {out}: {error.strerror}; choose a file in a folder of yours")
    if as_json:
        print_json({"file": str(out), "rows": len(lines) - 1})
    else:
        output.print(f"{out}  {len(lines) - 1:,} rows", soft_wrap=True)


@group.command("records")
@require_permission("privacy.change")
def write_records(
    out: Annotated[Path, typer.Argument(help="The file to write: .pdf, .html or .zip.", metavar="FILE")],
    student: Student,
    by: By = DEFAULT_ACTOR,
    language: Annotated[str, typer.Option("--language", help="en, or es for a file in Spanish.")] = "en",
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Write the log of one student for the family."""
    form = get_file_form(out)
    check_language(language)
    context = start_command(data=data, district=district, today=today)
    from homeroom.apps.comply.reports.student_records import write_disclosures_file

    public = find_student_id(context, student)
    file = write_disclosures_file(
        district=context.district,
        student=public,
        form=form,
        today=context.today,
        actor=by,
        at=context.at,
        language=language,
    )
    write_family_file(file, out, as_json=as_json)
