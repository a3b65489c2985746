"""Test the district's days: its own calendar if it has one, otherwise its schools' calendars combined."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from homeroom.evidence.query.session import open_session_over

MONDAY = date(2026, 1, 5)
OWN = {"org_key": "", "kind": "closed", "title": "Snow day", "first_bell": None, "last_bell": None}
HIGH = {"org_key": "High", "kind": "school", "title": "Finals", "first_bell": "08:30", "last_bell": "15:00"}
MIDDLE = {"org_key": "Middle", "kind": "school", "title": None, "first_bell": "07:45", "last_bell": "14:10"}
LOWER = {"org_key": "Lower", "kind": "break", "title": "Recess", "first_bell": None, "last_bell": None}


@pytest.mark.parametrize(
    ("rows", "day"),
    [
        ([OWN, HIGH], ("closed", "Snow day", None, None)),
        ([{**OWN, "org_key": None}, HIGH], ("closed", "Snow day", None, None)),
        ([HIGH, MIDDLE, LOWER], ("school", "Finals", "07:45", "15:00")),
        ([MIDDLE], ("school", None, "07:45", "14:10")),
        ([LOWER], ("break", "Recess", None, None)),
        ([LOWER, {**LOWER, "org_key": "High", "kind": "summer", "title": None}], ("break", "Recess", None, None)),
        ([{**LOWER, "kind": "summer"}], ("summer", "Recess", None, None)),
    ],
)
def test_a_day_is_the_districts_by_one_rule(rows: list[dict[str, Any]], day: tuple[str | None, ...]) -> None:
    frame = pl.DataFrame(
        [{"date": MONDAY, **row} for row in rows],
        schema_overrides={"first_bell": pl.String, "last_bell": pl.String, "title": pl.String},
    )
    session = open_session_over({"calendar_days": frame})
    assert session.execute("SELECT * FROM district_days").fetchall() == [(MONDAY, *day)]


def test_a_district_that_has_a_calendar_has_no_other_days() -> None:
    ordinary = {**OWN, "kind": "school", "title": None}
    frame = pl.DataFrame([{"date": MONDAY, **ordinary}, {"date": date(2026, 1, 6), **HIGH}])
    days = open_session_over({"calendar_days": frame}).execute("SELECT date FROM district_days").fetchall()
    assert days == [(MONDAY,)]


@pytest.mark.parametrize(
    ("rows", "days"),
    [
        ([{**OWN, "kind": "school", "title": None}, OWN], [("closed", "Snow day")]),
        ([{**OWN, "kind": "school", "title": "Early release"}, OWN], [("school", "Early release")]),
        ([{**OWN, "kind": "school", "title": None}, {**OWN, "title": None}], [("school", None)]),
        ([OWN], []),
        ([MIDDLE, OWN], [("closed", "Snow day")]),
    ],
    ids=["beside weekdays", "beside a named school day", "a weekend of another calendar", "alone", "beside a school's"],
)
def test_closings_alone_close_what_another_calendar_counts_as_a_weekday(
    rows: list[dict[str, Any]], days: list[tuple[str, str | None]]
) -> None:
    overrides = {"first_bell": pl.String, "last_bell": pl.String, "title": pl.String}
    frame = pl.DataFrame([{"date": MONDAY, **row} for row in rows], schema_overrides=overrides)
    session = open_session_over({"calendar_days": frame})
    assert session.execute("SELECT kind, title FROM district_days").fetchall() == days


CALENDAR = ("date", "org_key", "kind", "first_bell", "last_bell")
WEEK = ("org_key", "weekday", "kind", "first_bell", "last_bell")
SCHOOL = (MONDAY, "", "school", None, None)
EARLY = ("High", "mon", "school", "07:20", "14:00")
LATE = ("Middle", "mon", "school", "08:40", "15:40")


def list_bells(days: list[tuple[Any, ...]], weeks: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return the kind and bells of each day in district_bells, in order."""
    session = open_session_over(
        {
            "calendar_days": pl.DataFrame(
                days, schema={name: pl.Date if name == "date" else pl.String for name in CALENDAR}, orient="row"
            ),
            "bell_weeks": pl.DataFrame(weeks, schema=dict.fromkeys(WEEK, pl.String), orient="row"),
        }
    )
    return session.execute("SELECT kind, first_bell, last_bell FROM district_bells ORDER BY date").fetchall()


@pytest.mark.parametrize(
    ("days", "weeks", "message"),
    [
        ([SCHOOL], [EARLY, LATE], ("school", "07:20", "15:40")),
        ([SCHOOL], [("High", "tue", *EARLY[2:])], ("school", None, None)),
        ([SCHOOL], [("High", "mon", "closed", None, None)], ("school", None, None)),
        ([(*SCHOOL[:3], "08:00", "15:00")], [EARLY, LATE], ("school", "08:00", "15:00")),
        ([(*SCHOOL[:3], None, "12:30")], [EARLY], ("school", "07:20", "12:30")),
        ([(MONDAY, "", "closed", None, None)], [EARLY], ("closed", None, None)),
        ([SCHOOL, (MONDAY, "High", "school", "09:30", "14:00")], [EARLY, LATE], ("school", "08:40", "15:40")),
        ([SCHOOL, (MONDAY, "High", "school", None, None)], [EARLY], ("school", "07:20", "14:00")),
        ([SCHOOL, (MONDAY, "High", "staff", None, None)], [EARLY, LATE], ("school", "08:40", "15:40")),
        ([(MONDAY, "High", "school", "09:30", "14:00")], [LATE], ("school", "08:40", "15:40")),
    ],
)
def test_bells_are_the_days_own_then_each_schools_by_its_calendar_or_its_week(
    days: list[tuple[Any, ...]], weeks: list[tuple[Any, ...]], message: tuple[str | None, ...]
) -> None:
    assert list_bells(days, weeks) == [message]


def test_a_usual_week_makes_no_day_of_the_calendar() -> None:
    weeks = pl.DataFrame([EARLY, LATE, ("High", "fri", "closed", None, None)], schema=list(WEEK), orient="row")
    session = open_session_over({"bell_weeks": weeks})
    assert session.execute("SELECT * FROM district_days").fetchall() == []
    assert session.execute("SELECT * FROM district_bells").fetchall() == []
    assert session.execute("SELECT * FROM district_week").fetchall() == [("mon", "07:20", "15:40")]
