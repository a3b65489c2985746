"""Laws that ask for training or lessons, and what here proves it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.apps.comply.laws.catalog import list_current_laws, list_laws
from homeroom.apps.comply.laws.facts import load_fact_values
from homeroom.apps.comply.reports.report_data import ReportData
from homeroom.apps.comply.reports.training import TrainingSubject, TrainingSummary
from homeroom.apps.protect.posture.catalog.confinement import is_confined
from homeroom.apps.protect.posture.catalog.controls import load_all_controls
from homeroom.apps.teach.courses.class_lessons import TaughtLesson
from homeroom.domain.comply.laws.law import Law, LawDuty
from homeroom.domain.teach.courses.course import Course
from homeroom.library.teach.courses.course_files import load_courses

_ASKS_TRAINING = re.compile(r"\b(training|trained|taught)\b")
"""Words of the title of a duty to train or teach somebody."""


@dataclass(frozen=True, kw_only=True)
class TrainingDuty:
    """A duty of a law to train or teach, and what here shows that it was done; nothing if `proofs` is empty."""

    law: Law
    duty: LawDuty
    proofs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TrainingLaws:
    """The laws of a district that ask for training: those that apply, or may, and those that an assignment names."""

    laws: Mapping[str, Law]
    current: frozenset[str]

    @cached_property
    def courses(self) -> Mapping[str, Course]:
        """The courses of Homeroom by id."""
        return {course.id: course for course in load_courses()}

    def describe_laws(self, subject: TrainingSubject) -> tuple[str, ...]:
        """Return by which laws a training is required: that of its assignment, and those that its course satisfies."""
        return tuple(dict.fromkeys(_format_law(self.laws[law]) for law in self._list_laws(subject)))

    def describe_course_laws(self, course_id: str) -> tuple[str, ...]:
        """Return which laws of the district a course satisfies."""
        return tuple(dict.fromkeys(_format_law(self.laws[law]) for law, _duty in self._iter_satisfied(course_id)))

    def is_about_duty(self, subject: TrainingSubject, law: Law, duty: LawDuty) -> bool:
        """Check whether a training is about a duty: its assignment names the law, or its course satisfies it."""
        return subject.law == law.id or self.is_lesson_of_duty(subject.course, law, duty)

    def is_lesson_of_duty(self, course_id: str, law: Law, duty: LawDuty) -> bool:
        """Check whether a course satisfies a duty, or its law as such."""
        return any(name == law.id and part in ("", duty.id) for name, part in self._iter_satisfied(course_id))

    def iter_duties(self) -> Iterator[tuple[Law, LawDuty]]:
        """Yield the duties to train or teach of the laws that apply, by law."""
        for law in sorted(self.laws.values(), key=lambda law: law.id):
            if law.id in self.current:
                yield from ((law, duty) for duty in law.duties if _ASKS_TRAINING.search(duty.title.casefold()))

    def _list_laws(self, subject: TrainingSubject) -> list[str]:
        named = [subject.law] if subject.law in self.laws else []
        return [*named, *(law for law, _duty in self._iter_satisfied(subject.course))]

    def _iter_satisfied(self, course_id: str) -> Iterator[tuple[str, str]]:
        """Yield law and duty, which may be empty, that a course satisfies, of laws that apply here."""
        course = self.courses.get(course_id)
        for entry in course.satisfies if course else ():
            law, _colon, duty = entry.partition(":")
            if law in self.current:
                yield law, duty


def load_training_laws(data: ReportData, *, summary: TrainingSummary) -> TrainingLaws:
    """Load the laws of the district and which of them apply or may apply."""
    laws = list_laws(district=data.district)
    current = list_current_laws(laws, facts=load_fact_values(district=data.district), today=data.assessment.today)
    named = {item.subject.law for item in summary.items if item.subject.law in laws}
    return TrainingLaws(laws=laws, current=frozenset(law.id for law in current) | named)


def list_training_duties(
    data: ReportData, laws: TrainingLaws, *, summary: TrainingSummary, lessons: Sequence[TaughtLesson]
) -> list[TrainingDuty]:
    """Return each duty to train or teach with its proofs: trainings, lessons of classes, and controls."""
    return [
        TrainingDuty(
            law=law,
            duty=duty,
            proofs=(
                *_describe_trainings(laws, summary, law, duty),
                *_describe_lessons(laws, lessons, law, duty),
                *_describe_controls(data, law, duty),
            ),
        )
        for law, duty in laws.iter_duties()
    ]


def _describe_trainings(laws: TrainingLaws, summary: TrainingSummary, law: Law, duty: LawDuty) -> Iterator[str]:
    for subject, items in summary.group_by_subject().items():
        if laws.is_about_duty(subject, law, duty):
            counts = summary.count(items)
            yield _("%(title)s: %(done)s of %(all)s did it") % {
                "title": subject.title,
                "done": _format_number(counts.done),
                "all": _format_number(counts.required),
            }


def _describe_lessons(laws: TrainingLaws, lessons: Iterable[TaughtLesson], law: Law, duty: LawDuty) -> Iterator[str]:
    taught = [lesson for lesson in lessons if laws.is_lesson_of_duty(lesson.course, law, duty)]
    if taught:
        classes = count_classes(taught)
        yield ngettext("%(n)s class had a lesson", "%(n)s classes had a lesson", classes) % {
            "n": _format_number(classes)
        }


def _describe_controls(data: ReportData, law: Law, duty: LawDuty) -> Iterator[str]:
    for control in load_all_controls().values():
        result = data.get_result(control.id) if f"{law.id}:{duty.id}" in control.satisfies else None
        if result is None or is_confined(control.id) or not result.numbers.population:
            continue
        yield _("%(title)s: %(failing)s of %(all)s not, %(unknown)s unknown") % {
            "title": control.title,
            "failing": _format_number(result.numbers.failing),
            "all": _format_number(result.numbers.population),
            "unknown": _format_number(result.numbers.cannot_tell),
        }


def count_classes(lessons: Iterable[TaughtLesson]) -> int:
    """Return how many classes had a lesson: a class is its name with its school and teacher."""
    return len(Counter((lesson.school, lesson.teacher, lesson.class_name) for lesson in lessons))


def _format_law(law: Law) -> str:
    return f"{law.title} ({law.citation})"


def _format_number(count: int) -> str:
    return number_format(count, force_grouping=True)
