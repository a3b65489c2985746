"""Class time of a day: at a school, at any of them, and in the breaks that all of them have."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from homeroom.domain.schooldays import (
    BellCalendar,
    DayType,
    SchoolDay,
    Stretch,
    find_class_spans,
    find_period_names,
    fit_class_spans,
    format_clock_time,
    list_edge_days,
    merge_spans,
    parse_clock_time,
)

MONDAY = date(2026, 1, 12)


def build_type(name: str, *stretches: tuple[str, str, str]) -> DayType:
    parts = [(parse_clock_time(start), parse_clock_time(end), label) for start, end, label in stretches]
    return DayType(
        name=name,
        stretches=tuple(
            Stretch(starts=start, ends=end, name=label) for start, end, label in parts if start is not None and end
        ),
    )


HIGH = build_type(
    "normal",
    ("08:00", "09:00", "Period 1"),
    ("09:00", "09:05", "Passing"),
    ("09:05", "11:15", "Period 2"),
    ("11:15", "11:55", "Lunch"),
    ("11:55", "14:40", "Period 3"),
)
MIDDLE = build_type(
    "normal", ("08:30", "11:25", "Period 1"), ("11:25", "12:05", "Lunch"), ("12:05", "15:10", "Period 2")
)


def build_calendar(day_type: DayType, name: str = "normal") -> BellCalendar:
    return BellCalendar(types={"normal": day_type}, week=dict.fromkeys(range(5), name), special={})


@pytest.mark.parametrize(
    ("at", "answer"),
    [("07:59", False), ("08:00", True), ("09:00", False), ("09:04", False), ("09:05", True), ("11:54", False),
     ("11:55", True), ("14:39", True), ("14:40", False)],
)  # fmt: skip
def test_a_school_has_class_at_a_minute_or_not(at: str, answer: bool) -> None:
    assert build_calendar(HIGH).is_class(MONDAY, parse_clock_time(at) or 0) is answer


def test_a_day_of_an_unknown_type_cannot_tell() -> None:
    assert build_calendar(HIGH, "feast").is_class(MONDAY, 600) is None
    assert build_calendar(HIGH).is_class(date(2026, 1, 17), 600) is None
    assert find_class_spans([build_calendar(HIGH), build_calendar(HIGH, "feast")], MONDAY) is None


def test_any_school_has_class_unless_all_have_a_break() -> None:
    spans = find_class_spans([build_calendar(HIGH), build_calendar(MIDDLE)], MONDAY)
    assert spans == ((480, 685), (715, 910))
    day = SchoolDay(day=MONDAY, kind="school", first_bell=480, last_bell=910, class_spans=spans)
    assert day.list_breaks() == ((685, 715),)
    assert [day.is_class(minute) for minute in (479, 480, 684, 685, 714, 715, 909, 910)] == [
        False, True, True, False, False, True, True, False,
    ]  # fmt: skip


def test_passing_time_is_no_break_in_which_something_fits() -> None:
    spans = find_class_spans([build_calendar(HIGH)], MONDAY)
    day = SchoolDay(day=MONDAY, kind="school", first_bell=480, last_bell=880, class_spans=spans)
    assert day.list_breaks() == ((675, 715),)
    assert day.list_breaks(least=5) == ((540, 545), (675, 715))
    assert day.list_breaks(least=41) == ()


def test_a_day_of_which_only_bells_are_known_is_class_between_them() -> None:
    day = SchoolDay(day=MONDAY, kind="school", first_bell=480, last_bell=880)
    assert [day.is_class(minute) for minute in (479, 480, 690, 879, 880)] == [False, True, True, True, False]
    assert day.list_breaks() == ()
    half = SchoolDay(day=MONDAY, kind="school", first_bell=480)
    assert [half.is_class(minute) for minute in (479, 600)] == [False, None]
    assert SchoolDay(day=MONDAY, kind="break").is_class(600) is False


def test_class_begins_and_ends_with_the_bells_that_the_district_names() -> None:
    spans = ((480, 685), (715, 910))
    assert fit_class_spans(spans, first_bell=480, last_bell=750) == ((480, 685), (715, 750))
    assert fit_class_spans(spans, first_bell=450, last_bell=960) == ((450, 685), (715, 960))
    assert fit_class_spans(spans, first_bell=480, last_bell=700) == ((480, 700),)
    assert fit_class_spans(spans, first_bell=690, last_bell=700) == ((690, 700),)


def test_spans_that_touch_are_one_and_clock_times_are_read_as_they_are_written() -> None:
    assert merge_spans([(5, 9), (0, 5), (12, 20), (13, 14)]) == ((0, 9), (12, 20))
    assert [format_clock_time(parse_clock_time(text) or 0) for text in ("07:55", "15:00")] == ["07:55", "15:00"]


NAMES = (
    *("Period 1", "Period 1 Final", "Period 10", "Lunch", "Period 1", "Block 3", "Advisory", "Period 4-5", "4/5", "A"),
    *("2 Hour Delay", "7", "1st Lunch"),
)


@pytest.mark.parametrize(
    ("period", "names"),
    [
        ("1", ("Period 1", "Period 1 Final")),
        ("01", ("Period 1", "Period 1 Final")),
        ("P1", ("Period 1", "Period 1 Final")),
        ("1(A-B)", ("Period 1", "Period 1 Final")),
        ("period 1", ("Period 1",)),
        ("10", ("Period 10",)),
        ("3", ("Block 3",)),
        ("a", ("A",)),
        ("ADVISORY", ("Advisory",)),
        ("4", ()),
        ("2", ()),
        ("7", ("7",)),
        ("1-3", ()),
        ("HR", ()),
        ("0", ()),
    ],
)
def test_a_period_of_a_roster_is_found_among_the_bells_by_its_name_or_number(
    period: str, names: tuple[str, ...]
) -> None:
    assert find_period_names(period, NAMES) == names


def test_the_first_and_the_last_week_are_those_of_each_school_year_and_need_a_calendar() -> None:
    day_types = {
        "normal": DayType(name="normal", stretches=(Stretch(starts=480, ends=900, name="Class"),)),
        "none": DayType(name="none"),
    }
    week = {weekday: "normal" if weekday < 5 else "none" for weekday in range(7)}
    breaks = [(date(2025, 6, 14), date(2025, 8, 17)), (date(2025, 12, 20), date(2026, 1, 4))]
    closed = {
        first + timedelta(days=number): "none" for first, last in breaks for number in range((last - first).days + 1)
    }
    reach = (date(2025, 6, 2), date(2026, 6, 12))
    bells = BellCalendar(types=day_types, week=week, special=closed | {date(2025, 8, 20): "rally"}, reach=reach)
    assert list_edge_days(bells, count=2) == (
        date(2025, 6, 2), date(2025, 6, 3), date(2025, 6, 12), date(2025, 6, 13), date(2025, 8, 18), date(2025, 8, 19),
        date(2026, 6, 11), date(2026, 6, 12),
    )  # fmt: skip
    assert list_edge_days(BellCalendar(types=day_types, week=week)) == ()
