"""A school's bell calendar becomes a week and days with bells, as a slow reader of another making has them, or is refused."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.connectors.bell import reading
from homeroom.connectors.bell.schedules import types_of
from homeroom.ingest.connector import Reading
from homeroom.ingest.problems import Refused
from homeroom.ingest.recognise import packages
from homeroom.library.connectors import connectors

SHARED = Path(os.environ.get("HOMEROOM_SHARED", Path(__file__).resolve().parents[3] / "shared"))
SCHOOLS = SHARED / "data" / "calendars" / "schools"
WEEK = (
    "* Default Week\nSun weekend\nMon normal\nTue normal\nWed normal\nThu normal\nFri short # Friday\nSat weekend\n\n"
)
SPECIAL = (
    "* Special Days\n09/01/2025 normal\n11/11/2025 holiday # Veterans Day\n11/24/2025-11/28/2025 holiday # Fall Break\n"
)
TYPES = """* normal # Normal Schedule
7:30 Before School
8:00 {Period 1}
8:50 Passing to {Period 2}
8:55 {Period 2}
9:45 Lunch
10:20 {Period 3}
11:10 Free

* short
8:00 {Period 1}
9:00 Free

* weekend # Weekend

* holiday # Holiday
"""
META = '{"name": "Maple High School", "periods": ["Period 1"]}'


def _texts(calendar: str = WEEK + SPECIAL, types: str = TYPES, meta: str = META) -> dict[str, str]:
    return {"calendar.bell": calendar, "schedules.bell": types, "meta.json": meta}


def _days(**texts: str) -> dict[date, dict[str, Any]]:
    frame = reading.days(_texts(**texts)).tables["calendar_days"]
    return {row.pop("date"): row for row in frame.to_dicts()}


def test_days_from_the_first_special_day_to_the_last_are_told() -> None:
    days = _days()
    assert (min(days), max(days), len(days)) == (date(2025, 9, 1), date(2025, 11, 28), 89)
    assert days[date(2025, 9, 5)] == {
        "org_key": "Maple High School",
        "kind": "school",
        "title": "Friday",
        "first_bell": "08:00",
        "last_bell": "09:00",
        "_line": 7,
    }
    veterans = days[date(2025, 11, 11)]
    assert (veterans["kind"], veterans["title"], veterans["first_bell"]) == ("closed", "Veterans Day", None)
    assert {days[date(2025, 11, day)]["kind"] for day in range(24, 29)} == {"break"}
    assert days[date(2025, 9, 6)]["kind"] == "closed"


def _week(**texts: str) -> dict[str, tuple[str, str | None, str | None, str | None]]:
    frame = reading.days(_texts(**texts)).tables["bell_weeks"]
    return {day: told for day, *told in frame.select("weekday", "kind", "first_bell", "last_bell", "title").rows()}


def test_a_calendar_without_dates_says_its_week_and_no_day() -> None:
    read = reading.days(_texts(calendar=WEEK + "* Special Days\n"))
    assert read.tables["calendar_days"].is_empty()
    assert read.tables["bell_weeks"].row(0, named=True) == {
        "weekday": "mon",
        "org_key": "Maple High School",
        "kind": "school",
        "title": "Normal Schedule",
        "first_bell": "08:00",
        "last_bell": "11:10",
        "_line": 3,
    }
    assert _week(calendar=WEEK) == _week()
    assert _week()["fri"] == ["school", "08:00", "09:00", "Friday"]
    assert _week()["sun"] == ["closed", None, None, "Weekend"]


@pytest.mark.parametrize(
    ("change", "day", "told"),
    [
        ({"types": TYPES.replace("* weekend # Weekend", "")}, "sat", ["closed", None, None, None]),
        ({"calendar": WEEK.replace("Sat weekend\n", "")}, "sat", None),
        ({"calendar": WEEK.replace("Tue normal", "Tuesday\tshort")}, "tue", ["school", "08:00", "09:00", None]),
        ({"calendar": WEEK + "Tue short # Later\n"}, "tue", ["school", "08:00", "09:00", "Later"]),
        ({"calendar": WEEK.replace("\n", "\r\n")}, "mon", ["school", "08:00", "11:10", "Normal Schedule"]),
        ({"calendar": "# Ours\n" + WEEK}, "mon", ["school", "08:00", "11:10", "Normal Schedule"]),
        ({"types": TYPES + "* short Early Day\n9:15 {Period 1}\n12:00\n"}, "fri", ["school", "09:15", "12:00", "Friday"]),
        ({"types": TYPES.replace("10:20", "12:20").replace("11:10", "1:10")}, "mon", ["school", "08:00", "13:10", "Normal Schedule"]),
        ({"types": TYPES.replace("9:00 Free", "2:45 PM Free")}, "fri", ["school", "08:00", "14:45", "Friday"]),
    ],
)  # fmt: skip
def test_what_is_clear_is_read_however_it_is_written(
    change: dict[str, str], day: str, told: list[str | None] | None
) -> None:
    assert _week(**change).get(day) == told


def test_a_special_day_of_an_unknown_type_is_left_out_and_said_with_its_line() -> None:
    read = reading.days(_texts(calendar=WEEK + SPECIAL + "09/02/2025 - 09/03/2025 feast # Founders\n"))
    days = set(read.tables["calendar_days"]["date"])
    assert (len(days), {date(2025, 9, 2), date(2025, 9, 3)} & days) == (87, set())
    (lost,) = read.rejects.to_dicts()
    assert (lost["line"], lost["field"], lost["value"], lost["row_lost"]) == (14, "type", "feast", True)
    assert "normal" in lost["reason"]


def test_bells_are_those_of_the_first_and_the_last_class() -> None:
    day = types_of(TYPES)["normal"]
    assert (day.first_bell, day.last_bell) == ("08:00", "11:10")
    assert types_of("* open\n8:00 {Period 1}\n")["open"].last_bell is None
    assert not types_of("* trip\n8:00 Free\n")["trip"].classes


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("06/01/2026-08/10/2026 holiday", "summer"),
        ("12/22/2025-01/02/2026 holiday # Winter Recess", "break"),
        ("12/22/2025 holiday # Teacher Work Day", "staff"),
        ("12/22/2025 holiday # Founders", "closed"),
    ],
)
def test_a_day_without_classes_has_its_kind_from_its_name(line: str, kind: str) -> None:
    day = date(2026, 6, 1) if kind == "summer" else date(2025, 12, 22)
    assert _days(calendar=f"{WEEK}{SPECIAL}{line}\n")[day]["kind"] == kind


@pytest.mark.parametrize(
    ("change", "file", "line", "reason"),
    [
        ({"calendar": WEEK.replace("Tue normal", "Tue feast")}, "", 4, "feast is no type of day"),
        ({"calendar": WEEK.replace("Tue", "Tues") + SPECIAL}, "", 4, "is no weekday"),
        ({"calendar": WEEK + "* Holidays\n12/01/2025 normal\n"}, "", 10, "a heading of neither"),
        ({"types": TYPES.replace("9:00 Free", "7:00 Free")}, "schedules.bell", 12, "earlier than the line before"),
        ({"calendar": WEEK + SPECIAL + "13/01/2025 normal\n"}, "", 14, "is no day"),
        ({"calendar": WEEK + SPECIAL + "12/02/2025-12/01/2025 normal\n"}, "", 14, "ends before it begins"),
        ({"calendar": WEEK + SPECIAL + "12/02/2025\n"}, "", 14, "is no day with its type"),
        ({"calendar": WEEK.replace("Tue normal\n", "") + SPECIAL}, "", None, "lacks tue"),
        ({"calendar": "x normal\n" + WEEK + SPECIAL}, "", 1, "before the first heading"),
        ({"types": TYPES.replace("8:55", "8:45")}, "schedules.bell", 5, "earlier than the line before"),
        ({"types": TYPES.replace("8:55", "25:55")}, "schedules.bell", 5, "is no time"),
        ({"types": "8:00 x\n" + TYPES}, "schedules.bell", 1, "under no type"),
        ({"meta": "{}"}, "meta.json", None, "does not name the school"),
        ({"meta": "{"}, "meta.json", 1, "does not name the school"),
        ({"meta": "[" * 100_000}, "meta.json", None, "does not name the school"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_line(
    change: dict[str, str], file: str, line: int | None, reason: str
) -> None:
    with pytest.raises(Refused) as refusal:
        reading.days(_texts(**change))
    (problem,) = refusal.value.problems
    assert (problem.file, problem.line) == (file, line)
    assert reason in problem.reason
    assert problem.fits


def test_a_school_is_a_folder_of_three_files(tmp_path: Path) -> None:
    for name, text in _texts().items():
        (tmp_path / name).write_text(text, encoding="utf-8", newline="\r\n")
    found = packages([tmp_path], connectors=connectors())
    assert found.problems == ()
    assert [file.kind.id for file in found.packages[0].files] == ["bell.calendar"] * 3
    (tmp_path / "calendar.bell").unlink()
    told = {(problem.file, problem.fits) for problem in packages([tmp_path], connectors=connectors()).problems}
    assert ("meta.json", "one folder with it and a school's bell calendar") in told


_NO_CLASS = re.compile(
    r"(passing|walk|free|lunch|brunch|break|recess|interval|nutrition|snack|advisory lunch|before school|after school"
    r"|student arrival|arrival|dismissal|staggered dismissal|office hours|counselor drop in|student work time"
    r"|course information|club|transition|travel)\b"
)


def _lines(folder: Path, name: str) -> list[str]:
    return (folder / name).read_text(encoding="utf-8").replace("\t", " ").splitlines()


def _usual(folder: Path, weekday: str) -> str:
    """The name of a weekday's type: the last line that begins with the weekday."""
    return [line.split()[1] for line in _lines(folder, "calendar.bell") if line.startswith(f"{weekday} ")][-1]


def _special(folder: Path) -> Iterator[tuple[tuple[int, ...], tuple[int, ...], str]]:
    """First and last day, as year, month, day, and the name of the type, of each line of special days."""
    for line in _lines(folder, "calendar.bell"):
        if found := re.match(r"(\d+)/(\d+)/(\d+)(?:-(\d+)/(\d+)/(\d+))? +([^ #]+)", line):
            month, day, year, *until, name = found.groups()
            start = (int(year), int(month), int(day))
            yield start, (int(until[2]), int(until[0]), int(until[1])) if until[0] else start, name


def _told_of(folder: Path, day: date) -> str:
    """The name of one day's type, by looking through all lines anew for it."""
    kind = _usual(folder, day.strftime("%a"))
    for start, end, name in _special(folder):
        kind = name if start <= (day.year, day.month, day.day) <= end else kind
    return kind


def _bells(folder: Path, kind: str) -> tuple[str | None, str | None] | None:
    """The bells of a type of day; None where it has no class, which an unknown one but a weekend or holiday never says."""
    inside, known, times = False, kind in ("weekend", "holiday"), []
    for line in _lines(folder, "schedules.bell"):
        if line.startswith("*"):
            inside = line[1:].split("#")[0].strip() == kind
            known = known or inside
        elif inside and line.strip():
            clock, _, what = line.strip().partition(" ")
            times.append((clock.zfill(5), what.strip().lower()))
    if not known:
        raise KeyError(kind)
    if times != sorted(times, key=lambda one: one[0]):
        raise ValueError(kind)
    classes = [place for place, (_, what) in enumerate(times) if not _NO_CLASS.match(what)]
    if not classes:
        return None
    return times[classes[0]][0], times[classes[-1] + 1][0] if classes[-1] + 1 < len(times) else None


def _why_not(folder: Path) -> str:
    """Why a folder cannot be read, by the slow reader; empty where it can."""
    if any(_lines(folder, name)[0].startswith("../") for name in ("calendar.bell", "schedules.bell")):
        return "link"
    for line in _lines(folder, "schedules.bell"):
        try:
            if line.startswith("*"):
                _bells(folder, line[1:].split("#")[0].strip())
        except ValueError:
            return "earlier than the line before"
    return ""


def _by_the_slow_reader(folder: Path, read: Reading) -> None:
    """Asserts that week, days and left-out lines are those of the slow reader."""

    def bells(row: dict[str, Any]) -> tuple[str | None, str | None] | None:
        return (row["first_bell"], row["last_bell"]) if row["kind"] == "school" else None

    week = {row["weekday"]: bells(row) for row in read.tables["bell_weeks"].to_dicts()}
    assert week == {day.lower(): _bells(folder, _usual(folder, day)) for day in WEEKDAYS}, folder.name
    dates = sorted(date(*one) for start, end, _ in _special(folder) for one in (start, end))
    every = [dates[0] + timedelta(days=more) for more in range((dates[-1] - dates[0]).days + 1)] if dates else []
    slow, unknown = {}, 0
    for day in every:
        try:
            slow[day] = _bells(folder, _told_of(folder, day))
        except KeyError:
            unknown += 1
    assert {row["date"]: bells(row) for row in read.tables["calendar_days"].to_dicts()} == slow, folder.name
    assert bool(unknown) == bool(read.rejects.height)
    names = {name for frame in read.tables.values() for name in frame["org_key"]}
    assert names == {json.loads((folder / "meta.json").read_text("utf-8"))["name"]}


WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _read(folder: Path) -> Reading:
    """What the door and the reader make of a folder. Raises Refused."""
    found = packages([folder], connectors=connectors())
    if not found.packages:
        raise Refused([problem for problem in found.problems if problem.line])
    return reading.days(found.packages[0].files[0].texts)


@pytest.mark.skipif(not SCHOOLS.exists(), reason="the shared data folder is not beside this clone")
@pytest.mark.scale
def test_every_real_school_is_read_exactly_or_refused_with_its_reason() -> None:
    outcomes: Counter[str] = Counter()
    for folder in sorted(path for path in SCHOOLS.iterdir() if path.is_dir()):
        why = _why_not(folder)
        try:
            read = _read(folder)
        except Refused as refusal:
            problem = refusal.problems[0]
            assert why, (folder.name, str(problem))
            assert why in problem.reason
            assert problem.line
            assert problem.fits
        else:
            assert not why, folder.name
            _by_the_slow_reader(folder, read)
        outcomes[why] += 1
    assert outcomes == {"": 45, "link": 4, "earlier than the line before": 1}
