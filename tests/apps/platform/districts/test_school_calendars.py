"""Class time as the app asks for it: each school by its own bells, and breaks only where all schools have them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from homeroom.apps.manage.planning.words import format_window
from homeroom.apps.platform.districts import evidence_store
from homeroom.apps.platform.districts.bell_rows import load_school_bells
from homeroom.apps.platform.districts.school_calendars import LOOK_AHEAD, SchoolCalendar, load_school_calendar
from homeroom.connectors.bell.readers import read_days
from homeroom.domain.manage.planning import BETWEEN_CLASSES
from homeroom.domain.scheduling.sync_hours import is_allowed
from homeroom.domain.schooldays import BellCalendar
from homeroom.engines.manage.plan.non_instructional_time import find_quiet_windows
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.library.manage.planning import load_planning_rules
from tests.assessed_district import publish_load
from tests.cast import Cast, create_cast

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 1, 12)
AT = datetime(2026, 1, 12, 9, tzinfo=UTC)
CHICAGO = ZoneInfo("America/Chicago")
WEEK = "* Default Week\nSun weekend\nMon normal\nTue normal\nWed short\nThu normal\nFri normal\nSat weekend\n"
HIGH = """* normal
8:00 {Period 1}
9:30 Passing to {Period 2}
9:35 {Period 2}
11:15 Lunch
11:55 {Period 3}
14:40 Free
* short
8:00 {Period 1}
12:15 Free
* sbac # State tests
8:00 {SBAC}
11:00 Lunch
12:00 {Period 3}
14:00 Free
"""
MIDDLE = "* normal\n8:30 {Class}\n11:25 Lunch\n12:05 {Class}\n15:10 Free\n* short\n8:30 {Class}\n12:30 Free\n"
DISTRICT_DAYS = [
    {"date": MONDAY + timedelta(days=n), "org_key": "", "kind": "school" if n % 7 < 5 else "closed", "title": None}
    for n in range(14)
]


@pytest.fixture
def cast(tmp_path: Path, settings: Any) -> Cast:
    settings.DATA = tmp_path
    return create_cast()


def open_store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence", district="maple-valley")


def load_bells(tmp_path: Path, *schools: tuple[str, str, str]) -> None:
    """Load bells as the bell connector reads them: name, stretches, special days of each school."""
    readings = [
        read_days(
            {
                "calendar.bell": f"{WEEK}* Special Days\n{special}",
                "schedules.bell": types,
                "meta.json": f'{{"name": "{name}"}}',
            }
        )
        for name, types, special in schools
    ]
    for table in readings[0].tables:
        rows = pl.concat([reading.tables[table] for reading in readings]).drop("_line").to_dicts()
        if rows:
            publish_load(open_store(tmp_path), "bell", f"bell.{table}", table, rows, at=AT)


def load_rows(tmp_path: Path, connector: str, table: str, rows: list[dict[str, Any]], *, hours: int = 1) -> None:
    publish_load(open_store(tmp_path), connector, f"{connector}.{table}", table, rows, at=AT + timedelta(hours=hours))


def load_bells_of(cast: Cast, school: str) -> BellCalendar | None:
    last = MONDAY + LOOK_AHEAD
    return load_school_bells(district=cast.district, schools=[school], first=MONDAY, last=last)[school]


def list_windows(calendar: SchoolCalendar) -> list[tuple[str, int, int]]:
    windows = find_quiet_windows(calendar.days.values(), week=MONDAY, today=MONDAY, rules=load_planning_rules())
    return [(format_window(window), window.starts, window.ends) for window in windows if window.kind == BETWEEN_CLASSES]


def test_a_break_is_quiet_time_only_where_every_school_has_it(cast: Cast, tmp_path: Path) -> None:
    load_bells(tmp_path, ("Maple High", HIGH, ""), ("Maple Middle", MIDDLE, ""))
    load_rows(tmp_path, "district", "calendar_days", DISTRICT_DAYS)
    calendar = load_school_calendar(district=cast.district, week=MONDAY)
    monday = calendar.get_school_day(MONDAY)
    assert monday
    assert (monday.first_bell, monday.last_bell, monday.class_spans) == (480, 910, ((480, 685), (715, 910)))
    assert list_windows(calendar) == [
        ("Monday 11:25 AM to 11:55 AM", 685, 715), ("Tuesday 11:25 AM to 11:55 AM", 685, 715),
        ("Thursday 11:25 AM to 11:55 AM", 685, 715), ("Friday 11:25 AM to 11:55 AM", 685, 715),
    ]  # fmt: skip


def test_a_sync_outside_class_starts_in_a_break_that_lasts_and_never_in_passing_time(
    cast: Cast, tmp_path: Path
) -> None:
    load_bells(tmp_path, ("Maple High", HIGH, ""))
    load_rows(tmp_path, "district", "calendar_days", DISTRICT_DAYS)
    calendar = load_school_calendar(district=cast.district, week=MONDAY)
    times = ("07:59", "08:00", "09:31", "11:14", "11:15", "11:35", "11:36", "11:55", "14:40")
    allowed = {
        time: is_allowed(
            datetime.fromisoformat(f"2026-01-12T{time}").replace(tzinfo=CHICAGO).astimezone(UTC),
            quiet="class", zone=CHICAGO, calendar=calendar.get_school_day,
        )
        for time in times
    }  # fmt: skip
    assert [time for time in times if allowed[time]] == ["07:59", "11:15", "11:35", "14:40"]


@pytest.mark.parametrize(
    "other",
    [
        ("oneroster", "orgs", [{"key": "s2", "name": "Maple Elementary", "kind": "school", "status": "active"}]),
        ("icalendar", "calendar_days", [{"date": MONDAY, "org_key": "Oak Elementary", "kind": "school"}]),
        ("mapped", "bell_weeks", [{"org_key": "Oak", "weekday": "mon", "kind": "school", "first_bell": "08:00"}]),
    ],
    ids=["of a roster", "with days alone", "with half of its bells"],
)
def test_a_school_whose_bells_are_unknown_may_have_class_at_any_time(
    cast: Cast, tmp_path: Path, other: tuple[str, str, list[dict[str, Any]]]
) -> None:
    load_bells(tmp_path, ("Maple High", HIGH, ""))
    load_rows(tmp_path, "district", "calendar_days", DISTRICT_DAYS)
    assert load_school_calendar(district=cast.district, week=MONDAY).days[MONDAY].list_breaks() == ((675, 715),)
    load_rows(tmp_path, *other, hours=2)
    calendar = load_school_calendar(district=cast.district, week=MONDAY)
    monday = calendar.days[MONDAY]
    assert (monday.first_bell, monday.last_bell, monday.list_breaks()) == (480, 880, ())
    assert monday.is_class(700)


def test_schools_of_a_roster_are_known_by_name_id_or_number(cast: Cast, tmp_path: Path) -> None:
    load_bells(tmp_path, ("Maple High", HIGH, ""))
    rows = [
        {"key": "s1", "name": "MAPLE  high", "kind": "school", "status": "active"},
        {"key": "maple high", "name": "MHS", "kind": "school", "status": None},
        {"key": "d", "name": "Maple Valley", "kind": "district", "status": "active"},
        {"key": "s9", "name": "Old School", "kind": "school", "status": "tobedeleted"},
        {"key": "s3", "name": "Oak", "kind": "school", "status": "active"},
    ]
    load_rows(tmp_path, "oneroster", "orgs", rows)
    calendar = load_school_calendar(district=cast.district, week=MONDAY)
    assert (list(calendar.schools), calendar.without_bells) == (["Maple High"], ("Oak",))
    assert load_bells_of(cast, "MHS") == calendar.schools["Maple High"]
    assert load_bells_of(cast, "Oak") is None


def test_a_school_answers_by_its_own_day_and_the_district_closes_it(cast: Cast, tmp_path: Path) -> None:
    load_bells(tmp_path, ("Maple High", HIGH, "01/13/2026 sbac\n01/16/2026 holiday # Founders\n"))
    closed = [row | ({"kind": "staff", "title": "Staff day"} if n == 3 else {}) for n, row in enumerate(DISTRICT_DAYS)]
    load_rows(tmp_path, "district", "calendar_days", closed)
    bells = load_bells_of(cast, "Maple High")
    assert bells
    days = [MONDAY + timedelta(days=n) for n in range(7)]
    assert [bells.get_type_name(day) for day in days] == [
        "normal", "sbac", "short", "no school: Staff day", "holiday", "no school: closed", "no school: closed",
    ]  # fmt: skip
    assert [bells.is_class(day, 9 * 60 + 32) for day in days] == [False, True, True, False, False, False, False]


def test_a_day_of_which_only_bells_are_known_is_class_between_them(cast: Cast, tmp_path: Path) -> None:
    row = {"org_key": "Oak", "weekday": "mon", "kind": "school", "first_bell": "08:20", "last_bell": "14:00"}
    load_rows(tmp_path, "mapped", "bell_weeks", [row])
    calendar = load_school_calendar(district=cast.district, week=MONDAY)
    bells = load_bells_of(cast, "Oak")
    assert bells
    assert [bells.is_class(MONDAY, minute) for minute in (499, 500, 700, 839, 840)] == [False, True, True, True, False]
    assert bells.is_class(MONDAY + timedelta(days=1), 700) is None
    assert calendar.days[MONDAY].class_spans == ((500, 840),)


def test_the_next_district_has_no_bells_of_ours(cast: Cast, tmp_path: Path) -> None:
    load_bells(tmp_path, ("Maple High", HIGH, ""))
    assert load_school_calendar(district=cast.next_district, week=MONDAY) == SchoolCalendar()


def test_a_closing_by_name_gives_way_only_to_a_day_that_the_school_names_itself(cast: Cast, tmp_path: Path) -> None:
    load_bells(tmp_path, ("Maple High", HIGH, "01/12/2026 holiday\n01/14/2026 sbac\n"))
    closing = {"date": MONDAY + timedelta(days=1), "org_key": "", "kind": "break", "title": "Snow day"}
    load_rows(tmp_path, "district", "calendar_days", [closing, closing | {"date": MONDAY + timedelta(days=2)}])
    bells = load_bells_of(cast, "Maple High")
    assert bells
    days = [MONDAY + timedelta(days=n) for n in range(3)]
    assert [bells.get_type_name(day) for day in days] == ["holiday", "no school: Snow day", "sbac"]
    assert (bells.titles[days[1]], bells.titles[days[2]]) == ("Snow day", "State tests")


def test_the_calendar_of_one_school_closes_no_other(cast: Cast, tmp_path: Path) -> None:
    load_bells(tmp_path, ("Maple High", HIGH, "01/12/2026 holiday\n01/14/2026 holiday\n"), ("Maple Middle", MIDDLE, ""))
    high, middle = (load_bells_of(cast, name) for name in ("Maple High", "Maple Middle"))
    assert high
    assert middle
    assert (high.is_class(MONDAY, 540), middle.is_class(MONDAY, 540)) == (False, True)


def test_a_missing_bell_is_that_of_the_usual_day_and_no_break_is_known(cast: Cast, tmp_path: Path) -> None:
    load_bells(tmp_path, ("Maple High", HIGH, ""))
    day = {"date": MONDAY, "org_key": "Maple High", "kind": "school", "title": "Early release", "last_bell": "12:30"}
    load_rows(tmp_path, "icalendar", "calendar_days", [day])
    bells = load_bells_of(cast, "Maple High")
    assert bells
    assert [bells.is_class(MONDAY, minute) for minute in (479, 480, 690, 749, 750)] == [False, True, True, True, False]


def test_two_days_of_one_type_without_periods_may_have_other_bells(cast: Cast, tmp_path: Path) -> None:
    rows = [
        {"org_key": "Oak", "weekday": name, "kind": "school", "first_bell": "08:00", "last_bell": last, "type": "rally"}
        for name, last in (("mon", "14:00"), ("tue", "12:00"))
    ]
    load_rows(tmp_path, "mapped", "bell_weeks", rows)
    bells = load_bells_of(cast, "Oak")
    assert bells
    assert {bells.get_type_name(MONDAY), bells.get_type_name(MONDAY + timedelta(days=1))} == {
        "rally", "rally, 08:00 to 12:00",
    }  # fmt: skip
    assert [bells.is_class(MONDAY + timedelta(days=n), 780) for n in (0, 1, 2, 5)] == [True, False, None, False]


def test_bells_are_remembered_until_a_calendar_is_loaded(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_bells(tmp_path, ("Maple High", HIGH, ""))
    assert load_bells_of(cast, "Maple High")
    with monkeypatch.context() as patched:
        patched.setattr(evidence_store, "query_executor", lambda: pytest.fail("a query is asked again"))
        assert load_bells_of(cast, "Maple High")
    day = {"date": MONDAY, "org_key": "Maple High", "kind": "holiday", "title": "Snow day"}
    load_rows(tmp_path, "icalendar", "calendar_days", [day])
    bells = load_bells_of(cast, "Maple High")
    assert bells
    assert not bells.is_class(MONDAY, 540)
