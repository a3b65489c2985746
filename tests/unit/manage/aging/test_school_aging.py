"""Aging by school: what is in support, what a school lacks for more, and what is unknown."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from homeroom.domain.manage.aging.schools import CountedDevices, DeviceState, MissingItem, SchoolAging, SchoolPeople
from homeroom.engines.manage.aging.school_aging import build_school_aging

TODAY = date(2026, 11, 28)
GOOD, OVER = date(2029, 6, 30), date(2026, 6, 30)


def count_devices(
    count: int,
    last_good: date | None = GOOD,
    *,
    kind: str = "chromebook",
    state: DeviceState = DeviceState.USE,
    students: bool = True,
    school: str = "Oak",
) -> CountedDevices:
    return CountedDevices(
        school=school, kind=kind, last_good=last_good, state=state, for_students=students, count=count
    )


def build_oak(
    *devices: CountedDevices, students: int | None = 100, staff: int | None = 20, megabits: int | None = 100
) -> SchoolAging:
    people = [SchoolPeople(school="Oak", students=students, staff=staff)]
    lines = {} if megabits is None else {"Oak": megabits}
    (school,) = build_school_aging(people, devices, lines, today=TODAY)
    return school


def find_missing(school: SchoolAging, scenario: str, item: str) -> MissingItem:
    return next(part for part in school.missing if (part.scenario, part.item) == (scenario, item))


def test_devices_are_in_support_until_their_last_good_day() -> None:
    school = build_oak(
        count_devices(60),
        count_devices(5, TODAY),
        count_devices(7, OVER),
        count_devices(10, state=DeviceState.SPARE),
        count_devices(2, state=DeviceState.REPAIR),
        count_devices(3, None),
        count_devices(9, students=False, kind="desktop"),
    )
    devices = school.devices
    assert (devices.in_support, devices.spare, devices.past_support) == (65, 10, 7)
    assert (devices.unknown, devices.in_repair) == (3, 2)
    assert devices.per_student == Fraction(65, 100)
    assert devices.spare_per_student == Fraction(1, 10)


def test_testing_online_takes_a_device_in_support_for_each_student_and_counts_spares() -> None:
    school = build_oak(count_devices(60), count_devices(10, state=DeviceState.SPARE), count_devices(40, OVER))
    assert find_missing(school, "testing", "devices").missing == 30
    assert find_missing(build_oak(count_devices(110)), "testing", "devices").missing == 0


def test_more_students_take_as_many_devices_each_as_students_have_today_from_the_spares() -> None:
    half = build_oak(count_devices(50), students=100)
    part = find_missing(half, "more students", "devices")
    assert (part.needed, part.missing) == (3, 3)  # 5 students, half a device each
    school = build_oak(count_devices(150), count_devices(4, state=DeviceState.SPARE), students=101)
    part = find_missing(school, "more students", "devices")
    assert (part.needed, part.missing) == (6, 2)  # 5.05 students are 6, a device each


def test_a_device_without_a_last_good_day_matters_only_where_it_could_decide() -> None:
    unknown = count_devices(2, None)
    part = find_missing(build_oak(count_devices(99), unknown), "testing", "devices")
    assert part.missing is None
    assert part.why == "2 devices have no last good day"
    assert find_missing(build_oak(count_devices(100), unknown), "testing", "devices").missing == 0


def test_a_line_needs_a_megabit_for_each_student_and_staff() -> None:
    line = build_oak(students=1000, staff=100, megabits=1000).line
    assert (line.needed, line.missing, line.why) == (1100, 100, "")
    assert build_oak(students=900, staff=100, megabits=1000).line.missing == 0
    part = find_missing(build_oak(students=900, staff=100, megabits=1000), "more students", "megabits")
    assert (part.needed, part.missing) == (1045, 45)


def test_a_line_that_no_list_has_cannot_be_told_and_names_what_it_would_need() -> None:
    line = build_oak(megabits=None).line
    assert (line.needed, line.missing) == (120, None)
    assert line.why == "no list has the megabits of its line"


def test_without_known_staff_a_line_is_too_small_or_nobody_can_tell() -> None:
    assert build_oak(students=200, staff=None, megabits=100).line.missing == 100
    line = build_oak(students=100, staff=None, megabits=100).line
    assert line.missing is None
    assert line.why == "no roster lists staff of this school"


def test_network_gear_past_support_is_missing_for_tests_and_gear_in_storage_does_not_count() -> None:
    school = build_oak(
        count_devices(3, OVER, kind="switch", students=False),
        count_devices(4, kind="switch", students=False),
        count_devices(9, OVER, kind="switch", students=False, state=DeviceState.SPARE),
    )
    assert (school.gear["switch"].total, school.gear["switch"].past_support) == (7, 3)
    assert find_missing(school, "testing", "switch").missing == 3
    assert find_missing(school, "testing", "access_point").why == "no list has any of this school"
    school = build_oak(count_devices(4, None, kind="switch", students=False))
    assert find_missing(school, "testing", "switch").missing is None


def test_what_breaks_first_is_what_lacks_the_largest_share_of_its_need() -> None:
    school = build_oak(
        count_devices(90),
        count_devices(1, OVER, kind="switch", students=False),
        count_devices(1, kind="switch", students=False),
        megabits=100,
    )
    assert school.first == {"testing": "switch", "more students": "devices"}
    assert build_oak(count_devices(200), megabits=None).first["testing"] is None


@pytest.mark.parametrize("students", [1, 9])
def test_fewer_than_ten_students_are_not_counted_nor_anything_that_tells_their_number(students: int) -> None:
    school = build_oak(count_devices(30), students=students)
    assert school.students.count is None
    assert school.students.why == "fewer than ten"
    assert school.devices.per_student is None
    assert school.line.needed is None
    assert all(part.missing is None for part in school.missing)


def test_fewer_than_ten_staff_do_not_follow_from_the_megabits() -> None:
    needs = {build_oak(students=101, staff=staff, megabits=0).line.needed for staff in range(1, 10)}
    assert needs == {110}
    assert build_oak(students=101, staff=9).staff.count is None


def test_schools_are_in_the_order_of_their_names_and_devices_of_no_school_are_left_out() -> None:
    people = [SchoolPeople(school=name, students=50, staff=10) for name in ("Pine", "Ash")]
    schools = build_school_aging(people, [count_devices(4, school=""), count_devices(1)], {"Elm": 5}, today=TODAY)
    assert [item.school for item in schools] == ["Ash", "Elm", "Oak", "Pine"]
    assert schools[1].students.why == "no roster lists students of this school"
