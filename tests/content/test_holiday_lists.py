"""Holiday lists of laws: those that ship agree with a package of others who read the same statutes."""

from __future__ import annotations

from datetime import date, timedelta

import holidays
import pytest

from homeroom.library.comply.laws.holiday_lists import load_holiday_lists

LISTS = {item.id: item for item in load_holiday_lists()}
FIRST, LAST = date(2022, 1, 1), date(2040, 12, 31)
DAYS = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
YEARS = range(FIRST.year, LAST.year + 2)
"""A year more than the days: 1 January on a Saturday is kept in the year before."""
STATES = {"us-ny": "NY", "us-tx": "TX", "us-ca": "CA"}


def test_federal_holidays_are_those_of_the_package_on_each_weekday():
    others = holidays.country_holidays("US", years=YEARS)
    inaugurations = {day for day, name in others.items() if "Inauguration" in name}
    differing = [
        day
        for day in DAYS
        if day.weekday() < 5 and day not in inaugurations and LISTS["us"].is_holiday(day) != (day in others)
    ]
    assert differing == []


@pytest.mark.parametrize("name", STATES)
def test_a_state_list_has_no_day_that_the_package_does_not_have(name: str):
    """A list may be shorter, so that a deadline is early; a day too many would make it late."""
    others = holidays.country_holidays("US", subdiv=STATES[name], years=YEARS)
    too_many = [day for day in DAYS if day.weekday() < 5 and LISTS[name].is_holiday(day) and day not in others]
    assert too_many == []
    assert sum(LISTS[name].is_holiday(day) for day in DAYS) > 8 * 19


def test_each_list_is_checked_by_a_test():
    assert set(LISTS) == {"us", *STATES}
