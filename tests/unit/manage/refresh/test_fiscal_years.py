"""The first fiscal year for which a device is not good, against a walk over all days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from homeroom.domain.manage.refresh.fiscal_years import FiscalCalendar


@pytest.mark.parametrize("starts", [1, 4, 7, 12])
@pytest.mark.parametrize("needed", [(1, 1), (2, 29), (5, 31), (6, 30), (7, 1), (12, 31)])
def test_a_device_is_due_in_the_first_year_whose_needed_day_it_does_not_reach(
    starts: int, needed: tuple[int, int]
) -> None:
    calendar = FiscalCalendar(starts_in_month=starts, needed_until=needed)
    days = [date(2026, 12, 25) + timedelta(days=number) for number in range(900)]
    for year in (2027, 2028, 2029):
        first = date(year if starts == 1 else year - 1, starts, 1)
        assert first <= calendar.find_needed_day(year) < date(first.year + 1, first.month, 1)
    for last_good in days:
        due = calendar.find_due_year(last_good)
        assert calendar.find_needed_day(due) > last_good
        assert calendar.find_needed_day(due - 1) <= last_good


def test_a_device_that_lasts_to_the_needed_day_is_good_for_the_year() -> None:
    calendar = FiscalCalendar(starts_in_month=7, needed_until=(5, 31))
    assert calendar.find_needed_day(2028) == date(2028, 5, 31)
    assert calendar.find_due_year(date(2028, 5, 31)) == 2029
    assert calendar.find_due_year(date(2028, 5, 30)) == 2028
    assert FiscalCalendar(starts_in_month=7, needed_until=(9, 30)).find_needed_day(2028) == date(2027, 9, 30)
