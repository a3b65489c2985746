"""A day of visits is work from the first start to the last end: waiting and drives count."""

from __future__ import annotations

from datetime import date

from homeroom.domain.manage.rollouts.working_days import TimedVisit, sum_working_minutes

MONDAY, TUESDAY = date(2026, 1, 12), date(2026, 1, 13)


def test_waiting_between_two_visits_is_work_and_a_night_is_none():
    visits = [
        TimedVisit(day=MONDAY, starts=800, ends=830, people=["Kim", "Lee"]),
        TimedVisit(day=MONDAY, starts=480, ends=510, people=["Kim"]),
        TimedVisit(day=TUESDAY, starts=480, ends=500, people=["Kim"]),
    ]
    assert sum_working_minutes(visits) == {"Kim": 350 + 20, "Lee": 30}
    assert sum_working_minutes([]) == {}
