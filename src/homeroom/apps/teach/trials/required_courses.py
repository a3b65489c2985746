"""Courses that somebody has to take: no trial may hold anybody out of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from homeroom.apps.comply.laws.catalog import list_current_laws, list_laws
from homeroom.apps.comply.laws.facts import load_fact_values
from homeroom.apps.platform.districts.app_sources import load_sources
from homeroom.apps.teach.trials.trial_people import count_listed_courses
from homeroom.domain.platform.district import District
from homeroom.domain.teach.awareness.trial_plans import TrialRefused
from homeroom.domain.teach.courses.course import Course, CourseAudience, Teaching
from homeroom.library.teach.courses.course_files import load_courses

ADULTS = frozenset({CourseAudience.STAFF, CourseAudience.OFFICE, CourseAudience.TECHNICIAN, CourseAudience.LEADER})


class CourseSource(Protocol):
    """Courses that an app requires of people of a district; its configuration names it in `course_sources`."""

    def list_required_courses(self, *, district: District, today: date) -> Mapping[str, str]:
        """Return by id of a course why it is required, as words after "it is required: "."""


def list_staff_courses() -> tuple[Course, ...]:
    """List the courses that adults take alone, by id."""
    return tuple(
        course for course in load_courses() if course.taught is Teaching.ALONE and ADULTS & set(course.audience)
    )


def find_requirements(*, district: District, courses: Sequence[str], today: date) -> dict[str, str]:
    """Return by course, of those given by id or name, why it is required.

    A course is required by a law that applies or may apply, by an assignment in Homeroom that is of no trial, and where
    a loaded list of training has a day by which it is due. Raise QueryTimeout.
    """
    courses_by_id = {course.id: course for course in load_courses()}
    listed = count_listed_courses(district=district, today=today)
    assigned = _list_assigned(district, today)
    laws = _load_current_laws(district, today)
    requirements = {}
    for name in courses:
        course = courses_by_id.get(name)
        names = {name.casefold()} | ({course.title.en.casefold(), course.title.es.casefold()} if course else set())
        law = next((laws[goal.partition(":")[0]] for goal in _list_goals(course) if _is_of(goal, laws)), "")
        people = max((listed.get(text, 0) for text in names), default=0)
        if law:
            requirements[name] = f"{law} asks for it"
        elif name in assigned:
            requirements[name] = assigned[name]
        elif people:
            requirements[name] = f"a loaded list has a day by which it is due for {_format_people(people)}"
    return requirements


def refuse_required_courses(*, district: District, courses: Sequence[str], today: date) -> None:
    """Raise TrialRefused if a course is required; raise QueryTimeout."""
    requirements = find_requirements(district=district, courses=courses, today=today)
    for name, reason in requirements.items():
        raise TrialRefused(
            "courses",
            f"{get_course_title(name)} is required: {reason}; only extra training may be withheld, so a course that "
            "nobody has to take would fit",
        )


def get_course_title(name: str) -> str:
    """Return the title of a course by its id, or the name of another tool's."""
    return next((course.title.en for course in load_courses() if course.id == name), name)


def _list_assigned(district: District, today: date) -> dict[str, str]:
    sources: tuple[CourseSource, ...] = load_sources("course_sources")
    return {
        course: reason
        for source in sources
        for course, reason in source.list_required_courses(district=district, today=today).items()
    }


def _load_current_laws(district: District, today: date) -> dict[str, str]:
    facts = load_fact_values(district=district)
    laws = list_current_laws(list_laws(district=district), facts=facts, today=today)
    return {law.id: law.title for law in laws}


def _list_goals(course: Course | None) -> tuple[str, ...]:
    return course.satisfies if course else ()


def _is_of(goal: str, laws: Mapping[str, str]) -> bool:
    return goal.partition(":")[0] in laws


def _format_people(people: int) -> str:
    return f"{people:,} people" if people >= 10 else "some people"
