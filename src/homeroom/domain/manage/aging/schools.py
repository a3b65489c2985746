"""Aging of a school: devices in support for each student, network gear past support, and its line to the internet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction


class DeviceState(StrEnum):
    """Where a device is: in use, a spare (or in storage), or in repair."""

    USE = "use"
    SPARE = "spare"
    REPAIR = "repair"


@dataclass(frozen=True, kw_only=True, slots=True)
class CountedDevices:
    """Devices of a school that are alike; `for_students` is whether students use them, `last_good` None if unknown."""

    school: str
    kind: str
    last_good: date | None
    state: DeviceState
    for_students: bool
    count: int


@dataclass(frozen=True, kw_only=True)
class SchoolPeople:
    """Students and staff of a school by the resolved people; None where no roster lists any."""

    school: str
    students: int | None
    staff: int | None


@dataclass(frozen=True, kw_only=True)
class ShownCount:
    """A count of people, or why it is not shown: unknown, or fewer than ten."""

    count: int | None
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class StudentDevices:
    """Devices of students in a school. Spares are in support; ratios are None where students are not shown."""

    in_support: int
    spare: int
    past_support: int
    unknown: int
    in_repair: int
    per_student: Fraction | None
    spare_per_student: Fraction | None


@dataclass(frozen=True, kw_only=True)
class NetworkGear:
    """Switches or access points of a school; `unknown` have no last good day."""

    total: int
    past_support: int
    unknown: int


@dataclass(frozen=True, kw_only=True)
class SchoolBandwidth:
    """Megabits per second of the lines of a school, what its people need, and what is missing; None with `why`."""

    megabits: int | None
    needed: int | None
    missing: int | None
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class MissingItem:
    """What a school lacks if something happens: `missing` of `needed`, or None and why it is unknown."""

    scenario: str
    item: str
    needed: int | None
    missing: int | None
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class SchoolAging:
    """What is known of a school. `first` has the item that lacks the largest share of its need, by scenario."""

    school: str
    students: ShownCount
    staff: ShownCount
    devices: StudentDevices
    gear: Mapping[str, NetworkGear]
    line: SchoolBandwidth
    missing: tuple[MissingItem, ...]
    first: Mapping[str, str | None]
