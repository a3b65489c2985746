"""Courses: for whom, how long, their lessons in two languages, and questions with reasons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from homeroom.domain.teach.courses.reading_level import ReadingLevel

LANGUAGES = ("en", "es")
"""Languages that each text of a course has."""


class CourseAudience(StrEnum):
    """People for whom a course is: jobs, students by the grades of their band, or families."""

    STAFF = "staff"
    OFFICE = "office"
    TECHNICIAN = "technician"
    LEADER = "leader"
    K_2 = "k-2"
    GRADES_3_5 = "3-5"
    GRADES_6_8 = "6-8"
    GRADES_9_12 = "9-12"
    FAMILY = "family"

    @property
    def last_grade(self) -> int | None:
        """Return the last grade of a band of students, None for adults."""
        return _LAST_GRADES.get(self)


_LAST_GRADES = {
    CourseAudience.K_2: 2,
    CourseAudience.GRADES_3_5: 5,
    CourseAudience.GRADES_6_8: 8,
    CourseAudience.GRADES_9_12: 12,
}
ADULT_GRADE = 8
"""The highest grade of a text for adults."""


def get_level_limit(audience: Iterable[CourseAudience]) -> int:
    """Return the highest grade that a text for this audience may have: that of the youngest."""
    grades = [name.last_grade for name in audience]
    return min((grade if grade is not None else ADULT_GRADE for grade in grades), default=ADULT_GRADE)


class Teaching(StrEnum):
    """How a course is taken."""

    ALONE = "alone"
    CLASS = "class"


@dataclass(frozen=True, kw_only=True)
class BilingualText:
    """A text in English and in Spanish."""

    en: str
    es: str


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """A lesson: its text as CommonMark, the pictures in it (paths in the folder of the course), and its English."""

    id: str
    text: BilingualText
    pictures: tuple[str, ...]
    level: ReadingLevel


@dataclass(frozen=True, kw_only=True)
class AnswerOption:
    """An answer to choose, and why it is right or wrong."""

    says: BilingualText
    because: BilingualText
    right: bool = False


@dataclass(frozen=True, kw_only=True)
class CourseQuestion:
    """A question about a lesson; exactly one of its options is right."""

    id: str
    lesson: str
    asks: BilingualText
    options: tuple[AnswerOption, ...]


@dataclass(frozen=True, kw_only=True)
class Course:
    """A course of a few minutes.

    `satisfies` are goals and duties (framework:goal), controls and laws. Its texts are read again
    `review_after_days` after `checked_on`. `pass_percent` is the share of right answers that completes it, 0 to 100.
    """

    id: str
    title: BilingualText
    audience: tuple[CourseAudience, ...]
    taught: Teaching
    minutes: int
    satisfies: tuple[str, ...]
    checked_on: date
    review_after_days: int
    pass_percent: int
    lessons: tuple[Lesson, ...]
    questions: tuple[CourseQuestion, ...]
