"""People of the district, with their accounts, devices and habits."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from random import Random
from typing import Final

import numpy as np

from homeroom.sample.fortnights.district.browsers import CHROMEBOOK, STAFF_BROWSERS, Browser
from homeroom.sample.fortnights.district.networks import AccessPoint, Networks, ProviderNetwork
from homeroom.sample.plan.person_names import convert_to_ascii, draw_names

_POSTS: Final = (
    ("director", "Technology Director", "Technology"),
    ("administrator", "Systems Administrator", "Technology"),
    ("administrator", "Network Administrator", "Technology"),
    ("technician", "Help Desk Technician", "Technology"),
    ("technician", "Help Desk Technician", "Technology"),
    ("superintendent", "Superintendent", "Administration"),
    ("business", "Business Manager", "Business Office"),
    ("payroll", "Payroll Specialist", "Business Office"),
    ("librarian", "Librarian", "Instruction"),
    ("librarian", "Librarian", "Instruction"),
    ("counselor", "Counselor", "Student Services"),
    ("counselor", "Counselor", "Student Services"),
    ("registrar", "Registrar", "Student Services"),
    ("principal", "Principal", "Administration"),
    ("principal", "Principal", "Administration"),
    ("nurse", "School Nurse", "Health Services"),
    ("office", "Office Manager", "Administration"),
    ("office", "Office Manager", "Administration"),
)
_SUBSTITUTES: Final = 5
_LEAVERS: Final = 4


@dataclass(slots=True, kw_only=True, eq=False)
class InventedPerson:
    """A person: `post` is director, administrator, …, teacher, substitute, leaver or student.

    `home` and `carrier` are where evenings and phones connect from. `is_busy` if a story needs the person already.
    """

    number: int
    post: str
    first_name: str
    last_name: str
    email: str
    sam: str
    title: str
    department: str
    unit: str
    grade: str = ""
    profile: str = ""
    entra_id: str = ""
    home: AccessPoint
    carrier: ProviderNetwork
    browser: Browser
    laptop: str = ""
    enabled: bool = True
    is_super_admin: bool = False
    has_second_factor: bool = True
    is_busy: bool = False

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"

    @property
    def is_student(self) -> bool:
        """True if the person is a student."""
        return self.post == "student"

    @property
    def sid_number(self) -> int:
        """Last part of the account's SID in Active Directory."""
        return 1600 + self.number


@dataclass(kw_only=True)
class People:
    """All people; `take` reserves them for stories, so that no two stories share a person."""

    staff: list[InventedPerson]
    students: list[InventedPerson]
    leavers: list[InventedPerson]
    _dice: Random = field(repr=False)

    def list_by_post(self, post: str) -> list[InventedPerson]:
        """List the employees of a post."""
        return [person for person in self.staff if person.post == post]

    def get_first(self, post: str) -> InventedPerson:
        """Return the first employee of a post."""
        return self.list_by_post(post)[0]

    def take(self, *posts: str) -> InventedPerson:
        """Reserve a person of one of the posts that no story has, or a teacher if all of them are taken."""
        free = [person for person in self.staff if person.post in posts and not person.is_busy]
        free = free or [person for person in self.staff if person.post == "teacher" and not person.is_busy]
        return self._reserve(free)

    def take_administrator(self) -> InventedPerson:
        """Reserve an administrator, who may have a part in a second story if all are taken."""
        administrators = [person for person in self.staff if person.is_super_admin]
        return self._reserve([person for person in administrators if not person.is_busy] or administrators)

    def take_student(self) -> InventedPerson:
        """Reserve a student."""
        return self._reserve([person for person in self.students if not person.is_busy])

    def take_leaver(self) -> InventedPerson:
        """Reserve a former employee."""
        return self._reserve([person for person in self.leavers if not person.is_busy])

    def _reserve(self, free: list[InventedPerson]) -> InventedPerson:
        person = self._dice.choice(free)
        person.is_busy = True
        return person


def plan_people(*, seed: int, domain: str, staff: int, students: int, networks: Networks) -> People:
    """Plan the people of a district."""
    dice = Random(f"{seed}/people")  # noqa: S311
    names = draw_names(np.random.default_rng([seed, staff, students, 15]), staff + _LEAVERS + students)
    planner = _Planner(dice=dice, domain=domain, networks=networks)
    posts = [*_POSTS, *[("substitute", "Substitute Teacher", "Instruction")] * _SUBSTITUTES]
    posts += [("teacher", "Teacher", "Instruction")] * max(20, staff - len(posts))
    employees = [planner.plan_employee(names.pop(), *post) for post in posts[:staff]]
    leavers = [planner.plan_employee(names.pop(), "leaver", "Teacher", "Instruction") for _ in range(_LEAVERS)]
    for person in leavers:
        person.enabled = False
    enrolled = [planner.plan_student(names.pop()) for _ in range(students)]
    for person in employees[:3]:
        person.is_super_admin = True
    return People(staff=employees, students=enrolled, leavers=leavers, _dice=Random(f"{seed}/casting"))  # noqa: S311


@dataclass(kw_only=True)
class _Planner:
    dice: Random
    domain: str
    networks: Networks
    addresses: set[str] = field(default_factory=set)
    count: int = 0

    def plan_employee(self, name: tuple[str, str], post: str, title: str, department: str) -> InventedPerson:
        first, last = (convert_to_ascii(part) for part in name)
        local = self._choose_free(f"{first}.{last}")
        sam = self._choose_free(f"{first[0]}{last}"[:18])
        unit = "/Staff/Former" if post == "leaver" else f"/Staff/{department}"
        person = self._build(name, post=post, local=local, sam=sam, title=title, department=department, unit=unit)
        person.laptop = f"LT-{person.number:04d}"
        # Those who handle money, grades and accounts have a second factor; one in ten of the others does not.
        person.has_second_factor = department != "Instruction" or self.dice.random() < 0.9
        return person

    def plan_student(self, name: tuple[str, str]) -> InventedPerson:
        local = f"s{20_000 + self.count * 7 % 9973:05d}"
        grade = f"{self.dice.randint(3, 12):02d}"
        person = self._build(
            name, post="student", local=local, sam=local, title="", department="", unit=f"/Students/Grade {grade}"
        )
        person.grade, person.has_second_factor = grade, False
        person.browser = CHROMEBOOK
        return person

    def _choose_free(self, name: str) -> str:
        number = 2
        candidate = name
        while candidate in self.addresses:
            candidate, number = f"{name}{number}", number + 1
        self.addresses.add(candidate)
        return candidate

    def _build(
        self, name: tuple[str, str], *, post: str, local: str, sam: str, title: str, department: str, unit: str
    ) -> InventedPerson:
        self.count += 1
        return InventedPerson(
            number=self.count,
            post=post,
            first_name=name[0],
            last_name=name[1],
            email=f"{local}@{self.domain}",
            sam=sam,
            title=title,
            department=department,
            unit=unit,
            profile=f"1{self.dice.randrange(10**20):020d}",
            entra_id=str(uuid.UUID(int=self.dice.getrandbits(128), version=4)),
            home=self.dice.choice(self.networks.homes).draw_connection(self.dice),
            carrier=self.dice.choice(self.networks.carriers),
            browser=self.dice.choice(STAFF_BROWSERS),
        )
