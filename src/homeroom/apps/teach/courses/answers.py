"""Record answers to a lesson; the last one finishes an attempt, and enough right ones complete the course."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.teach.courses.models import Completion, CourseAttempt
from homeroom.domain.platform.district import District
from homeroom.domain.teach.courses.assigning import StaffMember
from homeroom.domain.teach.courses.course import LANGUAGES, Course
from homeroom.domain.teach.courses.scoring import (
    AnswersRefused,
    CourseScore,
    check_lesson_answers,
    compute_course_version,
    score_answers,
)

ANSWERS_KEPT = timedelta(days=365)
"""For how long the answers of an attempt are kept after the last one."""


@dataclass(frozen=True, kw_only=True)
class LessonAnswers:
    """What a person answered to the questions of a lesson: option numbers from 0 by question, at a time (UTC)."""

    course: Course
    lesson: str
    language: str
    answers: Mapping[str, int]
    answered_at: datetime


def record_answers(*, district: District, person: StaffMember, record: LessonAnswers, actor: str) -> CourseScore | None:
    """Record the answers to a lesson, and return the score if they were the last ones of the course.

    The first answers to a lesson in an attempt count. After an attempt is finished, the next answers begin another.
    Answers to a version of the course that is not taught any more are not taken over. Raise AnswersRefused.
    """
    if record.language not in LANGUAGES:
        raise AnswersRefused(f"{record.language[:10]!r}; {' or '.join(LANGUAGES)} would fit")
    checked = check_lesson_answers(record.course, record.lesson, record.answers)
    with transaction.atomic():
        attempt = _get_attempt(district, person, record)
        attempt.answers = {**checked, **attempt.answers}
        attempt.language, attempt.changed_at = record.language, record.answered_at
        score = score_answers(record.course, attempt.answers)
        if score is not None:
            attempt.finished_at, attempt.percent, attempt.is_passed = (
                record.answered_at,
                score.percent,
                score.passed,
            )
        attempt.save()
        if score is not None and score.passed:
            _complete(district, person, record, score, version=attempt.version, actor=actor)
    return score


def forget_old_answers(*, district: District, at: datetime) -> int:
    """Delete attempts that nobody changed for a year, finished or not; return how many. Completions stay."""
    count, _ = CourseAttempt.objects.of(district).filter(changed_at__lt=at - ANSWERS_KEPT).delete()
    return count


def _get_attempt(district: District, person: StaffMember, record: LessonAnswers) -> CourseAttempt:
    """Return the person's unfinished attempt at this version of the course, or a new one."""
    version = compute_course_version(record.course)
    rows = CourseAttempt.objects.of(district).select_for_update()
    attempt = rows.filter(subject=person.id, course=record.course.id, version=version, finished_at=None).first()
    return attempt or CourseAttempt(
        district_id=district.pk,
        subject=person.id,
        course=record.course.id,
        version=version,
        began_at=record.answered_at,
    )


def _complete(
    district: District,
    person: StaffMember,
    record: LessonAnswers,
    score: CourseScore,
    *,
    version: str,
    actor: str,
) -> None:
    zone = ZoneInfo(district.timezone)
    Completion.objects.create(
        district_id=district.pk,
        subject=person.id,
        email=person.email,
        course=record.course.id,
        version=version,
        language=record.language,
        score=score.percent,
        completed_on=record.answered_at.astimezone(zone).date(),
        completed_at=record.answered_at,
    )
    record_audit_entry(
        district=district,
        at=record.answered_at,
        actor=actor,
        action="complete course",
        subject_kind="course",
        subject=record.course.id,
        detail={"version": version, "language": record.language},
    )
