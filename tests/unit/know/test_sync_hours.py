"""Test that a connection syncs at its interval, and never while class is in session."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from homeroom.domain.scheduling.sync_hours import compute_next_time, is_allowed
from homeroom.domain.schooldays import SchoolDay

CHICAGO = ZoneInfo("America/Chicago")
MONDAY = date(2026, 11, 16)
DAYS = {
    MONDAY: SchoolDay(day=MONDAY, kind="school", first_bell=8 * 60, last_bell=15 * 60 + 5),
    MONDAY + timedelta(days=1): SchoolDay(day=MONDAY + timedelta(days=1), kind="break"),
}


def get_school_day(day: date) -> SchoolDay | None:
    return DAYS.get(day, SchoolDay(day=day, kind="closed"))


def build_time(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=CHICAGO).astimezone(UTC)


@pytest.mark.parametrize(
    ("quiet", "moment", "may"),
    [
        ("night", build_time(16, 19, 59), False),
        ("night", build_time(16, 20), True),
        ("night", build_time(17, 5, 29), True),
        ("night", build_time(17, 5, 30), False),
        ("class", build_time(16, 7, 59), True),
        ("class", build_time(16, 8), False),
        ("class", build_time(16, 15, 4), False),
        ("class", build_time(16, 15, 5), True),
        ("class", build_time(17, 10), True),  # a break
        ("any", build_time(16, 10), True),
    ],
)
def test_class_and_day_are_left_alone(quiet: str, moment: datetime, may: bool) -> None:
    assert is_allowed(moment, quiet=quiet, zone=CHICAGO, calendar=get_school_day) is may


def test_without_a_calendar_a_weekday_may_have_class() -> None:
    assert not is_allowed(build_time(18, 10), quiet="class", zone=CHICAGO, calendar=lambda _: None)
    assert is_allowed(build_time(18, 16), quiet="class", zone=CHICAGO, calendar=lambda _: None)
    assert is_allowed(build_time(21, 10), quiet="class", zone=CHICAGO, calendar=lambda _: None)


@pytest.mark.parametrize(
    ("interval", "quiet", "last", "now", "expected"),
    [
        (0, "any", None, build_time(16, 9), None),
        (24, "night", None, build_time(16, 9), build_time(16, 20)),
        (24, "night", build_time(16, 21), build_time(16, 21, 10), build_time(17, 21)),
        (2, "class", build_time(16, 7, 30), build_time(16, 7, 40), build_time(16, 15, 15)),
        (1, "any", build_time(16, 7, 30), build_time(16, 9), build_time(16, 9)),
        (168, "night", build_time(16, 21), build_time(16, 22), build_time(23, 21)),
    ],
)
def test_the_next_time_is_the_first_that_is_due_and_quiet(
    interval: int, quiet: str, last: datetime | None, now: datetime, expected: datetime | None
) -> None:
    assert (
        compute_next_time(last=last, now=now, every_hours=interval, quiet=quiet, zone=CHICAGO, calendar=get_school_day)
        == expected
    )
