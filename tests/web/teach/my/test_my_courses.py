"""Courses, policies and class lessons on a person's own pages, and what the browser's outbox sends."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from homeroom.apps.teach.courses.commands import assign_course
from homeroom.apps.teach.courses.models import ClassLesson, Completion, CourseAttempt, Signature
from homeroom.apps.teach.courses.policies import PolicyForm, add_policy_version, find_policy
from homeroom.domain.teach.courses.course_forms import AssignmentForm
from homeroom.domain.teach.courses.scoring import compute_course_version, list_lesson_questions
from homeroom.library.teach.courses.course_files import load_courses
from tests.assessed_district import TODAY
from tests.cast import Cast

AT = datetime(2026, 1, 15, 14, tzinfo=UTC)
COURSE = next(course for course in load_courses() if course.id == "lost-device")
ADDRESS = "/my/courses/lost-device"
CLASS_ADDRESS = "/my/lessons/digital-citizenship-6-8"


def assign(cast: Cast, subject: str = "lost-device") -> str:
    form = AssignmentForm(subject=subject, due_on="2026-02-01")
    return assign_course(district=cast.district, form=form, today=TODAY, actor="director", at=AT)


def build_answers(lesson: str, *, right: bool = True, **values: str) -> dict[str, str]:
    """Return the form of a lesson as a browser sends it."""
    answers = {
        f"question-{question.id}": str(next(n for n, item in enumerate(question.options) if item.right is right))
        for question in list_lesson_questions(COURSE, lesson)
    }
    own = {"lesson": lesson, "version": compute_course_version(COURSE), "language": "en", "key": str(uuid4())}
    return own | answers | values


def add_policy(cast: Cast) -> str:
    form = PolicyForm(
        title="Acceptable use", title_es="Uso aceptable", text="# Use\n<b>Be kind</b>", text_es="Sé amable"
    )
    return add_policy_version(district=cast.district, form=form, actor="director", at=AT)


def test_what_is_due_is_on_the_own_page_until_it_is_done(cast: Cast, teacher: Client) -> None:
    assert b"Courses and policies" not in teacher.get("/my").content
    assign(cast)
    assert b'href="/my/courses/lost-device"' in teacher.get("/my").content
    for lesson in COURSE.lessons:
        assert teacher.post(ADDRESS, build_answers(lesson.id)).status_code == 302
    page = teacher.get("/my").content
    assert b"You finished everything that was assigned to you." in page
    completion = Completion.objects.of(cast.district).get()
    assert (completion.score, completion.email) == (100, "ines.calloway@maple.test")


def test_a_course_has_its_lessons_and_each_answer_its_reason_in_both_languages(cast: Cast, teacher: Client) -> None:
    english = teacher.get(ADDRESS).content.decode()
    assert "When a device is gone" in english
    assert "A report can be taken back in a minute." in english
    teacher.cookies["homeroom-language"] = "es"
    spanish = teacher.get(ADDRESS).content.decode()
    assert "Un reporte se puede cancelar en un minuto." in spanish
    assert "<script>" not in english
    assert " style=" not in english


def test_answers_from_the_outbox_count_once(cast: Cast, teacher: Client) -> None:
    form = build_answers(COURSE.lessons[0].id, made_at="2026-01-15T13:00:00Z", sent_at="2026-01-15T13:30:00Z")
    answers = [teacher.post(f"{ADDRESS}/answers", form).json() for _ in range(2)]
    assert [answer["state"] for answer in answers] == ["recorded", "recorded"]
    assert [answer["repeated"] for answer in answers] == [False, True]
    assert CourseAttempt.objects.of(cast.district).count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"version": "000000000000"},
        {"language": "fr"},
        {"key": "no-key"},
        {"question-when-report": "7"},
        {"question-when-report": "²"},
        {"made_at": "soon", "sent_at": "later"},
        {"made_at": "2026-01-15T13:00:00", "sent_at": "2026-01-15T13:00:00Z"},
        {"lesson": "no-lesson"},
    ],
)
def test_answers_that_do_not_belong_to_the_course_are_refused(
    cast: Cast, teacher: Client, change: dict[str, str]
) -> None:
    answer = teacher.post(f"{ADDRESS}/answers", build_answers(COURSE.lessons[0].id) | change)
    assert (answer.status_code, answer.json()["state"]) == (422, "refused")
    teacher.post("/language", {"language": "es"})
    answer = teacher.post(f"{ADDRESS}/answers", build_answers(COURSE.lessons[0].id) | change)
    assert answer.json()["message"] in (
        "Estas respuestas no se guardaron. Abra el curso otra vez y responda todas las preguntas.",
        "El curso cambió. Ábralo otra vez para tomarlo en su versión actual.",
    )
    assert not CourseAttempt.objects.of(cast.district).exists()


def test_answers_of_somebody_else_stay_in_the_browser(cast: Cast, teacher: Client) -> None:
    answer = teacher.post(f"{ADDRESS}/answers", build_answers(COURSE.lessons[0].id, scope="other.person"))
    assert (answer.status_code, answer.json()["state"]) == (409, "other")
    session = teacher.get("/my/outbox").json()
    assert set(session) == {"scope", "token"}


def test_answers_that_waited_for_years_count_as_a_month_old(cast: Cast, teacher: Client) -> None:
    for lesson in COURSE.lessons:
        form = build_answers(lesson.id, made_at="2001-01-01T00:00:00Z", sent_at="2026-01-15T13:30:00Z")
        assert teacher.post(f"{ADDRESS}/answers", form).status_code == 200
    assert Completion.objects.of(cast.district).get().completed_on.year >= 2025


def test_a_policy_is_signed_with_the_own_name_and_its_html_is_text(cast: Cast, teacher: Client) -> None:
    address = f"/my/policies/{add_policy(cast)}"
    page = teacher.get(address).content.decode()
    assert "&lt;b&gt;Be kind&lt;/b&gt;" in page
    policy = find_policy(district=cast.district, public=address.rpartition("/")[2])
    assert policy is not None
    wrong = teacher.post(address, {"sha256": policy.sha256, "typed_name": "Somebody Else"})
    assert wrong.status_code == 422
    assert b"Ines Calloway" in wrong.content
    stale = teacher.post(address, {"sha256": "0", "typed_name": "Ines Calloway"})
    assert stale.status_code == 422
    assert teacher.post(address, {"sha256": policy.sha256, "typed_name": "ines calloway"}).status_code == 302
    assert Signature.objects.of(cast.district).get().typed_name == "ines calloway"
    assert b"You signed this version" in teacher.get(address).content


def test_a_teacher_ticks_a_class_and_takes_it_back(cast: Cast, teacher: Client) -> None:
    lesson = "what-you-leave-behind"
    board = teacher.get(f"{CLASS_ADDRESS}/board/{lesson}")
    assert board.status_code == 200
    assert teacher.post(CLASS_ADDRESS, {"lesson": lesson, "class_name": " "}).status_code == 422
    assert teacher.post(CLASS_ADDRESS, {"lesson": "x", "class_name": "Period 3"}).status_code == 422
    assert teacher.post(CLASS_ADDRESS, {"lesson": lesson, "class_name": "Period 3"}).status_code == 302
    row = ClassLesson.objects.of(cast.district).get()
    assert b"Period 3" in teacher.get(CLASS_ADDRESS).content
    assert teacher.post(f"{CLASS_ADDRESS}/ticks/{row.pk}/remove").status_code == 302
    assert not ClassLesson.objects.of(cast.district).exists()


@pytest.mark.parametrize(
    "page",
    [
        "/my/courses/no-such-course",
        "/my/courses/digital-citizenship-6-8",
        "/my/lessons/lost-device",
        "/my/courses/lost-device/pictures/course.yaml",
        "/my/courses/lost-device/pictures/..%2fcourse.yaml",
        "/my/lessons/digital-citizenship-6-8/board/no-lesson",
        "/my/policies/policy-0",
    ],
)
def test_what_there_is_not_is_no_page(teacher: Client, page: str) -> None:
    assert teacher.get(page).status_code == 404


def test_the_policy_of_the_next_district_is_no_page(cast: Cast, teacher: Client) -> None:
    form = PolicyForm(title="Theirs", title_es="", text="Text", text_es="")
    public = add_policy_version(district=cast.next_district, form=form, actor="stranger", at=AT)
    assert teacher.get(f"/my/policies/{public}").status_code == 404
    data: dict[str, Any] = {"sha256": "0", "typed_name": "Ines Calloway"}
    assert teacher.post(f"/my/policies/{public}", data).status_code == 404
