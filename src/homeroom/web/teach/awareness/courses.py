"""Courses for the office: who has to take what, who has not finished, assigning, and packages for other tools."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.protect.posture.catalog.controls import load_all_controls
from homeroom.apps.teach.courses.commands import assign_course, end_assignment, list_choices
from homeroom.apps.teach.courses.policies import list_policies
from homeroom.apps.teach.courses.progress import (
    AssignmentView,
    PersonProgress,
    count_by_school,
    list_schools,
    load_assignments,
)
from homeroom.apps.teach.courses.scorm import build_scorm_package, find_packaged_course
from homeroom.apps.teach.courses.training_records import NoTraining, get_last_intake, queue_training_intake
from homeroom.apps.teach.trials.queries import list_running_trials
from homeroom.domain.platform.district import District
from homeroom.domain.spreadsheets import escape_formula
from homeroom.domain.teach.courses.assigning import DoneState
from homeroom.domain.teach.courses.course_forms import AssignmentForm, CourseRefused
from homeroom.library.comply.laws.law_files import load_laws
from homeroom.library.teach.courses.course_files import load_courses
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.csv_files import write_csv_file
from homeroom.web.shared.downloads import name_download, record_download
from homeroom.web.shared.navigation import NavItem
from homeroom.web.shared.own_pages import build_own_page_link

AREA_PAGE = NavItem(order=4, title=gettext_lazy("Courses"), name="awareness-courses")
FIELDS = ("subject", "role", "school", "new_days", "control", "trial", "law", "due_on")
FIELD_TITLES = {
    "subject": gettext_lazy("Course or policy"),
    "role": gettext_lazy("Role or job title"),
    "school": gettext_lazy("School"),
    "new_days": gettext_lazy("New staff"),
    "control": gettext_lazy("Control"),
    "law": gettext_lazy("Law"),
    "due_on": gettext_lazy("Due"),
    "trial": gettext_lazy("Trial"),
}
MERGE_HEADINGS = ("Name", "Email", "School", "Title", "Course", "Assigned", "Due", "Overdue", "Address")


@district_view(permission="awareness.read", change="awareness.change")
def show_courses(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show the assignments with counts, the form of a new one, policies, and every course as a package."""
    return _render_courses(request, district, {})


@district_view(permission="awareness.change", methods=("POST",))
def assign(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Assign a course or a policy; what does not fit is shown beside its field."""
    visit, values = request.visit, {name: request.POST.get(name, "").strip() for name in FIELDS}
    try:
        public = assign_course(
            district=district, form=AssignmentForm(**values), today=visit.today, actor=visit.actor, at=visit.now
        )
    except CourseRefused as error:
        return _render_courses(request, district, values, wrong={error.field: str(error)})
    messages.success(request, gettext("Assigned. Staff see it on their own page."), extra_tags="good")
    return redirect("awareness-assignment", public=public)


@district_view(permission="awareness.change", methods=("POST",))
def end(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """End an assignment."""
    visit = request.visit
    try:
        end_assignment(district=district, public=public, actor=visit.actor, at=visit.now)
    except LookupError as error:
        raise Http404 from error
    messages.success(request, gettext("Ended. What was completed stays."), extra_tags="good")
    return redirect("awareness-courses")


@district_view(permission="awareness.change", methods=("POST",))
def collect(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Queue the training records to be loaded now."""
    visit = request.visit
    try:
        queue_training_intake(district=district, today=visit.today, actor=visit.actor, at=visit.now)
    except NoTraining:
        messages.error(request, gettext("Nothing was assigned or completed yet."), extra_tags="warn")
    else:
        messages.success(
            request, gettext("Loading. The controls count it after the next assessment."), extra_tags="good"
        )
    return redirect("awareness-courses")


@district_view(permission="awareness.read", change="awareness.change")
def show_assignment(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show one assignment: counts by school, and who has not finished."""
    view = _get_assignment_or_404(request, district, public)
    context = {"view": view, "schools": count_by_school([view]), "audience": describe_audience(view)}
    return render(request, "awareness/assignment.html", context)


@district_view(permission="awareness.read", change="awareness.change")
def show_sheet(request: DistrictRequest, *, district: District, public: str) -> HttpResponse:
    """Show a sheet to print: who has not finished, by school."""
    view = _get_assignment_or_404(request, district, public)
    groups: dict[str, list[PersonProgress]] = {}
    for item in view.unfinished:
        groups.setdefault(item.person.school, []).append(item)
    return render(request, "awareness/assignment_sheet.html", {"view": view, "groups": groups.items()})


@district_view(permission="awareness.read")
def download_unfinished(request: DistrictRequest, *, district: District, public: str) -> HttpResponseBase:
    """Download who has not finished, for a mail merge."""
    view = _get_assignment_or_404(request, district, public)
    file = write_csv_file(_iterate_merge_rows(request, district, view))
    record_download(request, "export unfinished assignment", subject_kind="assignment", subject=public)
    return FileResponse(file, as_attachment=True, filename=f"{public}.csv", content_type="text/csv; charset=utf-8")


@district_view(permission="awareness.read")
def download_scorm(request: HttpRequest, *, course_id: str) -> HttpResponse:  # noqa: ARG001
    """Download a course as a SCORM 1.2 package."""
    course = find_packaged_course(course_id)
    if course is None:
        raise Http404
    response = HttpResponse(build_scorm_package(course), content_type="application/zip")
    return name_download(response, f"{course.id}.zip")


def describe_audience(view: AssignmentView) -> str:
    """Return whom an assignment is for, in words."""
    parts = []
    if view.new_days:
        parts.append(gettext("new staff, within %(days)s days of their first day") % {"days": view.new_days})
    if view.role:
        parts.append(view.role)
    if view.school:
        parts.append(view.school)
    if view.control:
        control = load_all_controls().get(view.control)
        parts.append(
            gettext("failed on that day: %(control)s") % {"control": control.title if control else view.control}
        )
    if view.trial:
        parts.append(gettext("those who are trained in a trial"))
    return " · ".join(parts) or gettext("All staff")


def _render_courses(
    request: DistrictRequest, district: District, values: Mapping[str, str], *, wrong: Mapping[str, str] | None = None
) -> HttpResponse:
    views = load_assignments(district=district, today=request.visit.today)
    choices, policies = list_choices(district=district), list_policies(district=district)
    courses = load_courses()
    controls = load_all_controls()
    context = {
        "views": [(view, describe_audience(view)) for view in views],
        "by_school": count_by_school(views),
        "policies": policies,
        "courses": courses,
        "subjects": [(course.id, course.title.en) for course in courses if course.id in choices.courses],
        "schools": list_schools(district=district),
        "controls": sorted((name, controls[name].title) for name in choices.controls),
        "trials": [(trial.id, trial.question) for trial in list_running_trials(district=district)],
        "laws": sorted(((law.id, law.title) for law in load_laws()), key=lambda item: item[1]),
        "last_intake": get_last_intake(district=district),
        "given": values,
        "wrong": wrong or {},
        "wrong_fields": [(name, FIELD_TITLES.get(name, name), text) for name, text in (wrong or {}).items()],
    }
    return render(request, "awareness/courses.html", context, status=422 if wrong else 200)


def _get_assignment_or_404(request: DistrictRequest, district: District, public: str) -> AssignmentView:
    views = load_assignments(district=district, today=request.visit.today)
    view = next((item for item in views if item.public == public), None)
    if view is None:
        raise Http404
    return view


def _iterate_merge_rows(
    request: DistrictRequest, district: District, view: AssignmentView
) -> Iterator[tuple[str, ...]]:
    target = reverse("my-policy", args=[view.policy]) if view.policy else reverse("my-course", args=[view.course])
    yield MERGE_HEADINGS
    for item in view.unfinished:
        person = item.person
        yield tuple(
            escape_formula(text)
            for text in (
                person.name,
                person.email,
                person.school,
                person.title,
                view.title.en,
                item.assigned_on.isoformat(),
                item.due_on.isoformat() if item.due_on else "",
                "yes" if item.state is DoneState.OVERDUE else "",
                build_own_page_link(request, district, target),
            )
        )


urlpatterns = [
    path("awareness/courses", show_courses, name="awareness-courses"),
    path("awareness/courses/assign", assign, name="awareness-assign"),
    path("awareness/courses/collect", collect, name="awareness-collect-training"),
    path("awareness/courses/scorm/<str:course_id>", download_scorm, name="awareness-scorm"),
    path("awareness/courses/assignments/<str:public>", show_assignment, name="awareness-assignment"),
    path("awareness/courses/assignments/<str:public>/end", end, name="awareness-assignment-end"),
    path("awareness/courses/assignments/<str:public>/sheet", show_sheet, name="awareness-assignment-sheet"),
    path("awareness/courses/assignments/<str:public>/csv", download_unfinished, name="awareness-assignment-csv"),
]
