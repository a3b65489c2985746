"""What the invented district is: its schools, its habits, and which of its pupils and devices a case befalls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from homeroom.sample.days import Calendar
from homeroom.sample.figures import (
    CHROMEBOOK_CASES,
    FIRST_ACCOUNT_GRADE,
    GRADES,
    LEVELS,
    PUPIL_CASES,
    SIBLINGS,
    TWINS,
    Level,
    Rate,
)

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
_TREES: Final = [
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
_PLACES: Final = ("", "Hills", "Creek", "Park", "Grove", "Ridge", "Springs", "Crossing", "Point", "Terrace")


@dataclass(frozen=True, kw_only=True)
class School:
    """One school. `counts` holds the pupils of each of its grades; `first` is the index of its first pupil."""

    index: int
    name: str
    level: Level
    counts: tuple[int, ...]
    first: int

    @property
    def key(self) -> str:
        """Its OneRoster sourcedId."""
        return f"org-{1000 + self.index}"

    @property
    def pupils(self) -> int:
        """How many pupils it has."""
        return sum(self.counts)


@dataclass(frozen=True, kw_only=True)
class District:
    """The whole plan, made from students, seed and today alone."""

    students: int
    seed: int
    calendar: Calendar
    schools: tuple[School, ...]

    @property
    def name(self) -> str:
        """The district's name."""
        return f"{_TOWNS[self.seed % len(_TOWNS)]} Unified School District"

    @property
    def domain(self) -> str:
        """Its mail domain, under a top level that can never exist (RFC 2606)."""
        return f"{_TOWNS[self.seed % len(_TOWNS)].replace(' ', '').lower()}.k12.example"

    @property
    def timezone(self) -> str:
        """Its zone; every time in the exports is a working hour in any zone of the United States."""
        return "America/Chicago"

    @property
    def roster_version(self) -> str:
        """OneRoster 1.2 for odd seeds, else 1.1."""
        return "1.2" if self.seed % 2 else "1.1"

    @property
    def roster_zipped(self) -> bool:
        """Whether the roster is one zip file instead of a folder."""
        return self.seed % 3 == 0

    @property
    def google_pages(self) -> bool:
        """Whether Google's exports are Admin SDK JSON pages; the largest districts use GAM."""
        return self.seed % 3 == 2 and self.students <= 100_000

    @property
    def google_ids(self) -> bool:
        """Whether the users' export carries `id`."""
        return self.seed % 3 != 0

    @property
    def federated_unit(self) -> str:
        """The unit whose accounts sign in with Microsoft: all staff for odd seeds, else one school's staff."""
        return "/Staff" if self.seed % 2 else f"/Staff/{self.schools[0].name}"

    @property
    def super_admins(self) -> int:
        """9 to 12 for odd seeds (too many by CISA GWS.COMMONCONTROLS.6.2, which wants 2 to 8), else 3 to 8."""
        return 9 + self.seed // 2 % 4 if self.seed % 2 else 3 + self.seed // 2 % 6

    @property
    def fleet_premium(self) -> bool:
        """Whether Fleet is the paid edition, which says more of each flaw."""
        return self.seed % 3 == 1

    @property
    def jamf_school(self) -> bool:
        """Whether elementary schools have iPads in Jamf School beside those in Intune."""
        return self.seed % 2 == 0

    @property
    def guid_keys(self) -> bool:
        """Whether pupils' sourcedIds differ from their numbers."""
        return self.seed % 4 in (1, 2)

    def rng(self, *stream: int) -> Generator:
        """The random numbers of one part of the district, whatever other parts draw."""
        return np.random.default_rng([self.seed, self.students, *stream])

    def chosen(self, stream: int, rate: Rate, eligible: NDArray[np.bool_]) -> set[int]:
        """On which of those eligible a rate falls."""
        found = eligible.nonzero()[0]
        number = min(len(found), rate.of(len(found)))
        return set(self.rng(stream).choice(found, size=number, replace=False).tolist())

    @cached_property
    def grades(self) -> NDArray[np.int8]:
        """The grade of each pupil, as an index into GRADES."""
        parts = [
            np.repeat(np.array([GRADES.index(grade) for grade in school.level.grades], dtype=np.int8), school.counts)
            for school in self.schools
        ]
        return np.concatenate(parts)

    @cached_property
    def groups(self) -> NDArray[np.int32]:
        """A number for each pupil that those of the same school and grade share, and only they."""
        school = np.repeat(np.arange(len(self.schools)), [school.pupils for school in self.schools])
        return (school * len(GRADES) + self.grades).astype(np.int32)


class Deck:
    """Deals cases to subjects: each subject is dealt one case at most."""

    def __init__(self, rng: Generator, number: int) -> None:
        self.codes = np.zeros(number, dtype=np.uint8)
        self.names: list[str] = [""]
        self._rng = rng

    def deal(self, case: str, number: int, eligible: NDArray[np.bool_]) -> list[int]:
        """Give the case to `number` random subjects among those eligible and free; fewer where there are not enough."""
        free = np.flatnonzero(eligible & (self.codes == 0))
        chosen = np.sort(self._rng.choice(free, size=min(number, len(free)), replace=False))
        self._mark(case, chosen)
        return [int(index) for index in chosen]

    def deal_pairs(self, case: str, number: int, eligible: NDArray[np.bool_], groups: NDArray[np.int32]) -> None:
        """Give the case to `number` pairs of neighbours in one group; the second of a pair has the case `case-2`."""
        free = eligible & (self.codes == 0)
        starts = np.flatnonzero(free[:-1] & free[1:] & (groups[:-1] == groups[1:]))
        starts = starts[starts % 2 == 0]
        chosen = np.sort(self._rng.choice(starts, size=min(number, len(starts)), replace=False))
        self._mark(case, chosen)
        self._mark(f"{case}-2", chosen + 1)

    def _mark(self, case: str, chosen: NDArray[np.int64]) -> None:
        self.names.append(case)
        self.codes[chosen] = len(self.names) - 1

    def case(self, index: int) -> str:
        """The case of one subject; empty for most."""
        return self.names[int(self.codes[index])]

    def of(self, case: str) -> list[int]:
        """Every subject of the case, in order."""
        if case not in self.names:
            return []
        return [int(index) for index in np.flatnonzero(self.codes == self.names.index(case))]


def _schools(rng: Generator, students: int) -> tuple[School, ...]:
    per_grade = np.full(len(GRADES), students // len(GRADES))
    per_grade[: students % len(GRADES)] += 1
    schools: list[School] = []
    first = 0
    for level in LEVELS:
        columns = [GRADES.index(grade) for grade in level.grades]
        number = max(1, round(int(per_grade[columns].sum()) / level.pupils))
        weights = rng.lognormal(0.0, 0.3, size=number)
        shares = [_shared(int(per_grade[column]), weights) for column in columns]
        for place in range(number):
            counts = tuple(int(share[place]) for share in shares)
            index = len(schools)
            schools.append(
                School(index=index, name=_school_name(index, level), level=level, counts=counts, first=first)
            )
            first += sum(counts)
    return tuple(schools)


def _shared(total: int, weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole numbers in proportion to the weights that add up to the total."""
    edges = np.floor(np.cumsum(weights) / weights.sum() * total + 1e-9).astype(np.int64)
    edges[-1] = total
    return np.diff(edges, prepend=0)


def _school_name(index: int, level: Level) -> str:
    base, around = _TREES[index % len(_TREES)], index // len(_TREES)
    place = _PLACES[around % len(_PLACES)]
    number = around // len(_PLACES)
    words = [base, place, level.name, "School" if level.name != "Elementary" else "", str(number + 1) if number else ""]
    return " ".join(word for word in words if word)


def district_of(*, students: int, seed: int, calendar: Calendar) -> District:
    """The plan of the district."""
    rng = np.random.default_rng([seed, students, 1])
    return District(students=students, seed=seed, calendar=calendar, schools=_schools(rng, students))


def pupil_deck(district: District) -> Deck:
    """Which case befalls which pupil."""
    deck = Deck(district.rng(2), district.students)
    with_account = district.grades >= FIRST_ACCOUNT_GRADE
    deck.deal_pairs("sibling", SIBLINGS.of(int((~with_account).sum())), ~with_account, district.groups)
    deck.deal_pairs("twin", TWINS.of(district.students), with_account, district.groups)
    for case, rate in PUPIL_CASES.items():
        deck.deal(case, rate.of(district.students), with_account)
    return deck


def chromebook_deck(district: District, pupils: Deck) -> Deck:
    """Which case befalls which pupil's Chromebook: only those of pupils without a case of their own."""
    deck = Deck(district.rng(3), district.students)
    eligible = (district.grades >= FIRST_ACCOUNT_GRADE) & (pupils.codes == 0)
    deal_all(deck, CHROMEBOOK_CASES, eligible)
    return deck


def deal_all(deck: Deck, cases: Mapping[str, Rate], eligible: NDArray[np.bool_]) -> None:
    """Deal every case of a table, at its rate of those eligible."""
    number = int(eligible.sum())
    for case, rate in cases.items():
        deck.deal(case, rate.of(number), eligible)
