"""Assign the courses of a running trial to the people whom the lot gave the training."""

from __future__ import annotations

from datetime import date, datetime

from homeroom.apps.teach.courses.commands import assign_course
from homeroom.apps.teach.courses.progress import list_courses_by_id, load_assignments
from homeroom.apps.teach.trials.queries import find_trial
from homeroom.domain.platform.district import District
from homeroom.domain.teach.awareness.trial_plans import TrialRefused, TrialState
from homeroom.domain.teach.courses.course_forms import AssignmentForm, CourseRefused


def assign_training(*, district: District, public: str, today: date, actor: str, at: datetime) -> int:
    """Assign the courses of Homeroom in a running trial to those trained, and return how many were not yet.

    Raise TrialRefused with what would fit, LookupError if the district has no such trial, and QueryTimeout.
    """
    view = find_trial(district=district, public=public, today=today)
    if view is None:
        raise LookupError(f"there is no trial {public}")
    if view.line.state is not TrialState.STARTED:
        raise TrialRefused("start", f"the trial is {view.line.state}; one that is started would fit")
    missing = list_missing_courses(district=district, public=public, courses=view.plan.courses, today=today)
    for course in missing:
        form = AssignmentForm(subject=course, trial=public)
        try:
            assign_course(district=district, form=form, today=today, actor=actor, at=at)
        except CourseRefused as error:
            raise TrialRefused("courses", str(error)) from None
    return len(missing)


def list_missing_courses(*, district: District, public: str, courses: tuple[str, ...], today: date) -> tuple[str, ...]:
    """List the courses of Homeroom among these that are not assigned for the trial. Raise QueryTimeout."""
    own = list_courses_by_id()
    assigned = {view.course for view in load_assignments(district=district, today=today) if view.trial == public}
    return tuple(course for course in courses if course in own and course not in assigned)
