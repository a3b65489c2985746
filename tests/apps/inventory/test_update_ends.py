"""When updates of Chromebooks end, by class of year and school."""

from __future__ import annotations

from homeroom.apps.inventory.update_ends import group_update_ends


def test_years_are_classes_and_what_is_past_or_not_known_stands_beside_them() -> None:
    rows = [("Cedar", 2024, 3), ("Cedar", 2026, 2), ("Lincoln", 2028, 5), ("Lincoln", None, 1), ("", 2025, 4)]
    ends = group_update_ends(rows, this_year=2026)
    assert ends.classes == ("past", "2026", "2027", "2028", "unknown")
    assert [ends.counts[name] for name in ends.classes] == [7, 2, 0, 5, 1]
    assert [(school.name, school.total) for school in ends.schools] == [("", 4), ("Cedar", 5), ("Lincoln", 6)]
    assert sum(school.total for school in ends.schools) == sum(ends.counts.values())


def test_years_far_ahead_are_counted_together() -> None:
    ends = group_update_ends([("Cedar", 2034, 1), ("Cedar", 2036, 2), ("Cedar", 2033, 4)], this_year=2026)
    assert ends.classes[-2:] == ("2033", "2034+")
    assert (ends.counts["2033"], ends.counts["2034+"]) == (4, 3)
    assert "past" not in ends.classes


def test_a_fleet_that_is_past_its_updates_still_has_this_year() -> None:
    ends = group_update_ends([("Cedar", 2020, 9)], this_year=2026)
    assert (ends.classes, ends.counts["past"]) == (("past", "2026"), 9)
