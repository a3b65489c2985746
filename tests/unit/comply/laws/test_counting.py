"""Counting of deadlines: equal to a count by hand for every unit, zone and edge."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from homeroom.domain.comply.laws.cases import SchoolDayList
from homeroom.domain.comply.laws.clocks import ClockUnit, TimeLimit
from homeroom.domain.comply.laws.holidays import BusinessCalendar, HolidayList
from homeroom.domain.comply.laws.moments import CaseMoment, InvalidCaseMoment, parse_moment
from homeroom.domain.manage.planning import Holiday
from homeroom.engines.comply.laws.counting import CountingCalendars, add_months, count_from_moment, roll_to_business_day
from homeroom.library.comply.laws.holiday_lists import load_holiday_lists
from tests.unit.comply.laws.naive_counter import (
    count_days,
    count_hours,
    count_months,
    find_instants,
    list_business_days,
)

NEW_YORK = ZoneInfo("America/New_York")
ZONES = [ZoneInfo(name) for name in ("America/New_York", "America/Chicago", "America/Phoenix", "America/Los_Angeles",
                                     "Pacific/Honolulu", "America/Havana", "Australia/Lord_Howe")]  # fmt: skip
FEDERAL = BusinessCalendar(holidays=tuple(item for item in load_holiday_lists() if item.id == "us"))
BUSINESS_DAYS = list_business_days(2018, 2032)
days = some.dates(min_value=date(2019, 1, 1), max_value=date(2030, 6, 30))
edges = some.sampled_from([
    date(2024, 2, 28), date(2024, 2, 29), date(2026, 1, 31), date(2026, 3, 7), date(2026, 10, 31),
    date(2026, 12, 31), date(2027, 12, 30), date(2021, 12, 30), date(2022, 12, 30),
])  # fmt: skip
MANY = settings(max_examples=150, deadline=None)


def count(moment: CaseMoment, number: int, unit: ClockUnit, **calendars):
    calendars = {"business": FEDERAL, "zone": NEW_YORK, **calendars}
    limit = TimeLimit(count=number, unit=unit)
    return count_from_moment(moment, limit, calendars=CountingCalendars(**calendars))


def build_day(day: date) -> CaseMoment:
    return CaseMoment(name="discovered", day=day, at=None)


@MANY
@given(day=days | edges, number=some.integers(1, 400))
def test_days_and_months_are_those_of_a_wall_calendar(day: date, number: int):
    assert count(build_day(day), number, ClockUnit.DAYS).due == count_days(day, number)
    assert count(build_day(day), number % 40 + 1, ClockUnit.MONTHS).due == count_months(day, number % 40 + 1)


@MANY
@given(day=days | edges, number=some.integers(1, 90))
def test_business_days_leave_out_weekends_and_federal_holidays(day: date, number: int):
    assert count(build_day(day), number, ClockUnit.BUSINESS_DAYS).due == count_days(day, number, BUSINESS_DAYS)
    rolled = roll_to_business_day(day, business=FEDERAL)
    assert rolled == (day if day in BUSINESS_DAYS else count_days(day, 1, BUSINESS_DAYS))


@MANY
@given(
    local=some.datetimes(min_value=datetime(2019, 1, 1), max_value=datetime(2030, 1, 1))  # noqa: DTZ001
    | some.builds(
        lambda minutes, day: day + timedelta(minutes=minutes),
        some.integers(0, 5 * 60),
        some.sampled_from([datetime(2026, 3, 8), datetime(2026, 11, 1), datetime(2026, 4, 5), datetime(2026, 10, 4)]),  # noqa: DTZ001
    ),
    zone=some.sampled_from(ZONES),
    hours=some.sampled_from([1, 24, 48, 72, 100]),
)
def test_hours_elapse_and_local_times_are_the_earlier_or_refused(local: datetime, zone: ZoneInfo, hours: int):
    local = local.replace(second=0, microsecond=0)
    instants = find_instants(local, zone)
    if not instants:
        with pytest.raises(InvalidCaseMoment, match="does not exist"):
            parse_moment("believed", local.isoformat(), zone=zone)
        return
    moment = parse_moment("believed", local.isoformat(), zone=zone)
    assert (moment.at, moment.day) == (instants[0], local.date())
    counted = count(moment, hours, ClockUnit.HOURS, zone=zone)
    assert (counted.due_at, counted.due) == count_hours(instants[0], hours, zone)


@MANY
@given(day=days, number=some.integers(1, 30), closed=some.sets(some.integers(0, 300), max_size=80))
def test_school_days_claim_nothing_beyond_the_calendar(day: date, number: int, closed: set[int]):
    first, last = date(2025, 8, 18), date(2026, 5, 29)
    school = [
        first + timedelta(days=index)
        for index in range((last - first).days + 1)
        if index not in closed and (first + timedelta(days=index)).weekday() < 5
    ]
    calendar = SchoolDayList(first_day=first, last_day=last, days=tuple(school))
    later = [item for item in school if item > day] if first <= day <= last else []
    counted = count(build_day(day), number, ClockUnit.SCHOOL_DAYS, school_days=calendar)
    assert counted.due == (later[number - 1] if len(later) >= number else None)
    if counted.due is None and first <= day <= last:
        assert (counted.reached, counted.reached_on) == (len(later), last)


@pytest.mark.parametrize(("start", "number", "end"), [
    ("2026-01-31", 1, "2026-02-28"), ("2024-01-31", 1, "2024-02-29"), ("2026-08-31", 1, "2026-09-30"),
    ("2025-12-31", 2, "2026-02-28"), ("2026-02-28", 12, "2027-02-28"),
])  # fmt: skip
def test_a_month_after_the_last_day_is_the_end_of_a_shorter_month(start: str, number: int, end: str):
    assert add_months(date.fromisoformat(start), number) == date.fromisoformat(end)


def test_a_moment_known_to_the_day_starts_hours_at_its_midnight():
    moment = parse_moment("believed", "2026-03-07", zone=NEW_YORK)
    counted = count(moment, 72, ClockUnit.HOURS)
    assert counted.due_at == datetime(2026, 3, 10, 5, tzinfo=UTC)  # one hour of the three days is skipped
    assert counted.due == date(2026, 3, 10)


def test_the_day_of_a_moment_is_that_of_the_district_and_not_of_its_offset():
    assert parse_moment("discovered", "2026-03-07T03:30:00Z", zone=NEW_YORK).day == date(2026, 3, 6)
    assert parse_moment("discovered", "2026-03-06T22:30:00-08:00", zone=NEW_YORK).day == date(2026, 3, 7)


@pytest.mark.parametrize("text", [
    "", "today", "2026-3-6", "2026-02-30", "20260306", "2026-03-06T25:00", "2026-03-06T22:30+99:00", "1066-10-14",
    5, None, "2026-03-06T22:30:00-05:00 ", "2026-W10-5",
])  # fmt: skip
def test_what_is_no_moment_is_refused_with_what_would_fit(text):
    with pytest.raises(InvalidCaseMoment, match="would fit"):
        parse_moment("discovered", text, zone=NEW_YORK)


def test_a_time_needs_the_zone_of_the_district_and_a_day_does_not():
    assert parse_moment("discovered", "2026-03-06", zone=None).day == date(2026, 3, 6)
    with pytest.raises(InvalidCaseMoment) as refused:
        parse_moment("discovered", "2026-03-06T08:00:00Z", zone=None)
    assert refused.value.field == "timezone"


def build_list(*listed: Holiday | date, moves: bool) -> HolidayList:
    return HolidayList(
        id="own", title="Own", source="A test", checked_on=date(2026, 1, 1), moves=moves, days=tuple(listed)
    )


def test_a_date_on_a_weekend_moves_only_where_the_list_says_so():
    saturday, sunday = date(2026, 7, 4), date(2027, 7, 4)
    for listed in (Holiday(month=7, day=4), saturday):
        assert build_list(listed, moves=True).is_holiday(date(2026, 7, 3))
        assert not build_list(listed, moves=False).is_holiday(date(2026, 7, 3))
        assert build_list(listed, moves=False).is_holiday(saturday)
    assert build_list(Holiday(month=7, day=4), moves=True).is_holiday(sunday + timedelta(days=1))
    new_year = build_list(Holiday(month=1, day=1), moves=True)
    assert new_year.is_holiday(date(2021, 12, 31)), "1 January 2022 is a Saturday, kept in the year before"


@pytest.mark.parametrize(("zone", "day", "begins"), [
    ("America/Havana", "2026-03-08", "2026-03-08T05:00:00"),  # clocks go from 0:00 to 1:00
    ("America/Toronto", "1919-03-31", "1919-03-31T04:30:00"),  # clocks went from 23:30 to 0:30
    ("America/New_York", "2026-03-08", "2026-03-08T05:00:00"),
    ("Asia/Beirut", "2026-10-25", "2026-10-24T22:00:00"),  # clocks go from 24:00 back to 23:00
])  # fmt: skip
def test_a_day_begins_with_its_first_second_where_clocks_skip_its_midnight(zone: str, day: str, begins: str):
    moment = parse_moment("believed", day, zone=ZoneInfo(zone))
    assert moment.at == datetime.fromisoformat(f"{begins}+00:00")


def test_a_day_that_clocks_skip_is_refused():
    with pytest.raises(InvalidCaseMoment, match="clocks skip it"):
        parse_moment("believed", "2011-12-30", zone=ZoneInfo("Pacific/Apia"))
