"""What the demo knows for Awareness besides exports: a trial that has ended, assigned courses, and who took them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from homeroom.cli.options import CommandContext
from homeroom.domain.teach.courses.assigning import StaffMember
from homeroom.domain.teach.courses.course import Course, CourseQuestion
from homeroom.sample.demo_awareness import DemoDrills

_ACTOR = "director"
_EXTRA_COURSE = "Spotting tricky mail"
_ASSIGNED = (
    # course, days until it is due, one in how many of the staff took it
    ("report-suspicious-mail", 12, 2),
    ("student-data-and-sharing", 26, 5),
)
_CLASSES = (("digital-citizenship-3-5", "Grade 4, room 12"), ("digital-citizenship-6-8", "Advisory 7B"))


def record_demo_trial(context: CommandContext, drills: DemoDrills) -> None:
    """Plan and start a trial on the first day of the term, and end it; the drills must be judged."""
    from homeroom.apps.teach.trials.commands import end_trial, plan_trial, start_trial
    from homeroom.domain.teach.awareness.trial_plans import TrialForm

    form = TrialForm(
        question="Does a second course on tricky mail lower the share of staff who click?",
        courses=[_EXTRA_COURSE],
        ends_on=drills.ends.isoformat(),
    )
    by: dict[str, Any] = {"district": context.district, "actor": _ACTOR}
    first: dict[str, Any] = {"today": drills.begins, "at": datetime.combine(drills.begins, time(15), UTC)}
    public = plan_trial(form=form, **first, **by)
    start_trial(public=public, **first, **by)
    end_trial(public=public, today=context.today, at=context.at, **by)


def record_demo_coach(context: CommandContext) -> None:
    """Name the technician as the coach; the demo's accounts must be there."""
    from homeroom.apps.teach.awareness.coach_commands import name_coach

    name_coach(district=context.district, username="technician", actor=_ACTOR, at=context.at)


def record_demo_courses(context: CommandContext) -> None:
    """Assign courses, let some of the staff take them, and note class lessons; the district must be resolved."""
    from homeroom.apps.teach.courses.class_lessons import ClassLessonForm, tick_class
    from homeroom.apps.teach.courses.commands import assign_course
    from homeroom.apps.teach.courses.staff import list_staff
    from homeroom.domain.teach.courses.course_forms import AssignmentForm
    from homeroom.library.teach.courses.course_files import load_courses

    courses = {course.id: course for course in load_courses()}
    staff = list_staff(district=context.district)
    for course_id, days, share in _ASSIGNED:
        form = AssignmentForm(subject=course_id, due_on=(context.today + timedelta(days=days)).isoformat())
        assign_course(district=context.district, form=form, today=context.today, actor=_ACTOR, at=context.at)
        for person in staff[::share]:
            _take_course(context, courses[course_id], person)
    for number, (course_id, class_name) in enumerate(_CLASSES):
        course = courses[course_id]
        lesson = ClassLessonForm(course=course, lesson=course.lessons[0].id, class_name=class_name, language="en")
        tick_class(
            district=context.district, person=staff[3 + number], form=lesson, actor=staff[3 + number].email,
            at=context.at,
        )  # fmt: skip


def _take_course(context: CommandContext, course: Course, person: StaffMember) -> None:
    """Answer all questions of a course; one person in four has the first lesson wrong."""
    from homeroom.apps.teach.courses.answers import LessonAnswers, record_answers

    has_slip = person.id % 4 == 0
    for lesson in course.lessons:
        answers = {
            question.id: _choose_option(question, wrong=has_slip and lesson is course.lessons[0])
            for question in course.questions
            if question.lesson == lesson.id
        }
        record = LessonAnswers(
            course=course, lesson=lesson.id, language="es" if person.id % 7 == 0 else "en", answers=answers,
            answered_at=context.at,
        )  # fmt: skip
        record_answers(district=context.district, person=person, record=record, actor=person.email)


def _choose_option(question: CourseQuestion, *, wrong: bool) -> int:
    return next(number for number, option in enumerate(question.options) if option.right != wrong)
