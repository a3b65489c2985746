"""Lessons that teachers taught to their classes: no student is named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.teach.courses.models import ClassLesson
from homeroom.apps.teach.courses.staff import list_staff
from homeroom.domain.platform.district import District
from homeroom.domain.teach.courses.assigning import StaffMember
from homeroom.domain.teach.courses.course import Course
from homeroom.domain.teach.courses.course_forms import MAX_CLASS, CourseRefused, clean_line
from homeroom.domain.teach.courses.scoring import compute_course_version


@dataclass(frozen=True, kw_only=True)
class ClassLessonForm:
    """A lesson of a course, and the class that had it, as its teacher names it."""

    course: Course
    lesson: str
    class_name: str
    language: str


@dataclass(frozen=True, kw_only=True)
class TaughtLesson:
    """A lesson that a class had; `teacher` is empty where the person was erased or left."""

    id: int
    school: str
    teacher: str
    class_name: str
    course: str
    lesson: str
    taught_on: date


def tick_class(*, district: District, person: StaffMember, form: ClassLessonForm, actor: str, at: datetime) -> bool:
    """Note that a class had a lesson; return whether it was not noted before. Raise CourseRefused."""
    if form.lesson not in {lesson.id for lesson in form.course.lessons}:
        raise CourseRefused("lesson", "a lesson of the course would fit")
    name = clean_line("class_name", form.class_name, required="a class or period would fit", limit=MAX_CLASS)
    with transaction.atomic():
        _, is_new = ClassLesson.objects.of(district).get_or_create(
            district_id=district.pk,
            subject=person.id,
            course=form.course.id,
            lesson=form.lesson,
            class_name=name,
            defaults={
                "school": person.school,
                "version": compute_course_version(form.course),
                "language": form.language,
                "taught_on": at.astimezone(ZoneInfo(district.timezone)).date(),
                "made_at": at,
            },
        )
        if is_new:
            _audit(district, "tick class lesson", form.course.id, form.lesson, actor=actor, at=at)
    return is_new


def remove_class_tick(*, district: District, person: StaffMember, number: int, actor: str, at: datetime) -> bool:
    """Remove a tick of the teacher's own; return whether there was one."""
    with transaction.atomic():
        row = ClassLesson.objects.of(district).filter(pk=number, subject=person.id).first()
        if row is None:
            return False
        row.delete()
        _audit(district, "remove class lesson", row.course, row.lesson, actor=actor, at=at)
    return True


def list_own_lessons(*, district: District, person: StaffMember, course: str = "") -> tuple[TaughtLesson, ...]:
    """List what a teacher ticked, by class and day."""
    rows = ClassLesson.objects.of(district).filter(subject=person.id, **({"course": course} if course else {}))
    return _build_lessons(rows.order_by("class_name", "taught_on", "id"), {person.id: person.name})


def list_class_lessons(*, district: District) -> tuple[TaughtLesson, ...]:
    """List all lessons that classes had, by school, class and day. Raise QueryTimeout."""
    names = {person.id: person.name for person in list_staff(district=district)}
    rows = ClassLesson.objects.of(district).order_by("school", "class_name", "course", "taught_on", "id")
    return _build_lessons(rows, names)


def find_last_tick(*, district: District) -> datetime | None:
    """Return when a teacher last ticked a class; None for never."""
    newest: datetime | None = ClassLesson.objects.of(district).aggregate(at=Max("made_at"))["at"]
    return newest


def _build_lessons(rows: Iterable[ClassLesson], names: dict[int, str]) -> tuple[TaughtLesson, ...]:
    return tuple(
        TaughtLesson(
            id=row.pk,
            school=row.school,
            teacher=names.get(row.subject or 0, ""),
            class_name=row.class_name,
            course=row.course,
            lesson=row.lesson,
            taught_on=row.taught_on,
        )
        for row in rows
    )


def _audit(district: District, action: str, course: str, lesson: str, *, actor: str, at: datetime) -> None:
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action=action,
        subject_kind="course",
        subject=course,
        detail={"lesson": lesson},
    )
