"""A school's bell calendar becomes a week and days with bells, as an independent slow reader finds them."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from homeroom.connectors.bell import readers
from homeroom.connectors.bell.schedules import parse_day_types
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.contract.errors import FileRefused
from homeroom.ingest.detection.detect import detect_packages
from homeroom.library.know.connectors import load_connectors
from tests.connectors.recordings import RECORDINGS

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


def _build_texts(calendar: str = WEEK + SPECIAL, types: str = TYPES, meta: str = META) -> dict[str, str]:
    return {"calendar.bell": calendar, "schedules.bell": types, "meta.json": meta}


def _read_days(**texts: str) -> dict[date, dict[str, Any]]:
    frame = readers.read_days(_build_texts(**texts)).tables["calendar_days"]
    return {row.pop("date"): row for row in frame.to_dicts()}


def test_days_from_the_first_special_day_to_the_last_are_told() -> None:
    days = _read_days()
    assert (min(days), max(days), len(days)) == (date(2025, 9, 1), date(2025, 11, 28), 89)
    assert days[date(2025, 9, 5)] == {
        "org_key": "Maple High School",
        "kind": "school",
        "title": "Friday",
        "first_bell": "08:00",
        "last_bell": "09:00",
        "type": "short",
        "_line": 7,
    }
    veterans = days[date(2025, 11, 11)]
    assert (veterans["kind"], veterans["title"], veterans["first_bell"]) == ("closed", "Veterans Day", None)
    assert {days[date(2025, 11, day)]["kind"] for day in range(24, 29)} == {"break"}
    assert days[date(2025, 9, 6)]["kind"] == "closed"


def test_the_stretches_of_each_type_of_day_are_told_and_which_of_them_are_class() -> None:
    types = TYPES + "* sbac # State tests\n8:00 Walk to Testing\n8:10 {SBAC Block}\n11:40 {}\n12:00\n"
    read = readers.read_days(_build_texts(calendar=WEEK + SPECIAL + "05/05/2026 sbac\n", types=types))
    periods = read.tables["bell_periods"].select("type", "starts", "ends", "name", "is_class").rows()
    assert set(read.tables["bell_periods"]["org_key"]) == {"Maple High School"}
    assert periods == [
        ("normal", "07:30", "08:00", "Before School", False),
        ("normal", "08:00", "08:50", "Period 1", True),
        ("normal", "08:50", "08:55", "Passing to Period 2", False),
        ("normal", "08:55", "09:45", "Period 2", True),
        ("normal", "09:45", "10:20", "Lunch", False),
        ("normal", "10:20", "11:10", "Period 3", True),
        ("short", "08:00", "09:00", "Period 1", True),
        ("sbac", "08:00", "08:10", "Walk to Testing", False),
        ("sbac", "08:10", "11:40", "SBAC Block", True),
        ("sbac", "11:40", "12:00", None, False),
    ]
    kinds = dict(read.tables["calendar_days"].select("date", "type").rows())
    assert (kinds[date(2026, 5, 5)], kinds[date(2025, 11, 11)]) == ("sbac", "holiday")
    assert kinds[date(2025, 11, 12)] == "normal"


def _read_week(**texts: str) -> dict[str, tuple[str, str | None, str | None, str | None]]:
    frame = readers.read_days(_build_texts(**texts)).tables["bell_weeks"]
    return {day: values for day, *values in frame.select("weekday", "kind", "first_bell", "last_bell", "title").rows()}


def test_a_calendar_without_dates_says_its_week_and_no_day() -> None:
    read = readers.read_days(_build_texts(calendar=WEEK + "* Special Days\n"))
    assert read.tables["calendar_days"].is_empty()
    assert read.tables["bell_weeks"].row(0, named=True) == {
        "weekday": "mon",
        "org_key": "Maple High School",
        "kind": "school",
        "title": "Normal Schedule",
        "first_bell": "08:00",
        "last_bell": "11:10",
        "type": "normal",
        "_line": 3,
    }
    assert _read_week(calendar=WEEK) == _read_week()
    assert _read_week()["fri"] == ["school", "08:00", "09:00", "Friday"]
    assert _read_week()["sun"] == ["closed", None, None, "Weekend"]


@pytest.mark.parametrize(
    ("change", "day", "message"),
    [
        ({"types": TYPES.replace("* weekend # Weekend", "")}, "sat", ["closed", None, None, None]),
        ({"calendar": WEEK.replace("Sat weekend\n", "")}, "sat", None),
        ({"calendar": WEEK.replace("Tue normal", "Tuesday\tshort")}, "tue", ["school", "08:00", "09:00", None]),
        ({"calendar": WEEK + "Tue short # Later\n"}, "tue", ["school", "08:00", "09:00", "Later"]),
        ({"calendar": WEEK.replace("\n", "\r\n")}, "mon", ["school", "08:00", "11:10", "Normal Schedule"]),
        ({"calendar": "# Ours\n" + WEEK}, "mon", ["school", "08:00", "11:10", "Normal Schedule"]),
        ({"types": TYPES + "* short Early Day\n9:15 {Period "
                           "1}\n12:00\n"}, "fri", ["school", "09:15", "12:00", "Friday"]),
        ({"types": TYPES.replace("10:20", "12:20").replace("11:10", "1:10")}, "mon", ["school", "08:00", "13:10", "Normal Schedule"]),
        ({"types": TYPES.replace("9:00 Free", "2:45 PM Free")}, "fri", ["school", "08:00", "14:45", "Friday"]),
    ],
)  # fmt: skip
def test_what_is_clear_is_read_however_it_is_written(
    change: dict[str, str], day: str, message: list[str | None] | None
) -> None:
    assert _read_week(**change).get(day) == message


def test_a_special_day_of_an_unknown_type_is_left_out_and_said_with_its_line() -> None:
    read = readers.read_days(_build_texts(calendar=WEEK + SPECIAL + "09/02/2025 - 09/03/2025 feast # Founders\n"))
    days = set(read.tables["calendar_days"]["date"])
    assert (len(days), {date(2025, 9, 2), date(2025, 9, 3)} & days) == (87, set())
    (reject,) = read.rejects.to_dicts()
    assert (reject["line"], reject["field"], reject["value"], reject["row_lost"]) == (14, "type", "feast", True)
    assert "normal" in reject["reason"]


def test_bells_are_those_of_the_first_and_the_last_class() -> None:
    day = parse_day_types(TYPES)["normal"]
    assert (day.first_bell, day.last_bell) == ("08:00", "11:10")
    assert parse_day_types("* open\n8:00 {Period 1}\n")["open"].last_bell is None
    assert not parse_day_types("* trip\n8:00 Free\n")["trip"].classes


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
    assert _read_days(calendar=f"{WEEK}{SPECIAL}{line}\n")[day]["kind"] == kind


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
    with pytest.raises(FileRefused) as refusal:
        readers.read_days(_build_texts(**change))
    (problem,) = refusal.value.problems
    assert (problem.file, problem.line) == (file, line)
    assert reason in problem.reason
    assert problem.fits


def test_a_school_is_a_folder_of_three_files(tmp_path: Path) -> None:
    for name, text in _build_texts().items():
        (tmp_path / name).write_text(text, encoding="utf-8", newline="\r\n")
    detection = detect_packages([tmp_path], connectors=load_connectors())
    assert detection.problems == ()
    assert [file.kind.id for file in detection.packages[0].files] == ["bell.calendar"] * 3
    (tmp_path / "calendar.bell").unlink()
    refusals = {
        (problem.file, problem.fits) for problem in detect_packages([tmp_path], connectors=load_connectors()).problems
    }
    assert ("meta.json", "one folder with it and a school's bell calendar") in refusals


_NON_CLASS_PERIODS = re.compile(
    r"(passing|walk|free|lunch|brunch|break|recess|interval|nutrition|snack|advisory lunch|before school|after school"
    r"|student arrival|arrival|dismissal|staggered dismissal|office hours|counselor drop in|student work time"
    r"|course information|club|transition|travel)\b"
)


def _read_lines(folder: Path, name: str) -> list[str]:
    return (folder / name).read_text(encoding="utf-8").replace("\t", " ").splitlines()


def _get_weekday_type(folder: Path, weekday: str) -> str:
    """Return the name of a weekday's type, from the last line that begins with the weekday."""
    return [line.split()[1] for line in _read_lines(folder, "calendar.bell") if line.startswith(f"{weekday} ")][-1]


def _iter_special_days(folder: Path) -> Iterator[tuple[tuple[int, ...], tuple[int, ...], str]]:
    """Yield first and last day, as year, month, day, and the type's name of each line of special days."""
    for line in _read_lines(folder, "calendar.bell"):
        if match := re.match(r"(\d+)/(\d+)/(\d+)(?:-(\d+)/(\d+)/(\d+))? +([^ #]+)", line):
            month, day, year, *end_parts, name = match.groups()
            start = (int(year), int(month), int(day))
            yield start, (int(end_parts[2]), int(end_parts[0]), int(end_parts[1])) if end_parts[0] else start, name


def _find_day_type(folder: Path, day: date) -> str:
    """Find the name of one day's type by scanning all lines for it."""
    kind = _get_weekday_type(folder, day.strftime("%a"))
    for start, end, name in _iter_special_days(folder):
        kind = name if start <= (day.year, day.month, day.day) <= end else kind
    return kind


def _find_bells(folder: Path, kind: str) -> tuple[str | None, str | None] | None:
    """Find the bells of a type of day, or None where it has no class; raise KeyError if the type is unknown.

    A weekend or holiday needs no definition. Raise ValueError if the times are not in order.
    """
    is_inside, is_defined, times = False, kind in ("weekend", "holiday"), []
    for line in _read_lines(folder, "schedules.bell"):
        if line.startswith("*"):
            is_inside = line[1:].split("#")[0].strip() == kind
            is_defined = is_defined or is_inside
        elif is_inside and line.strip():
            clock, _, title = line.strip().partition(" ")
            times.append((clock.zfill(5), title.strip().lower()))
    if not is_defined:
        raise KeyError(kind)
    if times != sorted(times, key=lambda entry: entry[0]):
        raise ValueError(kind)
    classes = [position for position, (_, title) in enumerate(times) if not _NON_CLASS_PERIODS.match(title)]
    if not classes:
        return None
    return times[classes[0]][0], times[classes[-1] + 1][0] if classes[-1] + 1 < len(times) else None


def _list_slow_periods(folder: Path) -> set[tuple[str, str, str, str | None, bool]]:
    """Return type, start, end, name and whether it is class of each stretch, by a line and the next one."""
    stretches: dict[str, list[tuple[str, str]]] = {}
    for line in _read_lines(folder, "schedules.bell"):
        if line.startswith("*"):
            times = stretches[line[1:].split("#")[0].strip()] = []
        elif line.strip() and not line.startswith("#"):
            clock, _, title = line.strip().partition(" ")
            times.append((clock.zfill(5), " ".join(title.replace("{", "").replace("}", "").split())))
    return {
        (kind, start, end, name or None, bool(name) and not _NON_CLASS_PERIODS.match(name.lower()))
        for kind, times in stretches.items()
        for (start, name), (end, _) in pairwise(times)
        if start != end
    }


def _find_refusal_reason(folder: Path) -> str:
    """Return the slow reader's reason why a folder cannot be read, empty where it can."""
    if any(_read_lines(folder, name)[0].startswith("../") for name in ("calendar.bell", "schedules.bell")):
        return "link"
    for line in _read_lines(folder, "schedules.bell"):
        try:
            if line.startswith("*"):
                _find_bells(folder, line[1:].split("#")[0].strip())
        except ValueError:
            return "earlier than the line before"
    return ""


def _assert_matches_slow_reader(folder: Path, read: Reading) -> None:
    """Assert that week, days and left-out lines are those of the slow reader."""

    def get_bells(row: dict[str, Any]) -> tuple[str | None, str | None] | None:
        return (row["first_bell"], row["last_bell"]) if row["kind"] == "school" else None

    week = {row["weekday"]: get_bells(row) for row in read.tables["bell_weeks"].to_dicts()}
    assert week == {day.lower(): _find_bells(folder, _get_weekday_type(folder, day)) for day in WEEKDAYS}, folder.name
    dates = sorted(date(*parts) for start, end, _ in _iter_special_days(folder) for parts in (start, end))
    days = [dates[0] + timedelta(days=offset) for offset in range((dates[-1] - dates[0]).days + 1)] if dates else []
    expected, unknown_count = {}, 0
    for day in days:
        try:
            expected[day] = _find_bells(folder, _find_day_type(folder, day))
        except KeyError:
            unknown_count += 1
    assert {row["date"]: get_bells(row) for row in read.tables["calendar_days"].to_dicts()} == expected, folder.name
    assert bool(unknown_count) == bool(read.rejects.height)
    periods = read.tables["bell_periods"].select("type", "starts", "ends", "name", "is_class").rows()
    assert set(periods) == _list_slow_periods(folder), folder.name
    assert len(set(periods)) == len(periods)
    names = {name for frame in read.tables.values() for name in frame["org_key"]}
    assert names == {json.loads((folder / "meta.json").read_text("utf-8"))["name"]}


WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _read_folder(folder: Path) -> Reading:
    """Detect and read a folder. Raise FileRefused if no package is found."""
    detection = detect_packages([folder], connectors=load_connectors())
    if not detection.packages:
        raise FileRefused([problem for problem in detection.problems if problem.line])
    return readers.read_days(detection.packages[0].files[0].texts)


def test_a_recorded_school_is_read_as_the_slow_reader_reads_it() -> None:
    _assert_matches_slow_reader(RECORDINGS / "bell", _read_folder(RECORDINGS / "bell"))


@pytest.mark.skipif(not SCHOOLS.exists(), reason="the shared data folder is not beside this clone")
@pytest.mark.scale
def test_every_real_school_is_read_exactly_or_refused_with_its_reason() -> None:
    outcomes: Counter[str] = Counter()
    for folder in sorted(path for path in SCHOOLS.iterdir() if path.is_dir()):
        reason = _find_refusal_reason(folder)
        try:
            read = _read_folder(folder)
        except FileRefused as refusal:
            problem = refusal.problems[0]
            assert reason, (folder.name, str(problem))
            assert reason in problem.reason
            assert problem.line
            assert problem.fits
        else:
            assert not reason, folder.name
            _assert_matches_slow_reader(folder, read)
        outcomes[reason] += 1
    assert outcomes == {"": 45, "link": 4, "earlier than the line before": 1}
