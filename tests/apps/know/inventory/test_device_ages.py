"""How old devices are, by class of full years and school."""

from __future__ import annotations

from datetime import date

from homeroom.apps.know.inventory.lifecycle.device_ages import group_device_ages

TODAY = date(2026, 1, 15)


def test_ages_are_full_years_and_what_has_no_day_stands_beside_them() -> None:
    rows = [
        ("Cedar", date(2025, 8, 1), 3),
        ("Cedar", date(2025, 1, 1), 2),
        ("", None, 4),
        ("Lincoln", date(2020, 2, 1), 5),
    ]
    ages = group_device_ages(rows, today=TODAY)
    assert ages.classes == ("0", "1", "2", "3", "4", "5", "6", "7+", "unknown")
    assert [ages.counts[name] for name in ages.classes] == [3, 2, 0, 0, 0, 5, 0, 0, 4]
    assert [(school.name, school.total) for school in ages.schools] == [("", 4), ("Cedar", 5), ("Lincoln", 5)]


def test_very_old_devices_are_counted_together_and_a_day_ahead_is_under_a_year() -> None:
    rows = [("Cedar", date(2012, 1, 1), 1), ("Cedar", date(2019, 1, 1), 2), ("Cedar", date(2026, 8, 1), 4)]
    ages = group_device_ages(rows, today=TODAY)
    assert (ages.counts["7+"], ages.counts["0"]) == (3, 4)
    assert "unknown" not in ages.classes
