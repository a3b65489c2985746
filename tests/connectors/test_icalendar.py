"""A school calendar's events become days: by their words, all-day and in ranges, recurring and in any time zone."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from homeroom.connectors.icalendar import readers
from homeroom.connectors.icalendar.keywords import classify_event, find_dismissal, find_school
from homeroom.ingest.contract.errors import FileRefused
from homeroom.ingest.detection.detect import detect_packages
from homeroom.library.know.connectors import load_connectors
from tests.connectors.raw_frames import list_rejects, list_rows
from tests.connectors.recordings import SHARED_DATA

YEAR = (("20250818", "First Day of School"), ("20260529", "Last Day of School"))


def _build_event(day: str, summary: str, *, until: str = "", extra: str = "", uid: str = "") -> str:
    end = f"DTEND;VALUE=DATE:{until}\n" if until else ""
    event_uid = uid or f"{day}-{abs(hash(summary))}@district.example"
    return f"BEGIN:VEVENT\nUID:{event_uid}\nDTSTART;VALUE=DATE:{day}\n{end}SUMMARY:{summary}\n{extra}END:VEVENT\n"


def _build_calendar(*events: str, head: str = "", year: tuple[tuple[str, str], ...] = YEAR) -> str:
    body = "".join([*(_build_event(*entry) for entry in year), *events])
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{head}{body}END:VCALENDAR\n"


def _read_days(text: str) -> dict[date, dict[str, Any]]:
    frame = readers.read_days({"calendar.ics": text}).tables["calendar_days"]
    return {row.pop("date"): row for row in frame.to_dicts()}


def test_weekdays_from_the_first_day_to_the_last_are_school_days() -> None:
    days = _read_days(_build_calendar())
    assert (min(days), max(days)) == (date(2025, 8, 18), date(2026, 5, 29))
    assert {day for day, row in days.items() if row["kind"] == "school"} == {day for day in days if day.weekday() < 5}
    assert {row["org_key"] for row in days.values()} == {""}


@pytest.mark.parametrize(
    ("summary", "kind"),
    [
        ("No School - Conferences", "closed"),
        ("Labor Day", "closed"),
        ("School Holiday", "closed"),
        ("Fall Break", "break"),
        ("Winter Recess", "break"),
        ("Vacaciones de invierno", "break"),
        ("No hay clases", "closed"),
        ("Professional Development Day", "staff"),
        ("Teacher Work Day", "staff"),
        ("Desarrollo profesional", "staff"),
        ("Early Release - Staff Development", "school"),
        ("Classes resume after Winter Break", "school"),
        ("Picture Day", "school"),
        ("Board meeting", "school"),
        ("Late Start - Professional Development", "school"),
        ("2-Hour Delay - Staff Development", "school"),
        ("Holiday Band Concert", "school"),
        ("PTA Holiday Shop", "school"),
        ("Spring Break Camp Registration Opens", "school"),
        ("Last day of school before break", "school"),
        ("Last day before Thanksgiving Recess", "school"),
        ("No School for Kindergarten - Conferences", "school"),
        ("Elementary Conferences - No School", "school"),
        ("No School - Middle School Conferences", "school"),
        ("Student-Free Day", "closed"),
        ("Student Free Day", "closed"),
        ("Non-Instructional Day", "closed"),
        ("Students Not in Session", "closed"),
        ("No habrá clases", "closed"),
        ("Escuelas cerradas", "closed"),
        ("Federal Holiday", "closed"),
    ],
)
def test_the_words_of_an_event_say_what_a_day_is(summary: str, kind: str) -> None:
    assert _read_days(_build_calendar(_build_event("20251014", summary)))[date(2025, 10, 14)]["kind"] == kind


def test_a_range_ends_before_the_day_that_it_names() -> None:
    days = _read_days(_build_calendar(_build_event("20251222", "Winter Break", until="20260105")))
    assert [day for day, row in days.items() if row["kind"] == "break"] == [
        day for day in days if date(2025, 12, 22) <= day <= date(2026, 1, 4)
    ]
    assert days[date(2026, 1, 5)]["kind"] == "school"
    assert days[date(2025, 12, 22)]["title"] == "Winter Break"


def test_a_repetition_counts_on_each_of_its_days_but_for_exceptions() -> None:
    rule = "RRULE:FREQ=WEEKLY;COUNT=3\nEXDATE;VALUE=DATE:20251008\n"
    days = _read_days(_build_calendar(_build_event("20251001", "Teacher Work Day", extra=rule)))
    assert [day.isoformat() for day, row in days.items() if row["kind"] == "staff"] == ["2025-10-01", "2025-10-15"]


def test_an_early_release_is_a_school_day_that_ends_when_it_says() -> None:
    row = _read_days(
        _build_calendar(
            _build_event("20251003", "Early Release Day", extra="DESCRIPTION:All students leave at 12:30 pm\n")
        )
    )[date(2025, 10, 3)]
    assert (row["kind"], row["first_bell"], row["last_bell"]) == ("school", None, "12:30")
    assert _read_days(_build_calendar(_build_event("20251003", "Minimum Day")))[date(2025, 10, 3)]["last_bell"] is None


@pytest.mark.parametrize(
    ("start", "end", "closed"),
    [
        ("20251014T050000Z", "20251015T050000Z", ["2025-10-14"]),
        ("20251014T000000", "20251014T235900", ["2025-10-14"]),
        ("20251014T180000", "20251014T190000", []),
    ],
)
def test_a_timed_event_closes_the_days_that_it_takes_up(start: str, end: str, closed: list[str]) -> None:
    event = f"BEGIN:VEVENT\nUID:t\nDTSTART:{start}\nDTEND:{end}\nSUMMARY:Holiday\nEND:VEVENT\n"
    days = _read_days(_build_calendar(event, head="X-WR-TIMEZONE:America/Chicago\n"))
    assert [day.isoformat() for day, row in days.items() if row["kind"] == "closed" and day.weekday() < 5] == closed


def test_two_years_are_two_years_and_a_winter_break_is_none() -> None:
    year = (
        *YEAR,
        ("20251219", "Last day of school in 2025"),
        ("20260105", "First day of school in 2026"),
        ("20260817", "First day of classes"),
        ("20270528", "Last day of classes"),
    )
    days = _read_days(_build_calendar(year=year))
    assert date(2026, 1, 1) in days
    assert date(2026, 7, 1) not in days
    assert max(days) == date(2027, 5, 28)


def test_a_cancelled_event_says_nothing() -> None:
    assert (
        _read_days(_build_calendar(_build_event("20251014", "No school", extra="STATUS:CANCELLED\n")))[
            date(2025, 10, 14)
        ]["kind"]
        == "school"
    )


def test_a_calendar_that_names_its_school_is_that_schools() -> None:
    days = _read_days(_build_calendar(head="X-WR-CALNAME:Maple High School Calendar 2025-26\n"))
    assert {row["org_key"] for row in days.values()} == {"Maple High School"}
    assert find_school("Maple Valley Unified School District Calendar") == ""
    assert find_school("All Schools Elementary") == ""


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (_build_calendar(year=()), None, "says nowhere when the first day"),
        (_build_calendar(year=YEAR[:1]), None, "says nowhere when the last day"),
        (_build_calendar().replace("END:VEVENT\n", "", 1), None, "ends what did not begin"),
        (_build_calendar()[: -len("END:VCALENDAR\n")], 1, "never ends"),
        (
            _build_calendar(_build_event("20251001", "No school", extra="RRULE:FREQ=SECONDLY\n")),
            None,
            "repeats within a day",
        ),
        (
            _build_calendar(_build_event("20251001", "No school", extra="RRULE:FREQ=DAILY;BYSECOND=1,2\n")),
            None,
            "repeats within a day",
        ),
        (_build_calendar(year=(YEAR[0], ("20990529", "Last day of school"))), None, "tells school years from"),
    ],
)
def test_what_cannot_be_told_is_refused(text: str, line: int | None, reason: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        readers.read_days({"calendar.ics": text})
    (problem,) = refusal.value.problems
    assert reason in problem.reason
    assert problem.fits
    assert line is None or problem.line == line


def test_a_days_line_is_that_of_its_event() -> None:
    text = _build_calendar(_build_event("20251014", "No school", uid="here"))
    line = _read_days(text)[date(2025, 10, 14)]["_line"]
    assert text.split("\n")[line - 1 : line + 1] == ["BEGIN:VEVENT", "UID:here"]


@pytest.mark.parametrize(
    ("message", "at"), [("dismissal at 1:05 p.m.", "13:05"), ("8:00 am to 1 pm", None), ("early", None)]
)
def test_a_dismissal_is_a_single_time_of_day(message: str, at: str | None) -> None:
    assert find_dismissal(message) == at


def test_an_event_about_something_else_says_nothing() -> None:
    assert [classify_event(words) for words in ("PTA meeting", "Baseball vs. Oakdale", "Yearbook sale")] == [None] * 3


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_is_known_by_its_first_line(tmp_path: Path, end: str) -> None:
    path = tmp_path / "basic.ics"
    path.write_text(
        _build_calendar(_build_event("20251014", "Núñez Day, no school")), encoding="utf-8-sig", newline=end
    )
    detection = detect_packages([path], connectors=load_connectors())
    assert detection.problems == ()
    (file,) = detection.packages[0].files
    assert file.kind.id == "icalendar.days"
    assert readers.read_days(file.texts).tables["calendar_days"].height == 285


def test_summer_school_and_preschool_are_no_school_year() -> None:
    summer = ("Summer School Begins", "Summer School Classes Start", "Preschool begins", "Pre-school ends")
    days = _read_days(
        _build_calendar(*(_build_event(f"2026060{number}", words) for number, words in enumerate(summer, start=1)))
    )
    assert (min(days), max(days)) == (date(2025, 8, 18), date(2026, 5, 29))


@pytest.mark.parametrize("uid", ["", "UID:one-for-all\n"])
def test_events_without_an_id_or_with_one_id_are_told_apart(uid: str) -> None:
    entries = (("20250818", "First Day of School"), ("20251014", "No School"), ("20260529", "Last Day of School"))
    events = [f"BEGIN:VEVENT\n{uid}DTSTART;VALUE=DATE:{day}\nSUMMARY:{words}\nEND:VEVENT\n" for day, words in entries]
    days = _read_days(_build_calendar(*events, year=()))
    assert [(day.isoformat(), row["_line"]) for day, row in days.items() if row["title"]] == [
        ("2025-10-14", 9 if uid else 8)
    ]


def test_an_event_that_was_changed_counts_once() -> None:
    first = _build_event("20251014", "No School", uid="x", extra="SEQUENCE:1\n")
    days = _read_days(_build_calendar(first, _build_event("20251015", "No School", uid="x", extra="SEQUENCE:2\n")))
    assert [day.day for day, row in days.items() if row["kind"] == "closed" and day.weekday() < 5] == [15]


def test_whole_days_in_utc_of_a_place_that_nobody_names_are_those_days() -> None:
    # From midnight to midnight in Chicago; the clock is set back within the second one.
    spans = (("20251014T050000Z", "20251015T050000Z"), ("20251031T050000Z", "20251104T060000Z"))
    events = [f"BEGIN:VEVENT\nDTSTART:{start}\nDTEND:{end}\nSUMMARY:No School\nEND:VEVENT\n" for start, end in spans]
    for head in ("", "X-WR-TIMEZONE:Central Time (US & Canada)\n"):
        closed = [day for day, row in _read_days(_build_calendar(*events, head=head)).items() if row["title"]]
        assert [day.isoformat() for day in closed] == [
            "2025-10-14", "2025-10-31", "2025-11-01", "2025-11-02", "2025-11-03",
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("start", "end", "bell"),
    [
        (";TZID=America/Los_Angeles:20251014T133000", ";TZID=America/Los_Angeles:20251014T150000", "13:30"),
        (":20251014T133000", ":20251014T150000", "13:30"),
        (":20251014T080000", ":20251014T123000", None),
        (":20251014T203000Z", ":20251014T220000Z", None),
    ],
)
def test_an_early_release_without_a_time_in_its_words_ends_school_when_it_begins(
    start: str, end: str, bell: str | None
) -> None:
    event = f"BEGIN:VEVENT\nDTSTART{start}\nDTEND{end}\nSUMMARY:Early Release\nEND:VEVENT\n"
    assert _read_days(_build_calendar(event))[date(2025, 10, 14)]["last_bell"] == bell


@pytest.mark.parametrize("start", ["", "DTSTART:2025-10-14\n"])
def test_an_event_without_a_day_costs_itself_and_is_reported_with_its_line(start: str) -> None:
    text = _build_calendar(
        f"BEGIN:VEVENT\nUID:u\n{start}SUMMARY:No School\nEND:VEVENT\n", _build_event("20251014", "No School")
    )
    read = readers.read_days({"calendar.ics": text})
    assert list_rejects(read) == [(14, "DTSTART", True)]
    assert [row["date"] for row in list_rows(read, "calendar_days") if row.get("title")] == [date(2025, 10, 14)]


@pytest.mark.parametrize(
    ("extra", "field", "row_lost"),
    [
        ("no name and no value\n", "", False),
        ("RRULE:FREQ=OFTEN\n", "RRULE", True),
    ],
)
def test_an_odd_line_and_an_odd_repetition_cost_themselves(extra: str, field: str, row_lost: bool) -> None:
    read = readers.read_days(
        {
            "calendar.ics": _build_calendar(
                _build_event("20251014", "No School", extra=extra), _build_event("20251015", "No School")
            )
        }
    )
    ((line, reported_field, is_row_lost),) = list_rejects(read)
    assert (reported_field, is_row_lost) == (field, row_lost)
    assert line in (14, 18)
    titled = [row["date"].day for row in list_rows(read, "calendar_days") if row.get("title")]
    assert titled == ([15] if row_lost else [14, 15])


@pytest.mark.parametrize(
    "head",
    [
        "REFRESH-INTERVAL;VALUE=DURATION:P1H\n",
        "X-PUBLISHED-TTL;VALUE=DURATION:often\nCALSCALE;X=:\n",
        "BEGIN:VTODO\nDUE:soon\nEND:VTODO\nBEGIN:X-OWN\nDTSTART:never\nEND:X-OWN\n",
    ],
)
def test_an_odd_property_that_nobody_needs_costs_nothing(head: str) -> None:
    read = readers.read_days({"calendar.ics": _build_calendar(_build_event("20251014", "No School"), head=head)})
    assert (read.rejects.height, read.tables["calendar_days"].height) == (0, 285)


def test_a_time_zone_that_cannot_be_read_is_left_out_with_its_line() -> None:
    zone = "BEGIN:VTIMEZONE\nTZID:Here\nBEGIN:STANDARD\nTZOFFSETTO:soon\nDTSTART:never\nEND:STANDARD\nEND:VTIMEZONE\n"
    read = readers.read_days({"calendar.ics": _build_calendar(_build_event("20251014", "No School"), head=zone)})
    assert list_rejects(read) in ([], [(4, "VTIMEZONE", False)])
    assert read.tables["calendar_days"].height == 285


def test_a_calendar_of_closings_alone_lists_them_and_says_what_they_need() -> None:
    events = [
        _build_event("20251222", "Winter Break", until="20260103"),
        _build_event("20250901", "Labor Day"),
        _build_event("20251014", "Early Release"),
        _build_event("20251016", "A Day"),
    ]
    read = readers.read_days({"calendar.ics": _build_calendar(*events, year=())})
    rows = list_rows(read, "calendar_days")
    assert (len(rows), rows[0]["date"], {row["kind"] for row in rows}) == (13, date(2025, 9, 1), {"break", "closed"})
    assert list_rejects(read) == [(1, "SUMMARY", False), (15, "SUMMARY", True)]
    assert "district.yaml" in read.rejects["reason"][0]


def test_the_calendar_of_a_real_school_is_read() -> None:
    path = SHARED_DATA / "messy-formats" / "calendars" / "skdays.ics"
    if not path.exists():
        pytest.skip("the files that others made are not here")
    read = readers.read_days({"skdays.ics": path.read_text(encoding="utf-8")})
    assert (read.tables["calendar_days"].height, list_rejects(read)) == (24, [(1, "SUMMARY", False)])


def test_two_calendars_in_one_file_are_refused_as_such() -> None:
    with pytest.raises(FileRefused, match="holds 2 calendars"):
        _read_days(_build_calendar() + _build_calendar())


def test_more_repeating_events_than_a_school_has_are_refused_before_they_are_spread_out() -> None:
    daily = [
        _build_event("20250901", "No school", extra="RRULE:FREQ=DAILY\n", uid=f"e{number}") for number in range(600)
    ]
    with pytest.raises(FileRefused, match="600 repeating events"):
        _read_days(_build_calendar(*daily))


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("First Student Day", "Last Student Day"),
        ("Students' First Day", "Students Last Day"),
        ("First Day of the School Year", "Final Day of School"),
        ("First Day of 2025-26 School Year", "Last Day for Students"),
        ("1st Day of classes for students", "Last day of classes for students: 2 hour early release"),
        ("Primer día de escuela", "Último día de escuela"),
        ("First Day Staff & Students", "Last Day Staff & Students"),
        ("First Day - Teachers and Students", "Last Day: Students"),
    ],
)
def test_a_school_year_begins_and_ends_in_many_words(first: str, last: str) -> None:
    days = _read_days(_build_calendar(year=(("20250818", first), ("20260529", last))))
    assert (min(days), max(days)) == (date(2025, 8, 18), date(2026, 5, 29))


def test_an_afternoon_in_spanish_is_the_afternoon() -> None:
    assert find_dismissal("Salida temprana 1:30 p. m.") == "13:30"
