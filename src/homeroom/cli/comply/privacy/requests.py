"""Commands for requests of families: list, add, take a step, and the records of the student as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from homeroom.cli.comply.privacy.files import (
    DEFAULT_ACTOR,
    By,
    Student,
    check_language,
    find_student_id,
    get_file_form,
    write_family_file,
)
from homeroom.cli.options import Data, InDistrict, Json, Today, output, print_json, refuse, start_command
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.comply.privacy.requests.queries import RequestLine, RequestView

verbs = typer.Typer()
group = typer.Typer(
    name="requests",
    help="Requests of parents and students: to see, correct or destroy records, to opt out, to complain.",
    no_args_is_help=True,
)
verbs.add_typer(group)
Request = Annotated[str, typer.Argument(help="The request's id.", metavar="REQUEST")]
NamedPath = Annotated[Path | None, typer.Option("--file", help="A file that belongs to it, such as the letter.")]


@group.command("list")
@require_permission("privacy.read")
def list_all(
    closed: Annotated[bool, typer.Option("--closed", help="Those that are closed.")] = False,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """List the open requests with the day on which each is due."""
    context = start_command(data=data, district=district, today=today)
    from homeroom.apps.comply.privacy.requests.queries import list_requests

    lines = list_requests(district=context.district, today=context.today, closed=closed)
    if as_json:
        print_json([_convert_line(line) for line in lines])
        return
    for line in lines:
        due = f"due {line.due_on}" if line.due_on else "no day in a law"
        output.print(f"{line.id}  {line.kind}  {line.step}  received {line.received_on}  {due}", soft_wrap=True)
    if not lines:
        output.print("No request is closed." if closed else "No request is open.")


@group.command("show")
@require_permission("privacy.read")
def show(
    request: Request, as_json: Json = False, data: Data = None, district: InDistrict = None, today: Today = None
) -> None:
    """Show a request: its steps, the days it is due by law, and which step comes next."""
    context = start_command(data=data, district=district, today=today)
    from homeroom.apps.comply.privacy.requests.queries import find_request

    view = find_request(district=context.district, public=request, today=context.today)
    if view is None:
        refuse(f"there is no request {request}; homeroom requests list names them")
    if as_json:
        print_json(_convert_view(view))
        return
    output.print(f"{view.line.kind}, received {view.line.received_on}, {view.line.step}")
    for line in view.deadlines:
        output.print(escape(f"due {line.due or 'on no day'}  {line.duty}  applies: {line.applies}"), soft_wrap=True)
    for entry in view.entries:
        output.print(escape(f"{entry.step}  {entry.at:%Y-%m-%d}  {entry.written_by}  {entry.text}"), soft_wrap=True)
    if view.next_steps:
        output.print(f"next: {' or '.join(view.next_steps)}")


@group.command("add")
@require_permission("privacy.change")
def add(
    kind: Annotated[str, typer.Argument(help="access, amendment, opt-out, destruction or complaint.", metavar="KIND")],
    requester: Annotated[str, typer.Option("--from", help="Who asks.", metavar="NAME")],
    student: Student = "",
    named: Annotated[str, typer.Option("--named", help="The student's name in the letter, if no list has it.")] = "",
    relation: Annotated[str, typer.Option("--as", help="parent, student or other.", metavar="WHO")] = "parent",
    contact: Annotated[str, typer.Option("--contact", help="Where the answer goes.")] = "",
    received: Annotated[
        str, typer.Option("--received", help="The day the letter came (YYYY-MM-DD); else today.", metavar="DAY")
    ] = "",
    text: Annotated[str, typer.Option("--text", help="What they ask, in their words.")] = "",
    of: Annotated[
        list[str] | None, typer.Option("--of", help="Of an opt-out: directory or media, once each.", metavar="KIND")
    ] = None,
    file: NamedPath = None,
    by: By = DEFAULT_ACTOR,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Write a request down; the clocks of laws start on the day it came."""
    context = start_command(data=data, district=district, today=today)
    from homeroom.apps.comply.privacy.requests.commands import NamedFile, RequestForm, receive_request
    from homeroom.domain.comply.privacy.requests import StepRefused

    form = RequestForm(
        kind=kind,
        requester=requester,
        relation=relation,
        contact=contact,
        student=student,
        student_text=named,
        received_on=received,
        text=text,
        choices=of or (),
    )
    common: dict[str, Any] = {"district": context.district, "actor": by, "at": context.at, "today": context.today}
    try:
        if file is None:
            public = receive_request(form=form, **common)
        else:
            with file.open("rb") as content:
                letter = NamedFile(name=file.name, content=content)
                public = receive_request(form=form, letter=letter, **common)
    except StepRefused as error:
        refuse(f"{error.field}: {error}")
    except OSError as error:
        refuse(f"{file} cannot be read: {error.strerror}")
    if as_json:
        print_json({"request": public})
    else:
        output.print(public)


@group.command("step")
@require_permission("privacy.change")
def step(
    request: Request,
    name: Annotated[
        str,
        typer.Argument(help="identity, searched, decided, answered, closed or withdrawn.", metavar="STEP"),
    ],
    text: Annotated[str, typer.Option("--text", help="How it was done, or why.")] = "",
    day: Annotated[str, typer.Option("--day", help="When it was done (YYYY-MM-DD); else today.")] = "",
    proof: Annotated[
        str, typer.Option("--proof", help="Of identity: known, photo-id, account, signature or document.")
    ] = "",
    outcome: Annotated[str, typer.Option("--outcome", help="Of a decision: granted, partly or denied.")] = "",
    student: Student = "",
    file: NamedPath = None,
    by: By = DEFAULT_ACTOR,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Take the next step of a request; a step that does not come next is refused with the one that does."""
    context = start_command(data=data, district=district, today=today)
    from homeroom.apps.comply.privacy.requests.commands import NamedFile, take_step
    from homeroom.domain.comply.privacy.requests import StepForm, StepRefused
    from homeroom.evidence.query.executor import QueryTimeout

    form = StepForm(step=name, text=text, day=day, proof=proof, outcome=outcome, student=student)
    common: dict[str, Any] = {"district": context.district, "actor": by, "at": context.at, "today": context.today}
    try:
        if file is None:
            take_step(public=request, form=form, **common)
        else:
            with file.open("rb") as content:
                take_step(public=request, form=form, file=NamedFile(name=file.name, content=content), **common)
    except StepRefused as error:
        refuse(f"{error.field}: {error}")
    except LookupError as error:
        refuse(f"{error}; homeroom requests list names them")
    except QueryTimeout:
        refuse("evidence did not answer in time; try again when the machine is less busy")
    except OSError as error:
        refuse(f"{file} cannot be read: {error.strerror}")
    if as_json:
        print_json({"request": request, "step": name})
    else:
        output.print(f"{request}  {name}")


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
    """Write what is held of a student for the family, with other people masked."""
    form = get_file_form(out)
    check_language(language)
    context = start_command(data=data, district=district, today=today)
    from homeroom.apps.comply.reports.student_records import write_records_file

    public = find_student_id(context, student)
    file = write_records_file(
        district=context.district,
        student=public,
        form=form,
        today=context.today,
        actor=by,
        at=context.at,
        language=language,
    )
    write_family_file(file, out, as_json=as_json)


def _convert_line(line: RequestLine) -> dict[str, Any]:
    return {
        "request": line.id,
        "kind": line.kind,
        "student": line.student or None,
        "step": line.step,
        "received_on": line.received_on,
        "due": line.due_on,
        "duty": line.due.duty if line.due else None,
        "applies": line.due.applies if line.due else None,
        "answered_on": line.answered_on,
        "closed_on": line.closed_on,
        "outcome": line.outcome or None,
    }


def _convert_view(view: RequestView) -> dict[str, Any]:
    return {
        **_convert_line(view.line),
        "next_steps": list(view.next_steps),
        "deadlines": [
            {
                "duty": line.duty,
                "applies": line.applies,
                "due": line.due,
                "extended_to": line.extended_to,
                "certain": line.is_certain,
                "waits_for": list(line.waits_for),
            }
            for line in view.deadlines
        ],
        "steps": [
            {"step": entry.step, "at": entry.at, "by": entry.written_by, "text": entry.text, "detail": entry.detail}
            for entry in view.entries
        ],
        "files": [{"name": file.name, "purpose": file.purpose, "sha256": file.sha256} for file in view.files],
    }
