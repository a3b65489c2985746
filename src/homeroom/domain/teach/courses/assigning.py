"""Who has to take a course or sign a policy, and by when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

MAX_DAYS = 400


@dataclass(frozen=True, kw_only=True)
class StaffMember:
    """A person who works here; `id` is of the identity ledger, `began_on` the first day of work where it is known."""

    id: int
    public: str
    name: str
    email: str
    school: str
    title: str
    roles: tuple[str, ...] = ()
    began_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class AssignmentRule:
    """Whom an assignment is for: all that is given has to hold, and a rule without any is for all staff.

    `role` is a role of the roster or a word of the job title. With `new_days`, only who began on the day of the
    assignment or later, or less than so many days before it, and each is due so many days after the first day of work.
    `people` are fixed: those who failed a control, or an arm of a trial, on the day of the assignment; None for no such
    list.
    """

    assigned_on: date
    due_on: date | None = None
    role: str = ""
    school: str = ""
    new_days: int | None = None
    people: frozenset[int] | None = None


@dataclass(frozen=True, kw_only=True)
class AssignedStaff:
    """A person with an assignment: since when, and due by when."""

    person: StaffMember
    assigned_on: date
    due_on: date | None


class DoneState(StrEnum):
    """The state of an assignment for a person."""

    DONE = "done"
    OPEN = "open"
    OVERDUE = "overdue"


def list_assigned(rule: AssignmentRule, staff: Iterable[StaffMember]) -> tuple[AssignedStaff, ...]:
    """Return the people whom an assignment is for, with their own days, in the order of the staff."""
    return tuple(_build_assigned(rule, person) for person in staff if is_assigned(rule, person))


def is_assigned(rule: AssignmentRule, person: StaffMember) -> bool:
    """Check whether an assignment is for a person."""
    if rule.people is not None and person.id not in rule.people:
        return False
    if rule.school and rule.school.casefold() != person.school.casefold():
        return False
    if rule.role and not _has_role(person, rule.role.casefold()):
        return False
    return rule.new_days is None or _is_new(rule, person)


def find_done_state(*, done_on: date | None, due_on: date | None, today: date) -> DoneState:
    """Return the state of an assignment on a day."""
    if done_on is not None:
        return DoneState.DONE
    return DoneState.OVERDUE if due_on is not None and due_on < today else DoneState.OPEN


def _has_role(person: StaffMember, role: str) -> bool:
    return role in {name.casefold() for name in person.roles} or role in person.title.casefold()


def _is_new(rule: AssignmentRule, person: StaffMember) -> bool:
    first = rule.assigned_on - timedelta(days=rule.new_days or 0)
    return person.began_on is not None and person.began_on > first


def _build_assigned(rule: AssignmentRule, person: StaffMember) -> AssignedStaff:
    if rule.new_days is None or person.began_on is None:
        return AssignedStaff(person=person, assigned_on=rule.assigned_on, due_on=rule.due_on)
    due_on = person.began_on + timedelta(days=rule.new_days)
    return AssignedStaff(
        person=person,
        assigned_on=max(rule.assigned_on, person.began_on),
        due_on=min(due_on, rule.due_on) if rule.due_on else due_on,
    )
