"""When updates of Chromebooks end, by class of year and school."""

from __future__ import annotations

from datetime import date

import pytest

from homeroom.apps.know.inventory.lifecycle.update_ends import group_update_ends

TODAY = date(2026, 1, 15)


def test_years_are_classes_and_what_is_past_or_not_known_stands_beside_them() -> None:
    rows = [("Cedar", 2024, False, 3), ("Cedar", 2026, True, 2), ("Lincoln", 2028, True, 5)]
    ends = group_update_ends([*rows, ("Lincoln", None, False, 1), ("", 2025, True, 4)], today=TODAY)
    assert ends.classes == ("past", "2026", "2027", "2028", "unknown")
    assert [ends.counts[name] for name in ends.classes] == [7, 2, 0, 5, 1]
    assert [(school.name, school.total) for school in ends.schools] == [("", 4), ("Cedar", 5), ("Lincoln", 6)]
    assert sum(school.total for school in ends.schools) == sum(ends.counts.values())


def test_years_far_ahead_are_counted_together() -> None:
    rows = [("Cedar", 2034, True, 1), ("Cedar", 2036, True, 2), ("Cedar", 2033, True, 4)]
    ends = group_update_ends(rows, today=TODAY)
    assert ends.classes[-2:] == ("2033", "2034+")
    assert (ends.counts["2033"], ends.counts["2034+"]) == (4, 3)
    assert "past" not in ends.classes


def test_a_fleet_that_is_past_its_updates_still_has_this_year() -> None:
    ends = group_update_ends([("Cedar", 2020, False, 9)], today=TODAY)
    assert (ends.classes, ends.counts["past"]) == (("past", "2026"), 9)


@pytest.mark.parametrize(
    ("today", "by_fall"),
    [(date(2026, 1, 15), 5), (date(2026, 7, 31), 5), (date(2026, 8, 1), 13), (date(2026, 12, 31), 13)],
)
def test_what_ends_before_the_next_fall_is_counted_with_what_is_past(today: date, by_fall: int) -> None:
    rows = [("Cedar", 2024, False, 3), ("Cedar", 2026, True, 2), ("Cedar", 2026, False, 8), ("Cedar", 2027, False, 16)]
    ends = group_update_ends([*rows, ("Lincoln", 2027, False, 7), ("Lincoln", None, False, 1)], today=today)
    assert [(school.name, school.by_fall) for school in ends.schools] == [("Cedar", by_fall), ("Lincoln", 0)]
    assert (ends.fall.month, ends.fall > today) == (8, True)
