"""The invented staff: current employees, leavers, and people who only look like leavers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

import numpy as np

from homeroom.sample.plan.case_rates import DELEGATED_ADMINS, ENTRA_ADMINS, STAFF_CASES, STAFF_PER_STUDENT
from homeroom.sample.plan.district import CaseDeck, DistrictPlan
from homeroom.sample.plan.person_names import convert_to_ascii, draw_names


@dataclass(frozen=True, kw_only=True)
class StaffJob:
    """A job: its share out of a hundred, its role in the roster (empty if not listed there), and its equipment."""

    weight: int
    title: str
    department: str
    role: str = ""
    account: float = 1.0
    laptop: bool = False


STAFF_JOBS: Final = (
    StaffJob(weight=50, title="Teacher", department="Instruction", role="teacher", laptop=True),
    StaffJob(weight=15, title="Paraprofessional", department="Instruction", role="aide"),
    StaffJob(weight=4, title="Assistant Principal", department="Administration", role="administrator", laptop=True),
    StaffJob(weight=4, title="Counselor", department="Student Services", laptop=True),
    StaffJob(weight=2, title="School Nurse", department="Health Services", laptop=True),
    StaffJob(weight=7, title="Office Manager", department="Administration", laptop=True),
    StaffJob(weight=2, title="Technology Specialist", department="Technology", laptop=True),
    StaffJob(weight=6, title="Custodian", department="Facilities", account=0.5),
    StaffJob(weight=6, title="Food Service Worker", department="Food Services", account=0.5),
    StaffJob(weight=4, title="Bus Driver", department="Transportation", account=0.6),
)
# case: (title, employment type, department) of people with another role here
_OTHER_ROLES: Final = {
    "substitute": ("Substitute Teacher", "Substitute", "Instruction"),
    "coach": ("Athletic Coach", "Coach", "Athletics"),
    "contractor": ("Speech Therapist (Contracted)", "Contractor", "Student Services"),
    "board": ("Board Member", "Board", "Board of Education"),
}
JUNK_NUMBER: Final = "000000"


@dataclass(slots=True, kw_only=True)
class Employee:
    """One row of the staff list, and what other systems have of the same person.

    `roster` is the person's status in the roster: active, tobedeleted, disabled, or empty if the person is not there.
    `entra` is the second factor in Microsoft's record, None without a record; `enrolled` the one in Google's.
    """

    index: int
    number: str
    first_name: str
    last_name: str
    email: str
    hr_email: str
    hr_family: str = ""
    title: str
    department: str
    role: str
    school: int = -1
    location: str = ""
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
    has_left: bool = False
    guardian_key: str = ""

    @property
    def roster_key(self) -> str:
        """OneRoster sourcedId."""
        return f"T{self.number}"

    @property
    def principal(self) -> str:
        """User principal name at Microsoft, which keeps the old address of a renamed person."""
        return self.hr_email if self.case == "renamed" else self.email

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"


@dataclass(kw_only=True)
class StaffList:
    """All employees of the staff list, in order, and the cases assigned to them."""

    employees: list[Employee]
    deck: CaseDeck
    addresses: AddressBook


@dataclass
class AddressBook:
    """Mail addresses of a domain, each assigned once."""

    domain: str
    _use_counts: dict[str, int] = field(default_factory=dict)

    def assign_address(self, first_name: str, last_name: str) -> str:
        """Return first.last@domain, with a number if it is taken."""
        local = f"{convert_to_ascii(first_name)}.{convert_to_ascii(last_name)}"
        number = self._use_counts[local] = self._use_counts.get(local, 0) + 1
        return f"{local}{number if number > 1 else ''}@{self.domain}"


def _assign_cases(district: DistrictPlan, accounts: np.ndarray, federated: np.ndarray) -> CaseDeck:
    number = len(accounts)
    deck = CaseDeck(district.create_rng(12), number)
    deck.assign_case("no-entra", STAFF_CASES["no-entra"].count_cases(number), accounts & federated)
    deck.assign_case("super-owner", district.super_admins, accounts)
    deck.assign_case("delegated", DELEGATED_ADMINS.count_cases(number), accounts)
    deck.assign_case("entra-admin", ENTRA_ADMINS.count_cases(number), accounts)
    for case, rate in STAFF_CASES.items():
        if case != "no-entra":
            deck.assign_case(case, rate.count_cases(number), accounts)
    return deck


def _list_units(district: DistrictPlan, schools: np.ndarray) -> list[tuple[str, str]]:
    """Return (location, organizational unit) of each employee; the last index is the district office."""
    names = [*(school.name for school in district.schools), "District Office"]
    return [(names[index], f"/Staff/{names[index]}") for index in schools.tolist()]


def plan_staff(district: DistrictPlan) -> StaffList:
    """Plan the district's staff."""
    number = round(STAFF_PER_STUDENT * district.students)
    rng = district.create_rng(11)
    weights = np.array([job.weight for job in STAFF_JOBS], dtype=float)
    jobs = rng.choice(len(STAFF_JOBS), size=number, p=weights / weights.sum())
    sizes = np.array([*(school.students for school in district.schools), district.students * 0.05], dtype=float)
    locations = _list_units(district, rng.choice(len(sizes), size=number, p=sizes / sizes.sum()))
    accounts = rng.random(number) < np.array([STAFF_JOBS[job].account for job in jobs])
    federated_prefix = f"{district.federated_unit}/"
    federated = np.array([f"{unit}/".startswith(federated_prefix) for _, unit in locations])
    deck = _assign_cases(district, accounts, federated)
    turns: dict[str, int] = {}
    staff = StaffList(employees=[], deck=deck, addresses=AddressBook(district.domain))
    names, draws = draw_names(rng, number), rng.random((number, 2)).tolist()
    schools = {school.name: school.index for school in district.schools}
    for index in range(number):
        case = deck.get_case(index)
        turn = turns[case] = turns.get(case, -1) + 1
        location, unit = locations[index]
        employee = _build_employee(index, names[index], STAFF_JOBS[jobs[index]], staff.addresses)
        employee.school, employee.location, employee.unit = schools.get(location, -1), location, unit
        employee.hired = date(district.calendar.year - 1 - int(draws[index][0] * 18), 8, 1 + index % 28)
        employee.case, employee.turn = case, turn
        employee.account, employee.federated = bool(accounts[index]), bool(federated[index])
        employee.enrolled = not employee.federated or draws[index][1] < 0.1
        _CASES.get(case, _apply_nothing)(employee, district)
        staff.employees.append(employee)
    return staff


def _build_employee(index: int, name: tuple[str, str], job: StaffJob, addresses: AddressBook) -> Employee:
    """Build an employee without a location and without a case."""
    email = addresses.assign_address(*name)
    return Employee(
        index=index,
        number=str(100_003 + 7 * index),
        first_name=name[0],
        last_name=name[1],
        email=email,
        hr_email=email.title() if index % 10 == 0 else email,
        title=job.title,
        department=job.department,
        role=job.role,
        roster="active" if job.role else "",
        laptop=job.laptop,
    )


def _apply_nothing(person: Employee, _district: DistrictPlan) -> None:
    """Change nothing for this person."""


def _apply_leaver(person: Employee, district: DistrictPlan) -> None:
    """Make the person a leaver: dropped from the roster, never in it, or disabled there.

    Some staff lists show it by the end date alone.
    """
    person.has_left = True
    person.entra = None
    person.ended = district.calendar.today - timedelta(days=1 if person.turn == 0 else 20 + person.turn * 17 % 150)
    person.status = ("Terminated", "Retired", "Active", "Resigned")[person.turn % 4]
    if person.turn % 4 == 3:
        person.ended = None  # the word alone says so
    person.roster = ("tobedeleted", "", "disabled", "tobedeleted")[person.turn % 4] if person.role else ""
    person.laptop = person.turn % 2 == 0


def _apply_other_role(person: Employee, _district: DistrictPlan) -> None:
    """Give the person another role: the roster ended the teacher's role, the staff list has the new job."""
    person.title, person.employment, person.department = _OTHER_ROLES[person.case]
    person.role = "teacher" if person.case in ("substitute", "coach") else ""
    person.roster = "tobedeleted" if person.role else ""
    person.laptop = False


def _apply_parent_left(person: Employee, district: DistrictPlan) -> None:
    """Make the person a former employee who is still the guardian of a student."""
    _apply_leaver(person, district)
    person.has_left = False
    person.status = "Resigned"
    person.laptop = False
    person.enrolled = True


def _apply_no_second_factor(person: Employee, _district: DistrictPlan) -> None:
    """Remove the second factor: at Microsoft if federated, else at Google or at Microsoft, by turns."""
    if person.federated or person.turn % 2:
        person.entra = False
    else:
        person.enrolled = False


def _apply_no_second_factor_to_some(person: Employee, district: DistrictPlan) -> None:
    """Remove the second factor of every third administrator."""
    if person.turn % 3 == 0:
        _apply_no_second_factor(person, district)


def _apply_entra_admin(person: Employee, _district: DistrictPlan) -> None:
    """Remove the second factor at Microsoft of every third administrator."""
    if person.turn % 3 == 0:
        person.entra = False


def _apply_no_entra(person: Employee, _district: DistrictPlan) -> None:
    person.entra = None


def _apply_on_leave(person: Employee, _district: DistrictPlan) -> None:
    person.status = "On Leave"


def _apply_ends_soon(person: Employee, district: DistrictPlan) -> None:
    person.ended = district.calendar.today + timedelta(days=1 + person.turn * 30)


def _apply_rename(person: Employee, district: DistrictPlan) -> None:
    """Rename the person: the staff list and Microsoft have the old address, an alias at Google."""
    person.hr_family = "Ashgrove"
    person.hr_email = f"{convert_to_ascii(person.first_name)}.ashgrove{person.number}@{district.domain}"


_CASES: Final[dict[str, Callable[[Employee, DistrictPlan], None]]] = {
    "leaver": _apply_leaver,
    "left-suspended": _apply_leaver,
    "substitute": _apply_other_role,
    "coach": _apply_other_role,
    "contractor": _apply_other_role,
    "board": _apply_other_role,
    "parent-left": _apply_parent_left,
    "no-second-factor": _apply_no_second_factor,
    "delegated": _apply_no_second_factor_to_some,
    "entra-admin": _apply_entra_admin,
    "no-entra": _apply_no_entra,
    "on-leave": _apply_on_leave,
    "ends-soon": _apply_ends_soon,
    "renamed": _apply_rename,
}
