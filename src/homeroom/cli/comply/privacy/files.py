"""Files of the privacy verbs: read one to load, print what was not loaded, and write one for a family."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from homeroom.cli.options import WITH_REJECTS, CommandContext, output, print_json, refuse

if TYPE_CHECKING:
    from homeroom.apps.comply.privacy.row_files import RowRejection
    from homeroom.apps.comply.reports.student_records import FamilyFile

DEFAULT_ACTOR = "homeroom"
"""The actor in the audit trail if none is named: whoever may open the data folder."""
By = Annotated[str, typer.Option("--by", help="Who does it, for the audit trail.", metavar="USER")]
Student = Annotated[
    str, typer.Option("--student", help="A number or address of the student, or the id on the student's page.")
]


def read_content(path: Path) -> bytes:
    """Return the bytes of a file; refuse one that cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        refuse(f"cannot read {path}: {error.strerror}; choose a CSV file")


def load_row_file[Outcome](
    load: Callable[..., Outcome], *, context: CommandContext, file: Path, content: bytes, actor: str
) -> Outcome:
    """Return what a command makes of a file of rows; refuse a file whose structure cannot be read."""
    from homeroom.apps.comply.privacy.row_files import RowFileRefused
    from homeroom.evidence.query.executor import QueryTimeout

    try:
        return load(
            district=context.district, name=file.name, content=content, today=context.today, actor=actor, at=context.at
        )
    except RowFileRefused as error:
        refuse(str(error))
    except QueryTimeout:
        refuse("evidence did not answer in time; try again when the machine is less busy")


def find_student_id(context: CommandContext, text: str) -> str:
    """Return the public id of the student that --student names; refuse if it names none or several."""
    from homeroom.apps.comply.privacy.students import StudentRefused, find_student

    try:
        return find_student(district=context.district, text=text).public
    except StudentRefused as error:
        refuse(f"--student: {error}")


def end_load(
    *, text: str, document: dict[str, Any], rejects: Sequence[RowRejection], file: Path, as_json: bool
) -> None:
    """Print what came of a file, and exit with code 1 if rows were not loaded."""
    lines = [{"line": item.line, "field": item.field, "reason": item.reason} for item in rejects]
    if as_json:
        print_json({**document, "rejects": lines})
    else:
        output.print(text)
        for item in rejects:
            field = f", {item.field}" if item.field else ""
            output.print(escape(f"not loaded: {file.name}, line {item.line}{field}: {item.reason}"), soft_wrap=True)
    if rejects:
        raise typer.Exit(WITH_REJECTS)


def write_family_file(file: FamilyFile, out: Path, *, as_json: bool) -> None:
    """Write a file for a family, readable by its owner only, and print its hash."""
    from homeroom.evidence.files.blobs import write_file

    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_file(out, file.content)
    except OSError as error:
        refuse(f"cannot write {out}: {error.strerror}; choose a file in a folder of yours")
    if as_json:
        print_json({"file": str(out), "sha256": file.sha256, "bytes": len(file.content)})
    else:
        output.print(f"{out}  SHA-256 {file.sha256}", soft_wrap=True)


def check_language(language: str) -> None:
    """Refuse a language that files for families are not written in."""
    if language not in ("en", "es"):
        refuse(f"--language {language}: use en or es")


def get_file_form(out: Path) -> str:
    """Return the form that a file's name has; refuse any other than html, pdf and zip."""
    form = out.suffix.removeprefix(".").casefold()
    if form not in ("html", "pdf", "zip"):
        refuse(f"{out.name} must end in .pdf, .html or .zip")
    return form
