"""Aging of each school: devices in support and spare for each student, network gear past support, and its line.

A line is compared with the goal of the Federal Communications Commission: 1 Gbps for each 1,000 students and staff,
which is a megabit per second for each person. Source: FCC 14-99 (E-rate Modernization Order), paragraph 34.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction

from homeroom.domain.manage.aging.schools import (
    CountedDevices,
    DeviceState,
    NetworkGear,
    SchoolAging,
    SchoolBandwidth,
    SchoolPeople,
    ShownCount,
    StudentDevices,
)
from homeroom.domain.small_counts import MIN_COUNT
from homeroom.engines.manage.aging.missing_items import find_first_items, list_missing_items

GEAR = ("switch", "access_point")
MEGABITS_A_PERSON = 1
UNKNOWN_STUDENTS, UNKNOWN_STAFF = "no roster lists students of this school", "no roster lists staff of this school"
FEW = "fewer than ten"


def build_school_aging(
    people: Iterable[SchoolPeople], devices: Iterable[CountedDevices], megabits: Mapping[str, int], *, today: date
) -> tuple[SchoolAging, ...]:
    """Return the aging of each school in the order of their names; `megabits` are those of a school's lines together.

    A device is in support until its last good day. Devices without a school are left out.
    """
    by_school: defaultdict[str, list[CountedDevices]] = defaultdict(list)
    for item in devices:
        by_school[item.school].append(item)
    people_by_school = {item.school: item for item in people}
    names = sorted({*by_school, *people_by_school, *megabits} - {""})
    return tuple(
        _build_school(name, people_by_school.get(name), by_school[name], megabits.get(name), today) for name in names
    )


def _build_school(
    name: str, people: SchoolPeople | None, devices: Sequence[CountedDevices], megabits: int | None, today: date
) -> SchoolAging:
    students = _show_count(people.students if people else None, UNKNOWN_STUDENTS)
    staff = _show_count(people.staff if people else None, UNKNOWN_STAFF)
    student_devices = _count_student_devices(devices, students.count, today)
    gear = {kind: _count_gear(kind, devices, today) for kind in GEAR}
    line = _compare_line(people, megabits)
    missing = list_missing_items(students, student_devices, gear, line)
    return SchoolAging(
        school=name,
        students=students,
        staff=staff,
        devices=student_devices,
        gear=gear,
        line=line,
        missing=missing,
        first=find_first_items(missing),
    )


def _show_count(count: int | None, unknown: str) -> ShownCount:
    if not count:
        return ShownCount(count=None, why=unknown)
    return ShownCount(count=count) if count >= MIN_COUNT else ShownCount(count=None, why=FEW)


def _count_student_devices(devices: Sequence[CountedDevices], students: int | None, today: date) -> StudentDevices:
    counts: defaultdict[str, int] = defaultdict(int)
    for item in devices:
        if item.for_students:
            counts[_sort_device(item, today)] += item.count
    in_support, spare = counts["in_support"], counts["spare"]
    return StudentDevices(
        in_support=in_support,
        spare=spare,
        past_support=counts["past_support"],
        unknown=counts["unknown"],
        in_repair=counts["in_repair"],
        per_student=Fraction(in_support, students) if students else None,
        spare_per_student=Fraction(spare, students) if students else None,
    )


def _sort_device(item: CountedDevices, today: date) -> str:
    if item.state is DeviceState.REPAIR:
        return "in_repair"
    if item.last_good is None:
        return "unknown"
    if item.last_good < today:
        return "past_support"
    return "spare" if item.state is DeviceState.SPARE else "in_support"


def _count_gear(kind: str, devices: Sequence[CountedDevices], today: date) -> NetworkGear:
    gear = [item for item in devices if item.kind == kind and item.state is DeviceState.USE]
    return NetworkGear(
        total=sum(item.count for item in gear),
        past_support=sum(item.count for item in gear if item.last_good is not None and item.last_good < today),
        unknown=sum(item.count for item in gear if item.last_good is None),
    )


def _compare_line(people: SchoolPeople | None, megabits: int | None) -> SchoolBandwidth:
    """Compare the megabits with the goal; with fewer than ten staff it is rounded up to tens, so as not to count them.

    With fewer than ten students nothing is compared.
    """
    if people is None or not people.students:
        return SchoolBandwidth(megabits=megabits, needed=None, missing=None, why=UNKNOWN_STUDENTS)
    if people.students < MIN_COUNT:
        return SchoolBandwidth(megabits=megabits, needed=None, missing=None, why=FEW)
    needed = (people.students + (people.staff or 0)) * MEGABITS_A_PERSON
    if people.staff and people.staff < MIN_COUNT:
        needed = -(-needed // MIN_COUNT) * MIN_COUNT
    if megabits is None:
        return SchoolBandwidth(megabits=None, needed=needed, missing=None, why="no list has the megabits of its line")
    if not people.staff:
        reason = "" if needed > megabits else UNKNOWN_STAFF
        return SchoolBandwidth(
            megabits=megabits, needed=needed, missing=max(0, needed - megabits) if not reason else None, why=reason
        )
    return SchoolBandwidth(megabits=megabits, needed=needed, missing=max(0, needed - megabits))
