"""What a school lacks if testing moves online, or if 5 % more students come, and what it lacks the most of.

Testing online takes a device in support for each student at once, switches and access points in support, and the line.
More students take as many devices each as students have today, at most one, and their part of the line.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

from homeroom.domain.manage.aging.schools import MissingItem, NetworkGear, SchoolBandwidth, ShownCount, StudentDevices

TESTING, MORE_STUDENTS = "testing", "more students"
SCENARIOS = (TESTING, MORE_STUDENTS)
GROWTH = Fraction(5, 100)
NO_GEAR = "no list has any of this school"


def list_missing_items(
    students: ShownCount, devices: StudentDevices, gear: Mapping[str, NetworkGear], line: SchoolBandwidth
) -> tuple[MissingItem, ...]:
    """Return what is missing of each item in each scenario."""
    return (
        _count_testing_devices(students, devices),
        *(_count_gear(kind, item) for kind, item in gear.items()),
        MissingItem(scenario=TESTING, item="megabits", needed=line.needed, missing=line.missing, why=line.why),
        _count_more_devices(students, devices),
        _count_more_megabits(students, line),
    )


def find_first_items(missing: Sequence[MissingItem]) -> dict[str, str | None]:
    """Return by scenario the item that lacks the largest share of its need; None where nothing is known to be missing.

    Of two that lack the same share, the one that is listed first.
    """
    first: dict[str, str | None] = {}
    for scenario in SCENARIOS:
        lacking = [item for item in missing if item.scenario == scenario and item.missing and item.needed]
        worst = max(lacking, key=lambda item: Fraction(item.missing or 0, item.needed or 1), default=None)
        first[scenario] = worst.item if worst else None
    return first


def _count_testing_devices(students: ShownCount, devices: StudentDevices) -> MissingItem:
    if students.count is None:
        return MissingItem(scenario=TESTING, item="devices", needed=None, missing=None, why=students.why)
    at_hand = devices.in_support + devices.spare
    return _compare(TESTING, needed=students.count, at_hand=at_hand, unknown=devices.unknown)


def _count_more_devices(students: ShownCount, devices: StudentDevices) -> MissingItem:
    if students.count is None:
        return MissingItem(scenario=MORE_STUDENTS, item="devices", needed=None, missing=None, why=students.why)
    in_use = devices.in_support + devices.past_support
    if not in_use:
        reason = (
            f"{devices.unknown} devices have no last good day" if devices.unknown else "no list has devices of students"
        )
        return MissingItem(scenario=MORE_STUDENTS, item="devices", needed=None, missing=None, why=reason)
    share = min(Fraction(1), Fraction(in_use + devices.unknown, students.count))
    needed = math.ceil(math.ceil(students.count * GROWTH) * share)
    return _compare(MORE_STUDENTS, needed=needed, at_hand=devices.spare, unknown=devices.unknown)


def _compare(scenario: str, *, needed: int, at_hand: int, unknown: int) -> MissingItem:
    """Compare a need with what is at hand; devices without a last good day make it unknown where they may matter."""
    if unknown and at_hand < needed:
        reason = f"{unknown} devices have no last good day"
        return MissingItem(scenario=scenario, item="devices", needed=needed, missing=None, why=reason)
    return MissingItem(scenario=scenario, item="devices", needed=needed, missing=max(0, needed - at_hand))


def _count_gear(kind: str, gear: NetworkGear) -> MissingItem:
    if not gear.total:
        return MissingItem(scenario=TESTING, item=kind, needed=None, missing=None, why=NO_GEAR)
    reason = f"{gear.unknown} of them have no last good day" if gear.unknown else ""
    missing = gear.past_support if gear.past_support or not gear.unknown else None
    return MissingItem(scenario=TESTING, item=kind, needed=gear.total, missing=missing, why=reason)


def _count_more_megabits(students: ShownCount, line: SchoolBandwidth) -> MissingItem:
    if students.count is None or line.needed is None:
        return MissingItem(
            scenario=MORE_STUDENTS, item="megabits", needed=None, missing=None, why=line.why or students.why
        )
    needed = line.needed + math.ceil(students.count * GROWTH)
    if line.megabits is None or (line.missing is None and needed <= line.megabits):
        return MissingItem(scenario=MORE_STUDENTS, item="megabits", needed=needed, missing=None, why=line.why)
    return MissingItem(scenario=MORE_STUDENTS, item="megabits", needed=needed, missing=max(0, needed - line.megabits))
