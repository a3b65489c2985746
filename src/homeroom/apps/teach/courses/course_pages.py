"""A course as a page shows it in a language: lessons as HTML, questions with reasons, and what a person answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from homeroom.apps.teach.courses.models import Completion, CourseAttempt
from homeroom.domain.platform.district import District
from homeroom.domain.teach.courses.assigning import StaffMember
from homeroom.domain.teach.courses.course import BilingualText, Course, CourseAudience, CourseQuestion, Teaching
from homeroom.domain.teach.courses.scoring import compute_course_version, list_lesson_questions
from homeroom.library.teach.courses.course_files import load_courses
from homeroom.library.teach.courses.lesson_pages import find_lesson_title, render_lesson

STAFF_AUDIENCES = frozenset(
    {CourseAudience.STAFF, CourseAudience.OFFICE, CourseAudience.TECHNICIAN, CourseAudience.LEADER}
)


@dataclass(frozen=True, kw_only=True)
class OptionPage:
    """An option of a question, from 0; `is_chosen` if the person chose it."""

    number: int
    says: str
    because: str
    is_right: bool
    is_chosen: bool


@dataclass(frozen=True, kw_only=True)
class QuestionPage:
    """A question with its options."""

    id: str
    asks: str
    options: tuple[OptionPage, ...]


@dataclass(frozen=True, kw_only=True)
class LessonPage:
    """A lesson as HTML, its title, and the questions after it; `is_answered` if the person answered them."""

    id: str
    title: str
    html: str
    questions: tuple[QuestionPage, ...]
    is_answered: bool


@dataclass(frozen=True, kw_only=True)
class CoursePage:
    """A course in a language."""

    id: str
    title: str
    minutes: int
    pass_percent: int
    version: str
    language: str
    lessons: tuple[LessonPage, ...]


@dataclass(frozen=True, kw_only=True)
class OwnCourse:
    """What a person did in a course: answers of the attempt that runs, finished attempts, and the last completion."""

    answers: Mapping[str, int]
    attempts: int
    last_percent: int | None
    completed_on: date | None
    score: int | None


NOTHING_DONE = OwnCourse(answers={}, attempts=0, last_percent=None, completed_on=None, score=None)


def find_course(course_id: str, *, taught: Teaching) -> Course | None:
    """Return a course that is taught so, by id, or None."""
    return next((course for course in load_courses() if course.id == course_id and course.taught is taught), None)


def list_staff_courses() -> tuple[Course, ...]:
    """List the courses that staff take alone, by id."""
    return tuple(
        course
        for course in load_courses()
        if course.taught is Teaching.ALONE and STAFF_AUDIENCES.intersection(course.audience)
    )


def list_class_courses() -> tuple[Course, ...]:
    """List the courses that teachers teach to classes, the youngest first."""
    courses = [course for course in load_courses() if course.taught is Teaching.CLASS]
    return tuple(sorted(courses, key=lambda course: min(name.last_grade or 99 for name in course.audience)))


def load_own_course(*, district: District, person: StaffMember, course: Course) -> OwnCourse:
    """Load what a person did in a course as it is taught now; completions of earlier versions count too."""
    rows = CourseAttempt.objects.of(district).filter(subject=person.id, course=course.id)
    current = rows.filter(version=compute_course_version(course), finished_at=None).first()
    finished = rows.exclude(finished_at=None).order_by("-finished_at", "-id")
    newest = finished.first()
    completions = Completion.objects.of(district).filter(subject=person.id, course=course.id)
    completion = completions.order_by("-completed_at").first()
    return OwnCourse(
        answers=dict(current.answers) if current else {},
        attempts=finished.count(),
        last_percent=newest.percent if newest else None,
        completed_on=completion.completed_on if completion else None,
        score=completion.score if completion else None,
    )


def build_course_page(
    course: Course,
    *,
    language: str,
    answers: Mapping[str, int] | None = None,
    get_picture_address: Callable[[str], str],
) -> CoursePage:
    """Build the page of a course in a language, with the answers of a person by question."""
    chosen = answers or {}
    return CoursePage(
        id=course.id,
        title=get_text(course.title, language),
        minutes=course.minutes,
        pass_percent=course.pass_percent,
        version=compute_course_version(course),
        language=language,
        lessons=tuple(
            LessonPage(
                id=lesson.id,
                title=find_lesson_title(get_text(lesson.text, language)),
                html=render_lesson(get_text(lesson.text, language), get_picture_address=get_picture_address),
                questions=tuple(
                    _build_question(question, language, chosen.get(question.id))
                    for question in list_lesson_questions(course, lesson.id)
                ),
                is_answered=all(question.id in chosen for question in list_lesson_questions(course, lesson.id)),
            )
            for lesson in course.lessons
        ),
    )


def get_text(text: BilingualText, language: str) -> str:
    """Return a text in a language; English for any but Spanish."""
    return text.es if language == "es" else text.en


def _build_question(question: CourseQuestion, language: str, chosen: int | None) -> QuestionPage:
    return QuestionPage(
        id=question.id,
        asks=get_text(question.asks, language),
        options=tuple(
            OptionPage(
                number=number,
                says=get_text(option.says, language),
                because=get_text(option.because, language),
                is_right=option.right,
                is_chosen=number == chosen,
            )
            for number, option in enumerate(question.options)
        ),
    )
