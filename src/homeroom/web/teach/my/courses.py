"""Courses and policies of the person who signed in: what is due, a course to take, and answers from the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext

from homeroom.apps.platform.outbox.commands import OutboxAnswer, OutboxRecord, OutboxRefused, apply_once, correct_moment
from homeroom.apps.platform.people_sign_in.queries import MyPerson
from homeroom.apps.teach.courses.answers import LessonAnswers, record_answers
from homeroom.apps.teach.courses.course_pages import (
    build_course_page,
    find_course,
    get_text,
    list_class_courses,
    list_staff_courses,
    load_own_course,
)
from homeroom.apps.teach.courses.progress import AssignmentView, list_own_assignments
from homeroom.apps.teach.courses.staff import find_staff_member
from homeroom.domain.platform.district import District
from homeroom.domain.teach.courses.assigning import DoneState, StaffMember
from homeroom.domain.teach.courses.course import Course, Teaching
from homeroom.domain.teach.courses.scoring import AnswersRefused, compute_course_version
from homeroom.library.teach.courses.lesson_pages import find_picture
from homeroom.web.shared.offline_pages import keep_offline
from homeroom.web.teach.my.access import MyRequest, my_view
from homeroom.web.teach.my.sections import MySection

KIND = "course answers"
QUESTION_FIELD = "question-"
LONGEST_WAIT = timedelta(days=30)
"""Answers that waited longer in a browser count as given so long ago."""


def build_section(*, district: District, person: MyPerson, today: date, language: str) -> Mapping[str, Any] | None:
    """Return what is due for the person, or None if nothing was assigned."""
    views = list_own_assignments(district=district, person=get_staff_member(district, person), today=today)
    rows = [_build_row(view, language) for view in views]
    if not rows:
        return None
    return {"due": [row for row in rows if not row["done_on"]], "done": sum(bool(row["done_on"]) for row in rows)}


def get_staff_member(district: District, person: MyPerson) -> StaffMember:
    """Return the person who signed in as a member of staff."""
    return find_staff_member(district=district, subject=person.id) or StaffMember(
        id=person.id, public="", name=person.name, email=person.email, school=person.school, title=person.title
    )


class CourseChanged(AnswersRefused):
    """The answers are to a version of the course that is not taught any more."""


@my_view()
def show_courses(request: HttpRequest, *, district: District, person: MyPerson) -> HttpResponse:
    """Show what is due, the other courses, and the lessons for classes."""
    own = cast("MyRequest", request)
    member = get_staff_member(district, person)
    views = list_own_assignments(district=district, person=member, today=own.visit.today)
    assigned = {view.course for view in views}
    others = [course for course in list_staff_courses() if course.id not in assigned]
    context = {
        "rows": [_build_row(view, own.language) for view in views],
        "others": [
            {"id": course.id, "title": get_text(course.title, own.language), "minutes": course.minutes}
            for course in others
        ],
        "lessons": [
            {"id": course.id, "title": get_text(course.title, own.language)} for course in list_class_courses()
        ],
    }
    return keep_offline(render(request, "my/courses.html", context), title=gettext("Courses"))


@my_view(methods=("GET", "POST"))
def show_course(request: HttpRequest, *, district: District, person: MyPerson, course_id: str) -> HttpResponse:
    """Show a course to take; a posted form, of a browser without scripts, is recorded."""
    own, course = cast("MyRequest", request), get_course_or_404(course_id, taught=Teaching.ALONE)
    if request.method == "POST":
        try:
            record_once(own, district=district, person=person, course=course)
        except (AnswersRefused, OutboxRefused) as error:
            messages.error(request, _explain(error), extra_tags="bad")
        return redirect("my-course", course_id=course.id)
    member = get_staff_member(district, person)
    done = load_own_course(district=district, person=member, course=course)
    page = build_course_page(
        course,
        language=own.language,
        answers=done.answers,
        get_picture_address=lambda name: build_picture_address(course, name),
    )
    version, scope = page.version, own.visit.scope
    context = {
        "course": page,
        "own": done,
        "failed": done.attempts and done.last_percent is not None and done.last_percent < course.pass_percent,
        "keys": {lesson.id: str(uuid4()) for lesson in page.lessons},
        "store": f"{scope} {course.id} {version} {done.attempts}",
    }
    return keep_offline(render(request, "my/course.html", context), title=page.title)


@my_view(methods=("POST",))
def receive_answers(request: HttpRequest, *, district: District, person: MyPerson, course_id: str) -> HttpResponse:
    """Record answers that a browser kept; answer with what became of them, in words that the browser shows."""
    own, course = cast("MyRequest", request), get_course_or_404(course_id, taught=Teaching.ALONE)
    if request.POST.get("scope", own.visit.scope) != own.visit.scope:
        return JsonResponse({"state": "other", "message": gettext("Somebody else is signed in.")}, status=409)
    try:
        answer = record_once(own, district=district, person=person, course=course)
    except (AnswersRefused, OutboxRefused) as error:
        return JsonResponse({"state": "refused", "message": _explain(error)}, status=422)
    return JsonResponse({"state": "recorded", "repeated": answer.is_repeated, **answer.answer})


@my_view()
def show_picture(request: HttpRequest, *, course_id: str, name: str) -> HttpResponseBase:  # noqa: ARG001
    """Return a picture of a course."""
    course = find_course(course_id, taught=Teaching.ALONE) or find_course(course_id, taught=Teaching.CLASS)
    picture = find_picture(course, f"pictures/{name}") if course else None
    if picture is None:
        raise Http404
    return FileResponse(picture.open("rb"), filename=picture.name)


@my_view()
def describe_session(request: HttpRequest) -> HttpResponse:
    """Return whose session it is, and the token for answers that are sent."""
    return JsonResponse({"scope": cast("MyRequest", request).visit.scope, "token": get_token(request)})


def record_once(own: MyRequest, *, district: District, person: MyPerson, course: Course) -> OutboxAnswer:
    """Record the posted answers to a lesson, unless their key was received before.

    Raise AnswersRefused and OutboxRefused.
    """
    form, visit = own.POST, own.visit
    record = OutboxRecord(
        key=form.get("key") or str(uuid4()),
        kind=KIND,
        subject=f"{course.id}/{form.get('lesson', '')[:80]}",
        actor=visit.actor,
        at=visit.now,
    )

    def apply() -> dict[str, Any]:
        if form.get("version") != compute_course_version(course):
            raise CourseChanged
        answers = LessonAnswers(
            course=course,
            lesson=form.get("lesson", ""),
            language=form.get("language", "en"),
            answers=_read_answers(form),
            answered_at=_read_moment(form, visit.now),
        )
        member = get_staff_member(district, person)
        score = record_answers(district=district, person=member, record=answers, actor=visit.actor)
        return {"percent": score.percent, "passed": score.passed} if score else {}

    return apply_once(district=district, record=record, apply=apply)


def _explain(error: Exception) -> str:
    """Return what a person reads about answers that were refused, in their language."""
    if isinstance(error, CourseChanged):
        return gettext("The course changed. Open it again to take it as it is now.")
    return gettext("These answers were not saved. Open the course again, and answer all questions.")


def get_course_or_404(course_id: str, *, taught: Teaching) -> Course:
    """Return a course; raise Http404 if there is none that is taught so."""
    course = find_course(course_id, taught=taught)
    if course is None:
        raise Http404
    return course


def build_picture_address(course: Course, name: str) -> str:
    """Return the address of a picture of a course."""
    return reverse("my-course-picture", args=[course.id, name.removeprefix("pictures/")])


def _build_row(view: AssignmentView, language: str) -> dict[str, Any]:
    item = view.people[0]
    address = reverse("my-policy", args=[view.policy]) if view.policy else reverse("my-course", args=[view.course])
    return {
        "title": get_text(view.title, language),
        "is_policy": bool(view.policy),
        "address": address,
        "due_on": item.due_on,
        "done_on": item.done_on,
        "is_overdue": item.state is DoneState.OVERDUE,
    }


def _build_entry(course: Course, language: str) -> dict[str, Any]:
    return {"id": course.id, "title": get_text(course.title, language), "minutes": course.minutes}


def _read_answers(form: Mapping[str, str]) -> dict[str, int]:
    """Return the numbers of options by question; what is no number is left out, and refused as missing."""
    numbers = {name.removeprefix(QUESTION_FIELD): form[name] for name in form if name.startswith(QUESTION_FIELD)}
    return {name: int(text) for name, text in numbers.items() if text.isascii() and text.isdigit() and len(text) < 4}


def _read_moment(form: Mapping[str, str], now: datetime) -> datetime:
    """Return when answers were given by the server's clock; now for a browser that sends no times."""
    if not form.get("made_at"):
        return now
    try:
        made_at, sent_at = (datetime.fromisoformat(form.get(name, "")) for name in ("made_at", "sent_at"))
        moment = correct_moment(made_at, sent_at=sent_at, received_at=now)
    except OutboxRefused:
        raise
    except (ValueError, TypeError, OverflowError) as error:
        raise OutboxRefused("A time such as 2026-01-15T14:05:00Z would fit.") from error
    return max(moment, now - LONGEST_WAIT)


MY_SECTION = MySection(order=20, template="my/_courses.html", build=build_section)
urlpatterns = [
    path("my/courses", show_courses, name="my-courses"),
    path("my/courses/<str:course_id>", show_course, name="my-course"),
    path("my/courses/<str:course_id>/answers", receive_answers, name="my-course-answers"),
    path("my/courses/<str:course_id>/pictures/<str:name>", show_picture, name="my-course-picture"),
    path("my/outbox", describe_session, name="my-outbox"),
]
