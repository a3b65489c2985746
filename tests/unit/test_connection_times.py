"""A connection is asked every so many hours, and never while class is held."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from homeroom.apps.connections.timing import allowed, next_time
from homeroom.engines.plan.quiet import SchoolDay

CHICAGO = ZoneInfo("America/Chicago")
MONDAY = date(2026, 11, 16)
DAYS = {
    MONDAY: SchoolDay(day=MONDAY, kind="school", first_bell=8 * 60, last_bell=15 * 60 + 5),
    MONDAY + timedelta(days=1): SchoolDay(day=MONDAY + timedelta(days=1), kind="break"),
}


def calendar(day: date) -> SchoolDay | None:
    return DAYS.get(day, SchoolDay(day=day, kind="closed"))


def here(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=CHICAGO).astimezone(UTC)


@pytest.mark.parametrize(
    ("quiet", "moment", "may"),
    [
        ("night", here(16, 19, 59), False),
        ("night", here(16, 20), True),
        ("night", here(17, 5, 29), True),
        ("night", here(17, 5, 30), False),
        ("class", here(16, 7, 59), True),
        ("class", here(16, 8), False),
        ("class", here(16, 15, 4), False),
        ("class", here(16, 15, 5), True),
        ("class", here(17, 10), True),  # a break
        ("any", here(16, 10), True),
    ],
)
def test_class_and_day_are_left_alone(quiet: str, moment: datetime, may: bool) -> None:
    assert allowed(moment, quiet=quiet, zone=CHICAGO, told=calendar) is may


def test_without_a_calendar_a_weekday_may_have_class() -> None:
    assert not allowed(here(18, 10), quiet="class", zone=CHICAGO, told=lambda _: None)
    assert allowed(here(18, 16), quiet="class", zone=CHICAGO, told=lambda _: None)
    assert allowed(here(21, 10), quiet="class", zone=CHICAGO, told=lambda _: None)


@pytest.mark.parametrize(
    ("every", "quiet", "last", "now", "expected"),
    [
        (0, "any", None, here(16, 9), None),
        (24, "night", None, here(16, 9), here(16, 20)),
        (24, "night", here(16, 21), here(16, 21, 10), here(17, 21)),
        (2, "class", here(16, 7, 30), here(16, 7, 40), here(16, 15, 15)),
        (1, "any", here(16, 7, 30), here(16, 9), here(16, 9)),
        (168, "night", here(16, 21), here(16, 22), here(23, 21)),
    ],
)
def test_the_next_time_is_the_first_that_is_due_and_quiet(
    every: int, quiet: str, last: datetime | None, now: datetime, expected: datetime | None
) -> None:
    assert next_time(last=last, now=now, every_hours=every, quiet=quiet, zone=CHICAGO, told=calendar) == expected
