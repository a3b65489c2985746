"""Progress of assignments: for each person assigned, when it was done, and what is overdue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max

from homeroom.apps.teach.courses.models import AssignedPerson, Assignment, Completion, Signature
from homeroom.apps.teach.courses.staff import list_staff
from homeroom.domain.platform.district import District
from homeroom.domain.teach.courses.assigning import (
    AssignmentRule,
    DoneState,
    StaffMember,
    find_done_state,
    list_assigned,
)
from homeroom.domain.teach.courses.course import BilingualText
from homeroom.library.teach.courses.course_files import load_courses


@dataclass(frozen=True, kw_only=True)
class PersonProgress:
    """The progress of a person in an assignment; `score` is in percent, None for a policy.

    `done_version` is the version of the course that was completed, or of the policy that was signed; empty if none.
    """

    person: StaffMember
    assigned_on: date
    due_on: date | None
    done_on: date | None
    score: int | None
    state: DoneState
    done_version: str = ""


@dataclass(frozen=True, kw_only=True)
class AssignmentView:
    """An assignment that runs, and the progress of each person, by school and name.

    One of `course` and `policy` is its id, the other is empty.
    """

    public: str
    course: str
    policy: str
    version: int | None
    title: BilingualText
    role: str
    school: str
    new_days: int | None
    control: str
    trial: str
    arm: str
    law: str
    assigned_on: date
    due_on: date | None
    made_by: str
    people: tuple[PersonProgress, ...]

    def count(self, state: str) -> int:
        """Return how many people are in a state."""
        return sum(item.state == state for item in self.people)

    @property
    def done(self) -> int:
        """How many have done it."""
        return self.count(DoneState.DONE)

    @property
    def overdue(self) -> int:
        """How many have not done it by the day on which it was due."""
        return self.count(DoneState.OVERDUE)

    @property
    def unfinished(self) -> tuple[PersonProgress, ...]:
        """Those who have not done it, by school and name."""
        return tuple(item for item in self.people if item.state is not DoneState.DONE)


@dataclass(frozen=True, kw_only=True)
class SchoolProgress:
    """How many people of a school are assigned something, and how many have all of it done or something overdue."""

    school: str
    people: int
    done: int
    overdue: int


@dataclass(frozen=True, kw_only=True)
class _Deed:
    """Something that a person did: a version of a course on a day with a score, or the version of a policy."""

    on: date
    score: int | None = None
    version: int = 0
    course_version: str = ""

    @property
    def version_text(self) -> str:
        """The version of the course or policy as text."""
        return self.course_version or str(self.version)


def load_assignments(*, district: District, today: date) -> tuple[AssignmentView, ...]:
    """Load the assignments that run, the newest first, with all of their people. Raise QueryTimeout."""
    return _build_views(district, list_staff(district=district), today)


def list_own_assignments(*, district: District, person: StaffMember, today: date) -> tuple[AssignmentView, ...]:
    """List the assignments of a person, each with nobody but them: the first due first."""
    views = [view for view in _build_views(district, [person], today) if view.people]
    return tuple(sorted(views, key=lambda view: (view.people[0].due_on or date.max, view.title.en)))


def count_by_school(views: Iterable[AssignmentView]) -> tuple[SchoolProgress, ...]:
    """Count people with assignments by school, by name."""
    states: dict[str, dict[int, list[DoneState]]] = defaultdict(lambda: defaultdict(list))
    for view in views:
        for item in view.people:
            states[item.person.school][item.person.id].append(item.state)
    return tuple(
        SchoolProgress(
            school=school,
            people=len(people),
            done=sum(set(items) == {DoneState.DONE} for items in people.values()),
            overdue=sum(DoneState.OVERDUE in items for items in people.values()),
        )
        for school, people in sorted(states.items(), key=lambda item: item[0].casefold())
    )


def find_last_change(*, district: District) -> datetime | None:
    """Return when somebody last assigned, completed or signed something here; None for never."""
    newest = (
        Assignment.objects.of(district).aggregate(at=Max("made_at"))["at"],
        Completion.objects.of(district).aggregate(at=Max("completed_at"))["at"],
        Signature.objects.of(district).aggregate(at=Max("signed_at"))["at"],
    )
    return max((at for at in newest if at is not None), default=None)


def list_schools(*, district: District) -> tuple[str, ...]:
    """List the schools of the staff, by name. Raise QueryTimeout."""
    return tuple(sorted({person.school for person in list_staff(district=district) if person.school}))


def list_courses_by_id() -> Mapping[str, BilingualText]:
    """Return the titles of all courses by id."""
    return {course.id: course.title for course in load_courses()}


def _build_views(district: District, staff: Sequence[StaffMember], today: date) -> tuple[AssignmentView, ...]:
    rows = list(
        Assignment.objects.of(district).filter(ended_at=None).select_related("policy").order_by("-assigned_on", "-id")
    )
    if not rows:
        return ()
    fixed = _load_fixed_people(district)
    done = _load_done_things(district, staff if len(staff) == 1 else None)
    titles = list_courses_by_id()
    return tuple(_build_view(row, fixed.get(row.pk, frozenset()), staff, done, titles, today) for row in rows)


def _build_view(
    row: Assignment,
    fixed: frozenset[int],
    staff: Sequence[StaffMember],
    done: Mapping[tuple[str, int], list[_Deed]],
    titles: Mapping[str, BilingualText],
    today: date,
) -> AssignmentView:
    policy = row.policy
    rule = AssignmentRule(
        assigned_on=row.assigned_on,
        due_on=row.due_on,
        role=row.role,
        school=row.school,
        new_days=row.new_days,
        people=fixed if row.is_fixed else None,
    )
    people = []
    for item in list_assigned(rule, staff):
        deeds = done.get((policy.public if policy else row.course, item.person.id), [])
        deed = _find_done(deeds, since=item.assigned_on, version=row.policy_version)
        people.append(
            PersonProgress(
                person=item.person,
                assigned_on=item.assigned_on,
                due_on=item.due_on,
                done_on=deed.on if deed else None,
                score=deed.score if deed else None,
                state=find_done_state(done_on=deed.on if deed else None, due_on=item.due_on, today=today),
                done_version=deed.version_text if deed else "",
            )
        )
    title = titles.get(row.course, BilingualText(en=row.course, es=row.course))
    return AssignmentView(
        public=row.public,
        course=row.course,
        policy=policy.public if policy else "",
        version=row.policy_version,
        title=BilingualText(en=policy.title, es=policy.title_es or policy.title) if policy else title,
        role=row.role,
        school=row.school,
        new_days=row.new_days,
        control=row.control,
        trial=row.trial,
        arm=row.arm,
        law=row.law,
        assigned_on=row.assigned_on,
        due_on=row.due_on,
        made_by=row.made_by,
        people=tuple(people),
    )


def _find_done(deeds: Iterable[_Deed], *, since: date, version: int | None) -> _Deed | None:
    """Return the first completion since the assignment, or the first signature of the version or of a newer one."""
    if version is not None:
        return next((deed for deed in deeds if deed.version >= version), None)
    return next((deed for deed in deeds if deed.on >= since), None)


def _load_fixed_people(district: District) -> dict[int, frozenset[int]]:
    people: dict[int, set[int]] = defaultdict(set)
    for assignment, subject in AssignedPerson.objects.of(district).values_list("assignment", "subject"):
        people[assignment].add(subject)
    return {assignment: frozenset(subjects) for assignment, subjects in people.items()}


def _load_done_things(district: District, staff: Sequence[StaffMember] | None) -> Mapping[tuple[str, int], list[_Deed]]:
    """Return what was done by course or policy and person, the oldest first; of these people alone if given."""
    only = {} if staff is None else {"subject__in": [person.id for person in staff]}
    done: dict[tuple[str, int], list[_Deed]] = defaultdict(list)
    completions = Completion.objects.of(district).filter(**only).exclude(subject=None).order_by("completed_at")
    fields = ("course", "subject", "completed_on", "score", "version")
    for course, subject, day, score, course_version in completions.values_list(*fields):
        done[course, subject or 0].append(_Deed(on=day, score=score, course_version=course_version))
    signatures = Signature.objects.of(district).filter(**only).order_by("signed_at")
    for policy, subject, day, version in signatures.values_list("policy__public", "subject", "signed_on", "version"):
        done[policy, subject].append(_Deed(on=day, version=version))
    return done
