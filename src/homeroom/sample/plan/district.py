"""The plan of the invented district: schools, properties by seed, and the cases of students and devices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from homeroom.sample.plan.case_rates import (
    CHROMEBOOK_CASES,
    FIRST_ACCOUNT_GRADE,
    GRADES,
    LEVELS,
    SIBLINGS,
    STUDENT_CASES,
    TWINS,
    CaseRate,
    SchoolLevel,
)
from homeroom.sample.plan.school_calendar import SampleCalendar

_TOWNS: Final = [
    "Maple Valley",
    "Cedar Bluff",
    "Prairie Creek",
    "Stone Harbor",
    "Willow Bend",
    "Eagle Mesa",
    "Juniper Flats",
    "Copper Ridge",
    "Lake Marsh",
    "Birch Hollow",
]
_NAME_BASES: Final = [
    "Aspen",
    "Bluebird",
    "Canyon",
    "Dogwood",
    "Evergreen",
    "Foxglove",
    "Granite",
    "Hawthorn",
    "Ironwood",
    "Jasmine",
    "Kestrel",
    "Lakeside",
    "Meadowlark",
    "Northstar",
    "Oakhurst",
    "Pinecrest",
    "Quail Run",
    "Riverside",
    "Sagebrush",
    "Tamarack",
    "Union",
    "Valley View",
    "Westwood",
    "Yarrow",
]
_NAME_SUFFIXES: Final = ("", "Hills", "Creek", "Park", "Grove", "Ridge", "Springs", "Crossing", "Point", "Terrace")


@dataclass(frozen=True, kw_only=True)
class SchoolPlan:
    """The plan of one school.

    `counts` has the students of each of its grades; `first` is the index of its first student.
    """

    index: int
    name: str
    level: SchoolLevel
    counts: tuple[int, ...]
    first: int

    @property
    def key(self) -> str:
        """OneRoster sourcedId of the school."""
        return f"org-{1000 + self.index}"

    @property
    def students(self) -> int:
        """Number of students."""
        return sum(self.counts)


@dataclass(frozen=True, kw_only=True)
class DistrictPlan:
    """The plan of the district, made from students, seed and today alone."""

    students: int
    seed: int
    calendar: SampleCalendar
    schools: tuple[SchoolPlan, ...]

    @property
    def name(self) -> str:
        """Name of the district."""
        return f"{_TOWNS[self.seed % len(_TOWNS)]} Unified School District"

    @property
    def domain(self) -> str:
        """Mail domain, under a top-level domain that can never exist (RFC 2606)."""
        return f"{_TOWNS[self.seed % len(_TOWNS)].replace(' ', '').lower()}.k12.example"

    @property
    def timezone(self) -> str:
        """Time zone; each time in the exports is a working hour in all zones of the United States."""
        return "America/Chicago"

    @property
    def roster_version(self) -> str:
        """OneRoster 1.2 for odd seeds, else 1.1."""
        return "1.2" if self.seed % 2 else "1.1"

    @property
    def roster_zipped(self) -> bool:
        """True if the roster is one zip file instead of a folder."""
        return self.seed % 3 == 0

    @property
    def google_pages(self) -> bool:
        """True if Google's exports are Admin SDK JSON pages; the largest districts use GAM."""
        return self.seed % 3 == 2 and self.students <= 100_000

    @property
    def google_ids(self) -> bool:
        """True if the export of users has `id`."""
        return self.seed % 3 != 0

    @property
    def federated_unit(self) -> str:
        """Unit whose accounts sign in with Microsoft: all staff for odd seeds, else one school's staff."""
        return "/Staff" if self.seed % 2 else f"/Staff/{self.schools[0].name}"

    @property
    def super_admins(self) -> int:
        """Number of super administrators: 9 to 12 for odd seeds, else 3 to 8.

        CISA GWS.COMMONCONTROLS.6.2 wants 2 to 8.
        """
        return 9 + self.seed // 2 % 4 if self.seed % 2 else 3 + self.seed // 2 % 6

    @property
    def fleet_premium(self) -> bool:
        """True if Fleet is the paid edition, which reports more on each vulnerability."""
        return self.seed % 3 == 1

    @property
    def jamf_school(self) -> bool:
        """True if elementary schools have iPads in Jamf School besides those in Intune."""
        return self.seed % 2 == 0

    @property
    def guid_keys(self) -> bool:
        """True if students' sourcedIds differ from their numbers."""
        return self.seed % 4 in (1, 2)

    def create_rng(self, *stream: int) -> Generator:
        """Create the random numbers of one part of the district, independent of the other parts."""
        return np.random.default_rng([self.seed, self.students, *stream])

    def choose_subjects(self, stream: int, rate: CaseRate, eligible: NDArray[np.bool_]) -> set[int]:
        """Choose subjects at a rate among the eligible ones."""
        candidates = eligible.nonzero()[0]
        number = min(len(candidates), rate.count_cases(len(candidates)))
        return set(self.create_rng(stream).choice(candidates, size=number, replace=False).tolist())

    @cached_property
    def grades(self) -> NDArray[np.int8]:
        """Grade of each student, as an index into GRADES."""
        parts = [
            np.repeat(np.array([GRADES.index(grade) for grade in school.level.grades], dtype=np.int8), school.counts)
            for school in self.schools
        ]
        return np.concatenate(parts)

    @cached_property
    def groups(self) -> NDArray[np.int32]:
        """Number for each student that only students of the same school and grade share."""
        school = np.repeat(np.arange(len(self.schools)), [school.students for school in self.schools])
        return (school * len(GRADES) + self.grades).astype(np.int32)


class CaseDeck:
    """Cases of subjects; each subject gets at most one case."""

    def __init__(self, rng: Generator, number: int) -> None:
        self.codes = np.zeros(number, dtype=np.uint8)
        self.names: list[str] = [""]
        self._rng = rng

    def assign_case(self, case: str, number: int, eligible: NDArray[np.bool_]) -> list[int]:
        """Assign the case to `number` random subjects that are eligible and free; fewer if there are not enough."""
        free = np.flatnonzero(eligible & (self.codes == 0))
        chosen = np.sort(self._rng.choice(free, size=min(number, len(free)), replace=False))
        self._store_case(case, chosen)
        return [int(index) for index in chosen]

    def assign_pairs(self, case: str, number: int, eligible: NDArray[np.bool_], groups: NDArray[np.int32]) -> None:
        """Assign the case to `number` pairs of neighbors in one group; the second of a pair gets `case-2`."""
        free = eligible & (self.codes == 0)
        starts = np.flatnonzero(free[:-1] & free[1:] & (groups[:-1] == groups[1:]))
        starts = starts[starts % 2 == 0]
        chosen = np.sort(self._rng.choice(starts, size=min(number, len(starts)), replace=False))
        self._store_case(case, chosen)
        self._store_case(f"{case}-2", chosen + 1)

    def _store_case(self, case: str, chosen: NDArray[np.int64]) -> None:
        self.names.append(case)
        self.codes[chosen] = len(self.names) - 1

    def get_case(self, index: int) -> str:
        """Return the case of one subject; empty for most."""
        return self.names[int(self.codes[index])]

    def list_subjects(self, case: str) -> list[int]:
        """List the subjects of the case, in order."""
        if case not in self.names:
            return []
        return [int(index) for index in np.flatnonzero(self.codes == self.names.index(case))]


def _plan_schools(rng: Generator, students: int) -> tuple[SchoolPlan, ...]:
    per_grade = np.full(len(GRADES), students // len(GRADES))
    per_grade[: students % len(GRADES)] += 1
    schools: list[SchoolPlan] = []
    first = 0
    for level in LEVELS:
        columns = [GRADES.index(grade) for grade in level.grades]
        number = max(1, round(int(per_grade[columns].sum()) / level.students))
        weights = rng.lognormal(0.0, 0.3, size=number)
        shares = [_split_proportionally(int(per_grade[column]), weights) for column in columns]
        for position in range(number):
            counts = tuple(int(share[position]) for share in shares)
            index = len(schools)
            schools.append(
                SchoolPlan(index=index, name=_build_school_name(index, level), level=level, counts=counts, first=first)
            )
            first += sum(counts)
    return tuple(schools)


def _split_proportionally(total: int, weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Split the total into integers in proportion to the weights."""
    edges = np.floor(np.cumsum(weights) / weights.sum() * total + 1e-9).astype(np.int64)
    edges[-1] = total
    return np.diff(edges, prepend=0)


def _build_school_name(index: int, level: SchoolLevel) -> str:
    base, cycle = _NAME_BASES[index % len(_NAME_BASES)], index // len(_NAME_BASES)
    suffix = _NAME_SUFFIXES[cycle % len(_NAME_SUFFIXES)]
    number = cycle // len(_NAME_SUFFIXES)
    parts = [
        base,
        suffix,
        level.name,
        "School" if level.name != "Elementary" else "",
        str(number + 1) if number else "",
    ]
    return " ".join(part for part in parts if part)


def plan_district(*, students: int, seed: int, calendar: SampleCalendar) -> DistrictPlan:
    """Plan the district."""
    rng = np.random.default_rng([seed, students, 1])
    return DistrictPlan(students=students, seed=seed, calendar=calendar, schools=_plan_schools(rng, students))


def assign_student_cases(district: DistrictPlan) -> CaseDeck:
    """Assign cases to students."""
    deck = CaseDeck(district.create_rng(2), district.students)
    has_account = district.grades >= FIRST_ACCOUNT_GRADE
    deck.assign_pairs("sibling", SIBLINGS.count_cases(int((~has_account).sum())), ~has_account, district.groups)
    deck.assign_pairs("twin", TWINS.count_cases(district.students), has_account, district.groups)
    for case, rate in STUDENT_CASES.items():
        deck.assign_case(case, rate.count_cases(district.students), has_account)
    return deck


def assign_chromebook_cases(district: DistrictPlan, students: CaseDeck) -> CaseDeck:
    """Assign cases to Chromebooks, only of students without a case of their own."""
    deck = CaseDeck(district.create_rng(3), district.students)
    eligible = (district.grades >= FIRST_ACCOUNT_GRADE) & (students.codes == 0)
    assign_all_cases(deck, CHROMEBOOK_CASES, eligible)
    return deck


def assign_all_cases(deck: CaseDeck, cases: Mapping[str, CaseRate], eligible: NDArray[np.bool_]) -> None:
    """Assign every case of a table, at its rate among the eligible subjects."""
    number = int(eligible.sum())
    for case, rate in cases.items():
        deck.assign_case(case, rate.count_cases(number), eligible)
