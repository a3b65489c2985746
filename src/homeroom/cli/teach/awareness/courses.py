"""Commands about courses: which there are and who finished them, assigning, packages for other tools, and evidence."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table as Grid

from homeroom.cli.know.loads import convert_report_to_json, print_report
from homeroom.cli.know.sources import Approve
from homeroom.cli.options import (
    Data,
    InDistrict,
    Json,
    Today,
    output,
    print_json,
    refuse,
    show_progress_bar,
    start_command,
)
from homeroom.domain.platform.permissions.requirement import require_permission

if TYPE_CHECKING:
    from homeroom.apps.teach.courses.progress import AssignmentView


@require_permission("awareness.read")
def list_courses(as_json: Json = False, data: Data = None, district: InDistrict = None, today: Today = None) -> None:
    """List the courses and the assignments that run, with how many finished."""
    context = start_command(data=data, district=district, today=today)
    from homeroom.apps.teach.courses.progress import load_assignments
    from homeroom.library.teach.courses.course_files import load_courses

    views = load_assignments(district=context.district, today=context.today)
    courses = load_courses()
    if as_json:
        print_json(
            {
                "courses": [
                    {"id": course.id, "title": course.title.en, "taught": course.taught, "minutes": course.minutes}
                    for course in courses
                ],
                "assignments": [_convert_assignment(view) for view in views],
            }
        )
        return
    for course in courses:
        output.print(f"{course.id:<32} {course.minutes:>3} min  {course.title.en}", markup=False)
    grid = Grid("assignment", "what", "due", "people", "done", "overdue", box=None)
    for view in views:
        counts = (f"{count:,}" for count in (len(view.people), view.done, view.overdue))
        grid.add_row(view.public, escape(view.title.en), str(view.due_on or ""), *counts)
    output.print(grid)


@require_permission("awareness.change")
def assign(
    subject: Annotated[str, typer.Argument(help="The id of a course or policy.", metavar="COURSE")],
    role: Annotated[str, typer.Option(help="Only a role of the roster, or a word of the job title.")] = "",
    school: Annotated[str, typer.Option(help="Only staff of this school.")] = "",
    new_days: Annotated[str, typer.Option("--new-days", help="Only new staff; due so many days after.")] = "",
    control: Annotated[str, typer.Option(help="Only who fails this control today.")] = "",
    trial: Annotated[str, typer.Option(help="Only who is trained in this trial that runs.")] = "",
    law: Annotated[str, typer.Option(help="The law that asks for it.")] = "",
    due: Annotated[str, typer.Option(help="By when, such as 2026-12-01.")] = "",
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Assign a course or a policy to staff: to all, or to those whom the options name."""
    context = start_command(data=data, district=district, today=today)
    from homeroom.apps.teach.courses.commands import assign_course
    from homeroom.domain.teach.courses.course_forms import AssignmentForm, CourseRefused

    form = AssignmentForm(
        subject=subject, role=role, school=school, new_days=new_days, control=control, trial=trial, law=law, due_on=due
    )
    try:
        public = assign_course(district=context.district, form=form, today=context.today, actor="", at=context.at)
    except CourseRefused as error:
        refuse(f"{error.field}: {error}")
    if as_json:
        print_json({"assignment": public})
    else:
        output.print(public, markup=False)


@require_permission("content.use")
def write_scorm(
    course_id: Annotated[str, typer.Argument(help="The id of a course.", metavar="COURSE")],
    out: Annotated[Path, typer.Option("--out", help="The file to write.", metavar="FILE")],
    as_json: Json = False,
) -> None:
    """Write a course as a SCORM 1.2 zip for another training tool or LMS. Needs no data folder."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "homeroom.config.settings")
    import django

    django.setup()
    from homeroom.apps.teach.courses.scorm import build_scorm_package, find_packaged_course
    from homeroom.domain.suggestions import suggest_names
    from homeroom.library.teach.courses.course_files import load_courses

    course = find_packaged_course(course_id)
    if course is None:
        refuse(f"no course {course_id!r}; use {suggest_names(course_id, [item.id for item in load_courses()])}")
    content = build_scorm_package(course)
    try:
        out.write_bytes(content)
    except OSError as error:
        refuse(f"{out} cannot be written: {error.strerror}")
    if as_json:
        print_json({"course": course.id, "file": str(out), "bytes": len(content)})
    else:
        output.print(f"{out}: {len(content):,} bytes", markup=False)


@require_permission("awareness.change")
def collect_training(
    approve: Approve = False,
    as_json: Json = False,
    data: Data = None,
    district: InDistrict = None,
    today: Today = None,
) -> None:
    """Load what staff were assigned and completed as training records."""
    context = start_command(data=data, district=district, today=today)
    from homeroom.apps.teach.courses.training_records import NoTraining, load_training_records

    try:
        with show_progress_bar(quiet=as_json) as progress:
            report = load_training_records(
                district=context.district,
                store=context.store,
                today=context.today,
                actor="",
                at=context.at,
                approved=approve,
                progress=progress,
            )
    except NoTraining as error:
        refuse(str(error))
    if as_json:
        print_json(convert_report_to_json(report))
    else:
        print_report(report)


def _convert_assignment(view: AssignmentView) -> dict[str, object]:
    return {
        "id": view.public,
        "course": view.course,
        "policy": view.policy,
        "version": view.version,
        "assigned_on": view.assigned_on,
        "due_on": view.due_on,
        "law": view.law,
        "people": len(view.people),
        "done": view.done,
        "overdue": view.overdue,
    }
