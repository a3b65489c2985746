"""Tests and freezes of a calendar become events by their words, and what resembles them does not."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from homeroom.connectors.icalendar import readers
from homeroom.connectors.icalendar.testing_words import FREEZE, TESTING, classify_quiet, find_quiet_word, is_test_type
from homeroom.ingest.contract.errors import FileRefused
from tests.connectors.calendar_titles import FREEZES, NEITHER, TESTS
from tests.connectors.raw_frames import list_rejects, list_rows

YEAR = (("20250818", "First Day of School"), ("20260529", "Last Day of School"))


def _build_event(day: str, summary: str, *, until: str = "", extra: str = "") -> str:
    end = f"DTEND;VALUE=DATE:{until}\n" if until else ""
    return f"BEGIN:VEVENT\nUID:{day}{summary}\nDTSTART;VALUE=DATE:{day}\n{end}SUMMARY:{summary}\n{extra}END:VEVENT\n"


def _build_calendar(*events: str, head: str = "", year: tuple[tuple[str, str], ...] = YEAR) -> str:
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{head}{''.join([*(_build_event(*day) for day in year), *events])}END:VCALENDAR\n"


def _list_events(text: str) -> list[tuple[Any, ...]]:
    rows = list_rows(readers.read_days({"calendar.ics": text}), "calendar_events")
    return [(row["first"].isoformat(), row["last"].isoformat(), row["kind"], row["title"]) for row in rows]


@pytest.mark.parametrize(
    ("titles", "kind"), [(TESTS, TESTING), (FREEZES, FREEZE), (NEITHER, None)], ids=["tests", "freezes", "neither"]
)
def test_what_an_event_is_about_is_told_by_whole_words(titles: tuple[str, ...], kind: str | None) -> None:
    assert {title: classify_quiet(title) for title in titles} == dict.fromkeys(titles, kind)


def test_a_window_goes_from_its_first_day_to_its_last() -> None:
    window = _build_event("20260420", "SBAC Testing Window", until="20260509")
    text = _build_calendar(window, head="X-WR-CALNAME:Maple High School Calendar\n")
    (row,) = list_rows(readers.read_days({"calendar.ics": text}), "calendar_events")
    assert (row["org_key"], row["first"], row["last"]) == ("Maple High School", date(2026, 4, 20), date(2026, 5, 8))
    assert text.split("\n")[row["line"] - 1 : row["line"] + 1] == ["BEGIN:VEVENT", "UID:20260420SBAC Testing Window"]
    assert _list_events(_build_calendar(window)) == [("2026-04-20", "2026-05-08", TESTING, "SBAC Testing Window")]


def test_a_test_makes_no_day_of_the_calendar_and_a_day_off_may_be_a_test() -> None:
    plain = readers.read_days({"calendar.ics": _build_calendar()}).tables["calendar_days"]
    tests = (_build_event("20251014", "PSAT"), _build_event("20260704", "SAT"))
    read = readers.read_days({"calendar.ics": _build_calendar(*tests)})
    assert read.tables["calendar_days"].equals(plain)
    assert [row["first"].isoformat() for row in list_rows(read, "calendar_events")] == ["2025-10-14", "2026-07-04"]
    both = readers.read_days({"calendar.ics": _build_calendar(_build_event("20251014", "No School - SAT Testing"))})
    kinds = {row["date"]: row["kind"] for row in list_rows(both, "calendar_days")}
    assert (kinds[date(2025, 10, 14)], both.tables["calendar_events"].height) == ("closed", 1)


def test_a_test_of_hours_is_a_test_of_its_day_and_repetitions_are_tests_of_theirs() -> None:
    hours = "BEGIN:VEVENT\nUID:a\nDTSTART:20251007T150000Z\nDTEND:20251007T180000Z\nSUMMARY:MAP Growth\nEND:VEVENT\n"
    weekly = _build_event("20260105", "Finals", extra="RRULE:FREQ=WEEKLY;COUNT=3\nEXDATE;VALUE=DATE:20260112\n")
    cancelled = _build_event("20260202", "State Testing", extra="STATUS:CANCELLED\n")
    text = _build_calendar(hours, weekly, weekly, cancelled, head="X-WR-TIMEZONE:America/Chicago\n")
    assert [entry[:2] for entry in _list_events(text)] == [
        ("2025-10-07", "2025-10-07"), ("2026-01-05", "2026-01-05"), ("2026-01-19", "2026-01-19"),
    ]  # fmt: skip


def test_a_calendar_of_tests_alone_is_read_and_says_that_it_has_no_days() -> None:
    events = (_build_event("20260420", "CAASPP", until="20260509"), _build_event("20251201", "Change freeze"))
    read = readers.read_days({"calendar.ics": _build_calendar(*events, year=())})
    assert read.tables["calendar_days"].is_empty()
    assert [row["kind"] for row in list_rows(read, "calendar_events")] == [FREEZE, TESTING]
    assert list_rejects(read) == [(1, "SUMMARY", False)]
    with pytest.raises(FileRefused, match="says nowhere when the first day"):
        readers.read_days({"calendar.ics": _build_calendar(_build_event("20260420", "Map skills"), year=())})


@pytest.mark.parametrize(
    ("event", "field"),
    [
        (_build_event("20990420", "SBAC"), "DTSTART"),
        (_build_event("20260420", "SBAC", extra="RRULE:FREQ=OFTEN\n"), "RRULE"),
    ],
)
def test_an_odd_test_costs_itself_and_is_reported_with_its_line(event: str, field: str) -> None:
    read = readers.read_days({"calendar.ics": _build_calendar(event, _build_event("20260421", "SBAC"))})
    ((line, reported, is_row_lost),) = list_rejects(read)
    assert (reported, is_row_lost) == (field, True)
    assert line >= 13
    assert [row["first"].day for row in list_rows(read, "calendar_events")] == [21]


def test_the_word_that_makes_an_event_a_test_or_a_freeze_is_named() -> None:
    words = {
        "Fall MAP Growth": "MAP", "No School - SAT testing for juniors": "SAT", "Semester 1 Finals": "Finals",
        "State Testing Window": "Testing", "IT blackout": "IT blackout", "Map of campus": "",
    }  # fmt: skip
    assert {title: find_quiet_word(title)[1] for title in words} == words


def test_the_examples_of_the_documentation_are_judged_as_it_writes() -> None:
    text = (Path(__file__).parents[2] / "docs" / "know" / "school-calendar.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| (testing|freeze|neither) \|$", text, re.MULTILINE)
    assert len(rows) > 12
    assert {title: classify_quiet(title) or "neither" for title, _ in rows} == dict(rows)


def test_types_of_day_are_tests_by_whole_words_of_their_names_or_titles() -> None:
    tests = ("map-testing", "sat_testing", "act", "ap-exams", "map-day", "sbac", "finals-1", "psat")
    others = ("sat", "campus-map", "activity", "saturday", "normal", "act-of-kindness", "ap-biology-night")
    assert [name for name in (*tests, *others) if is_test_type(name)] == list(tests)
    assert is_test_type("schedule-c", "State Testing")
