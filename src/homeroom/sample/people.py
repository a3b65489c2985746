"""The invented staff: who works here, who left, and who only looks as if they had left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

import numpy as np

from homeroom.sample.figures import DELEGATED_ADMINS, ENTRA_ADMINS, STAFF_CASES, STAFF_PER_PUPIL
from homeroom.sample.names import draw, folded
from homeroom.sample.plan import Deck, District


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job: how many of a hundred have it, its role in the roster (empty: not carried there), and its tools."""

    weight: int
    title: str
    department: str
    role: str = ""
    account: float = 1.0
    laptop: bool = False


JOBS: Final = (
    Job(weight=50, title="Teacher", department="Instruction", role="teacher", laptop=True),
    Job(weight=15, title="Paraprofessional", department="Instruction", role="aide"),
    Job(weight=4, title="Assistant Principal", department="Administration", role="administrator", laptop=True),
    Job(weight=4, title="Counselor", department="Student Services", laptop=True),
    Job(weight=2, title="School Nurse", department="Health Services", laptop=True),
    Job(weight=7, title="Office Manager", department="Administration", laptop=True),
    Job(weight=2, title="Technology Specialist", department="Technology", laptop=True),
    Job(weight=6, title="Custodian", department="Facilities", account=0.5),
    Job(weight=6, title="Food Service Worker", department="Food Services", account=0.5),
    Job(weight=4, title="Bus Driver", department="Transportation", account=0.6),
)
# case: (title, employment type, department) of those whom another role keeps here
_OTHER_ROLES: Final = {
    "substitute": ("Substitute Teacher", "Substitute", "Instruction"),
    "coach": ("Athletic Coach", "Coach", "Athletics"),
    "contractor": ("Speech Therapist (Contracted)", "Contractor", "Student Services"),
    "board": ("Board Member", "Board", "Board of Education"),
}
JUNK_NUMBER: Final = "000000"


@dataclass(slots=True, kw_only=True)
class Employee:
    """One row of the staff list, and what other systems say of the same person.

    `roster` is how the roster carries them: active, tobedeleted, disabled, or empty where it does not. `entra` is the
    second factor in Microsoft's record, None where there is no record; `enrolled` the one in Google's.
    """

    index: int
    number: str
    given: str
    family: str
    email: str
    hr_email: str
    hr_family: str = ""
    title: str
    department: str
    role: str
    school: int = -1
    place: str = ""
    unit: str = ""
    status: str = "Active"
    employment: str = "Full Time"
    hired: date = date.min
    ended: date | None = None
    roster: str = ""
    case: str = ""
    turn: int = 0
    account: bool = False
    laptop: bool
    enrolled: bool = True
    entra: bool | None = True
    federated: bool = False
    gone: bool = False
    guardian_key: str = ""

    @property
    def roster_key(self) -> str:
        """The OneRoster sourcedId."""
        return f"T{self.number}"

    @property
    def principal(self) -> str:
        """The user principal name at Microsoft, which keeps the old address of somebody who was renamed."""
        return self.hr_email if self.case == "renamed" else self.email

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.given} {self.family}"


@dataclass(kw_only=True)
class Staff:
    """Everyone on the staff list, in its order, and who holds which case."""

    employees: list[Employee]
    deck: Deck
    addresses: Addresses


@dataclass
class Addresses:
    """Gives out mail addresses, each once."""

    domain: str
    _given_out: dict[str, int] = field(default_factory=dict)

    def of(self, given: str, family: str) -> str:
        """given.family@domain, with a number where somebody has it already."""
        local = f"{folded(given)}.{folded(family)}"
        number = self._given_out[local] = self._given_out.get(local, 0) + 1
        return f"{local}{number if number > 1 else ''}@{self.domain}"


def _deck(district: District, accounts: np.ndarray, federated: np.ndarray) -> Deck:
    number = len(accounts)
    deck = Deck(district.rng(12), number)
    deck.deal("no-entra", STAFF_CASES["no-entra"].of(number), accounts & federated)
    deck.deal("super-owner", district.super_admins, accounts)
    deck.deal("delegated", DELEGATED_ADMINS.of(number), accounts)
    deck.deal("entra-admin", ENTRA_ADMINS.of(number), accounts)
    for case, rate in STAFF_CASES.items():
        if case != "no-entra":
            deck.deal(case, rate.of(number), accounts)
    return deck


def _units(district: District, schools: np.ndarray) -> list[tuple[str, str]]:
    """(place, organisational unit) of each employee; the last index of a school is the district office."""
    names = [*(school.name for school in district.schools), "District Office"]
    return [(names[index], f"/Staff/{names[index]}") for index in schools.tolist()]


def staff_of(district: District) -> Staff:
    """The district's staff."""
    number = round(STAFF_PER_PUPIL * district.students)
    rng = district.rng(11)
    weights = np.array([job.weight for job in JOBS], dtype=float)
    jobs = rng.choice(len(JOBS), size=number, p=weights / weights.sum())
    sizes = np.array([*(school.pupils for school in district.schools), district.students * 0.05], dtype=float)
    places = _units(district, rng.choice(len(sizes), size=number, p=sizes / sizes.sum()))
    accounts = rng.random(number) < np.array([JOBS[job].account for job in jobs])
    covered = f"{district.federated_unit}/"
    federated = np.array([f"{unit}/".startswith(covered) for _, unit in places])
    deck = _deck(district, accounts, federated)
    turns: dict[str, int] = {}
    staff = Staff(employees=[], deck=deck, addresses=Addresses(district.domain))
    names, draws = draw(rng, number), rng.random((number, 2)).tolist()
    schools = {school.name: school.index for school in district.schools}
    for index in range(number):
        case = deck.case(index)
        turn = turns[case] = turns.get(case, -1) + 1
        place, unit = places[index]
        employee = _employee(index, names[index], JOBS[jobs[index]], staff.addresses)
        employee.school, employee.place, employee.unit = schools.get(place, -1), place, unit
        employee.hired = date(district.calendar.year - 1 - int(draws[index][0] * 18), 8, 1 + index % 28)
        employee.case, employee.turn = case, turn
        employee.account, employee.federated = bool(accounts[index]), bool(federated[index])
        employee.enrolled = not employee.federated or draws[index][1] < 0.1
        _CASES.get(case, _ordinary)(employee, district)
        staff.employees.append(employee)
    return staff


def _employee(index: int, name: tuple[str, str], job: Job, addresses: Addresses) -> Employee:
    """An employee at no place yet, and without a case."""
    email = addresses.of(*name)
    return Employee(
        index=index,
        number=str(100_003 + 7 * index),
        given=name[0],
        family=name[1],
        email=email,
        hr_email=email.title() if index % 10 == 0 else email,
        title=job.title,
        department=job.department,
        role=job.role,
        roster="active" if job.role else "",
        laptop=job.laptop,
    )


def _ordinary(person: Employee, _district: District) -> None:
    """Nothing is special about this person."""


def _leaver(person: Employee, district: District) -> None:
    """Left; the roster drops them, never knew them, or disables them. Some lists show it by the end date alone."""
    person.gone = True
    person.entra = None
    person.ended = district.calendar.today - timedelta(days=1 if person.turn == 0 else 20 + person.turn * 17 % 150)
    person.status = ("Terminated", "Retired", "Active", "Resigned")[person.turn % 4]
    if person.turn % 4 == 3:
        person.ended = None  # the word alone says so
    person.roster = ("tobedeleted", "", "disabled", "tobedeleted")[person.turn % 4] if person.role else ""
    person.laptop = person.turn % 2 == 0


def _other_role(person: Employee, _district: District) -> None:
    """The roster says that a teacher's role is over; the staff list says what else they do here now."""
    person.title, person.employment, person.department = _OTHER_ROLES[person.case]
    person.role = "teacher" if person.case in ("substitute", "coach") else ""
    person.roster = "tobedeleted" if person.role else ""
    person.laptop = False


def _parent_left(person: Employee, district: District) -> None:
    """No employee any more, but still the guardian of a pupil."""
    _leaver(person, district)
    person.gone = False
    person.status = "Resigned"
    person.laptop = False
    person.enrolled = True


def _without_second_factor(person: Employee, _district: District) -> None:
    """Federated: missing at Microsoft. Else missing at Google or at Microsoft, by turns."""
    if person.federated or person.turn % 2:
        person.entra = False
    else:
        person.enrolled = False


def _some_without(person: Employee, district: District) -> None:
    """Every third administrator lacks the second factor."""
    if person.turn % 3 == 0:
        _without_second_factor(person, district)


def _entra_admin(person: Employee, _district: District) -> None:
    """Every third administrator at Microsoft lacks the second factor there."""
    if person.turn % 3 == 0:
        person.entra = False


def _no_entra(person: Employee, _district: District) -> None:
    person.entra = None


def _on_leave(person: Employee, _district: District) -> None:
    person.status = "On Leave"


def _ends_soon(person: Employee, district: District) -> None:
    person.ended = district.calendar.today + timedelta(days=1 + person.turn * 30)


def _renamed(person: Employee, district: District) -> None:
    """The staff list and Microsoft still have the old address, which is an alias at Google."""
    person.hr_family = "Ashgrove"
    person.hr_email = f"{folded(person.given)}.ashgrove{person.number}@{district.domain}"


_CASES: Final[dict[str, Callable[[Employee, District], None]]] = {
    "leaver": _leaver,
    "left-suspended": _leaver,
    "substitute": _other_role,
    "coach": _other_role,
    "contractor": _other_role,
    "board": _other_role,
    "parent-left": _parent_left,
    "no-second-factor": _without_second_factor,
    "delegated": _some_without,
    "entra-admin": _entra_admin,
    "no-entra": _no_entra,
    "on-leave": _on_leave,
    "ends-soon": _ends_soon,
    "renamed": _renamed,
}
