"""What answers to a course are worth, and the version of a course that was taken."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from homeroom.domain.teach.courses.course import Course, CourseQuestion

VERSION_LENGTH = 12


@dataclass(frozen=True, kw_only=True)
class CourseScore:
    """Right answers of all questions; `percent` is rounded down, 100 for a course without questions."""

    right: int
    asked: int
    percent: int
    passed: bool


class AnswersRefused(ValueError):
    """Answers that do not belong to the questions of a lesson; the message has what would fit."""


def compute_course_version(course: Course) -> str:
    """Return the start of the SHA-256 of all texts, questions and names of pictures of a course."""
    texts = [course.id, asdict(course.title), course.pass_percent]
    lessons = [(lesson.id, asdict(lesson.text), lesson.pictures) for lesson in course.lessons]
    questions = [asdict(question) for question in course.questions]
    return hashlib.sha256(repr((texts, lessons, questions)).encode()).hexdigest()[:VERSION_LENGTH]


def score_answers(course: Course, answers: Mapping[str, int]) -> CourseScore | None:
    """Return the score of answers, option numbers from 0 by question; None while a question has no answer."""
    if any(question.id not in answers for question in course.questions):
        return None
    right = sum(is_right(question, answers[question.id]) for question in course.questions)
    total = len(course.questions)
    percent = 100 * right // total if total else 100
    return CourseScore(right=right, asked=total, percent=percent, passed=percent >= course.pass_percent)


def is_right(question: CourseQuestion, option: int) -> bool:
    """Check whether an option of a question, from 0, is the right one."""
    return 0 <= option < len(question.options) and question.options[option].right


def list_lesson_questions(course: Course, lesson: str) -> tuple[CourseQuestion, ...]:
    """Return the questions after a lesson, in their order."""
    return tuple(question for question in course.questions if question.lesson == lesson)


def check_lesson_answers(course: Course, lesson: str, answers: Mapping[str, int]) -> dict[str, int]:
    """Return the answers to all questions of a lesson; raise AnswersRefused if one is missing or is no option."""
    if lesson not in {item.id for item in course.lessons}:
        raise AnswersRefused(f"{lesson!r} is no lesson of this course")
    checked = {}
    for question in list_lesson_questions(course, lesson):
        option = answers.get(question.id)
        if option is None or not 0 <= option < len(question.options):
            raise AnswersRefused(f"{question.id}: an option from 1 to {len(question.options)} would fit")
        checked[question.id] = option
    return checked
