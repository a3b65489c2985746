"""Who in a rollout's schools completed the training that comes before it, by the lists of training that are loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from homeroom.apps.manage.rollouts.commands import set_rules
from homeroom.apps.manage.rollouts.models import TargetRoom
from homeroom.apps.manage.rollouts.records import RolloutRefused
from homeroom.apps.platform.districts.evidence_store import fetch_resolved, get_evidence_store
from homeroom.domain.platform.district import District
from homeroom.evidence.loads.store import NoSuchLoad

COURSE = "course"
"""Key of a rollout's rules: the name of the training that comes before it."""
_COURSES_SQL = "SELECT DISTINCT course FROM training_records WHERE course IS NOT NULL ORDER BY course"
_STAFF_SQL = """
    WITH addresses AS (
        SELECT id, lower(email) AS email FROM people WHERE email IS NOT NULL
        UNION SELECT person, lower(email) FROM accounts WHERE person IS NOT NULL AND email IS NOT NULL),
    listed AS (
        SELECT a.id, max(r.done_on) AS done_on FROM training_records r
        JOIN addresses a ON a.email = lower(trim(r.email)) WHERE r.course = ? GROUP BY a.id)
    SELECT coalesce(p.name, ''), coalesce(p.email, ''), coalesce(p.school, ''), l.id IS NOT NULL, l.done_on
    FROM people p LEFT JOIN listed l ON l.id = p.id
    WHERE p.kind = 'staff' AND p.here AND list_contains(?, p.school) ORDER BY p.school, p.sort_name, p.id"""


@dataclass(frozen=True, kw_only=True)
class StaffTraining:
    """A member of the staff; `done_on` is None while the training is not completed, `listed` false on no list."""

    name: str
    email: str
    school: str
    listed: bool
    done_on: date | None


@dataclass(frozen=True, kw_only=True)
class SchoolTraining:
    """How many of a school's staff completed the training, did not yet, and are on no list."""

    school: str
    trained: int
    waiting: int
    unlisted: int

    @property
    def people(self) -> int:
        """Number of the school's staff."""
        return self.trained + self.waiting + self.unlisted


@dataclass(frozen=True, kw_only=True)
class TrainingView:
    """The staff in a rollout's schools by their training. `course` is empty while none is named."""

    course: str
    courses: Sequence[str]
    schools: Sequence[SchoolTraining] = ()
    staff: Sequence[StaffTraining] = field(default=(), repr=False)

    @property
    def trained(self) -> int:
        """Number of staff who completed the training."""
        return sum(school.trained for school in self.schools)


def set_course(*, district: District, public: str, course: str, actor: str, at: datetime) -> None:
    """Name the training that comes before a rollout, empty for none.

    Raise LookupError, RolloutRefused for a training that is on no list, and QueryTimeout.
    """
    if course and course not in _list_courses(district):
        raise RolloutRefused(COURSE, f"{course[:60]!r} is on no list of training; a name on a loaded list would fit")
    values = {COURSE: course} if course else {}
    dropped = () if course else (COURSE,)
    set_rules(district=district, public=public, values=values, dropped=dropped, actor=actor, at=at)


def load_training_view(*, district: District, public: str, rules: Mapping[str, object]) -> TrainingView:
    """Return who in the schools of a rollout completed its training. Raise QueryTimeout."""
    course = str(rules.get(COURSE, ""))
    courses = _list_courses(district)
    if not course:
        return TrainingView(course="", courses=courses)
    rooms = TargetRoom.objects.of(district).filter(rollout__public=public)
    schools = sorted(set(rooms.values_list("school", flat=True)))
    names = ("name", "email", "school", "listed", "done_on")
    rows = _fetch_rows(district, _STAFF_SQL, course, schools)
    staff = [StaffTraining(**dict(zip(names, row, strict=True))) for row in rows]
    return TrainingView(
        course=course, courses=courses, staff=staff, schools=[_count_school(school, staff) for school in schools]
    )


def _count_school(school: str, staff: Sequence[StaffTraining]) -> SchoolTraining:
    people = [person for person in staff if person.school == school]
    trained = sum(person.done_on is not None for person in people)
    listed = sum(person.listed for person in people)
    return SchoolTraining(school=school, trained=trained, waiting=listed - trained, unlisted=len(people) - listed)


def _list_courses(district: District) -> list[str]:
    return [name for (name,) in _fetch_rows(district, _COURSES_SQL)]


def _fetch_rows(district: District, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    try:
        return fetch_resolved(get_evidence_store(district=district), sql, *parameters)
    except NoSuchLoad:
        return []
