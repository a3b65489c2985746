"""A person's calendar is busy as RFC 5545 has it, right across both changes of the clock."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from homeroom.connectors.icalendar.busy_times import read_busy_spans
from homeroom.ingest.contract.errors import FileRefused

ZONE = ZoneInfo("America/Los_Angeles")
DAY = (0, 1440)


def read_events(*events: str) -> dict[date, tuple[tuple[int, int], ...]]:
    body = "".join(f"BEGIN:VEVENT\nUID:{number}\n{event}\nEND:VEVENT\n" for number, event in enumerate(events, start=1))
    content = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Maple//EN\n{body}END:VCALENDAR\n"
    return read_busy_spans(content.encode(), zone=ZONE, first=date(2025, 10, 1), last=date(2026, 3, 31))


def test_an_event_in_utc_moves_with_the_clock_and_a_local_one_does_not():
    spans = read_events(
        "DTSTART:20251031T160000Z\nDTEND:20251031T170000Z\nRRULE:FREQ=WEEKLY;COUNT=2",
        "DTSTART;TZID=America/Los_Angeles:20260305T090000\nDTEND;TZID=America/Los_Angeles:20260305T100000\n"
        "RRULE:FREQ=WEEKLY;COUNT=2",
    )
    assert spans == {
        date(2025, 10, 31): ((540, 600),),
        date(2025, 11, 7): ((480, 540),),
        date(2026, 3, 5): ((540, 600),),
        date(2026, 3, 12): ((540, 600),),
    }


def test_whole_days_floating_times_and_nights_are_split_by_day():
    spans = read_events(
        "DTSTART;VALUE=DATE:20251111\nDTEND;VALUE=DATE:20251113",
        "DTSTART;VALUE=DATE:20251120",
        "DTSTART:20251201T100000\nDURATION:PT90M",
        "DTSTART:20251203T230000\nDTEND:20251204T010030",
    )
    assert spans == {
        date(2025, 11, 11): (DAY,),
        date(2025, 11, 12): (DAY,),
        date(2025, 11, 20): (DAY,),
        date(2025, 12, 1): ((600, 690),),
        date(2025, 12, 3): ((1380, 1440),),
        date(2025, 12, 4): ((0, 61),),
    }


def test_cancelled_and_transparent_events_and_excluded_dates_are_free():
    spans = read_events(
        "DTSTART:20251006T080000\nDTEND:20251006T090000\nTRANSP:TRANSPARENT",
        "DTSTART:20251007T080000\nDTEND:20251007T090000\nSTATUS:CANCELLED",
        "DTSTART:20251008T080000\nDTEND:20251008T090000\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20251009T080000",
    )
    assert set(spans) == {date(2025, 10, 8), date(2025, 10, 10)}


def test_an_hour_in_a_rule_of_days_is_when_the_event_begins():
    spans = read_events(
        "DTSTART:20251006T080000\nDTEND:20251006T090000\nRRULE:FREQ=WEEKLY;BYDAY=MO,WE;BYHOUR=8;BYMINUTE=0;COUNT=3"
    )
    assert spans == {date(2025, 10, day): ((480, 540),) for day in (6, 8, 13)}


def test_a_day_of_a_series_that_was_moved_or_cancelled_counts_as_changed():
    content = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Maple//EN
BEGIN:VEVENT
UID:a
DTSTART:20251006T080000
DTEND:20251006T090000
RRULE:FREQ=DAILY;COUNT=3
END:VEVENT
BEGIN:VEVENT
UID:a
RECURRENCE-ID:20251007T080000
DTSTART:20251007T130000
DTEND:20251007T140000
END:VEVENT
BEGIN:VEVENT
UID:a
RECURRENCE-ID:20251008T080000
DTSTART:20251008T080000
DTEND:20251008T090000
STATUS:CANCELLED
END:VEVENT
END:VCALENDAR
"""
    spans = read_busy_spans(content.encode(), zone=ZONE, first=date(2025, 10, 1), last=date(2025, 10, 31))
    assert spans == {date(2025, 10, 6): ((480, 540),), date(2025, 10, 7): ((780, 840),)}


@pytest.mark.parametrize(
    "text",
    [
        "no calendar",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n",
        "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\nSUMMARY:x\nEND:VEVENT\nEND:VCALENDAR\n",
        "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\nDTSTART:20251006T080000\nRRULE:FREQ=DAILY;BYHOUR=8,9\n"
        "END:VEVENT\nEND:VCALENDAR\n",
    ],
)
def test_a_calendar_without_structure_is_refused(text: str):
    with pytest.raises(FileRefused):
        read_busy_spans(text.encode(), zone=ZONE, first=date(2025, 10, 1), last=date(2025, 10, 31))


@pytest.mark.parametrize(
    ("event", "field"),
    [
        ("DTSTART:20251006T160000Z\nDURATION:PT30M\nRRULE:FREQ=DAILY;INTERVAL=0", "RRULE"),
        ("DTSTART:20251006T160000Z\nDURATION:PT30M\nRRULE:COUNT=3", "RRULE"),
        ("DTSTART:2025-10-06\nDURATION:PT30M", "DTSTART"),
        ("DTSTART:20251006T160000Z\nDTSTART:20251007T160000Z", "DTSTART"),
        ("DTSTART:20251006T160000Z\nDURATION:30M", "DURATION"),
        ("DTSTART;TZID=Maple/Town:20251006T160000\nDURATION:PT30M", "DTSTART"),
        ("DTSTART:20251006T160000Z\nDURATION:PT30M\nRDATE;TZID=Maple/Town:20251007T160000", "RDATE"),
    ],
)
def test_an_event_that_cannot_be_read_is_refused_with_its_line(event: str, field: str):
    with pytest.raises(FileRefused) as refused:
        read_events(event)
    (problem,) = refused.value.problems
    assert (problem.field, problem.line) == (field, 4)


def test_a_time_zone_that_the_file_defines_is_used():
    zone = """BEGIN:VTIMEZONE
TZID:Maple Town
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:-0300
TZOFFSETTO:-0300
TZNAME:MT
END:STANDARD
END:VTIMEZONE
"""
    event = "BEGIN:VEVENT\nUID:a\nDTSTART;TZID=Maple Town:20251103T120000\nDURATION:PT30M\nEND:VEVENT\n"
    content = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Maple//EN\n{zone}{event}END:VCALENDAR\n"
    spans = read_busy_spans(content.encode(), zone=ZONE, first=date(2025, 11, 1), last=date(2025, 11, 5))
    assert spans == {date(2025, 11, 3): ((420, 450),)}


def test_a_name_of_the_calendars_zone_does_not_move_times_in_utc():
    event = "BEGIN:VEVENT\nUID:a\nDTSTART:20251031T160000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=2\nEND:VEVENT\n"
    head = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Maple//EN\nX-WR-TIMEZONE:America/Los_Angeles\n"
    spans = read_busy_spans(
        f"{head}{event}END:VCALENDAR\n".encode(), zone=ZONE, first=date(2025, 10, 1), last=date(2025, 11, 30)
    )
    assert spans == {date(2025, 10, 31): ((540, 600),), date(2025, 11, 7): ((480, 540),)}


def test_a_repetition_until_a_day_includes_that_day():
    start = "DTSTART;TZID=America/Los_Angeles:20251006T090000\nDURATION:PT30M\n"
    assert set(read_events(f"{start}RRULE:FREQ=DAILY;UNTIL=20251008")) == {date(2025, 10, day) for day in (6, 7, 8)}
    assert set(read_events(f"{start}RRULE:FREQ=DAILY;UNTIL=20251008T090000")) == {
        date(2025, 10, day) for day in (6, 7, 8)
    }


def test_hours_over_a_night_in_which_the_clock_changes_are_counted_in_full():
    start = "DTSTART;TZID=America/Los_Angeles:20260307T220000\n"
    spans = read_events(f"{start}DURATION:PT10H")
    assert spans == {date(2026, 3, 7): ((1320, 1440),), date(2026, 3, 8): ((0, 540),)}
    spans = read_events(
        "DTSTART;TZID=America/Los_Angeles:20260307T220000\nDTEND;TZID=America/Los_Angeles:20260308T080000"
    )
    assert spans == {date(2026, 3, 7): ((1320, 1440),), date(2026, 3, 8): ((0, 480),)}


def test_events_that_share_an_id_all_count_and_a_moved_day_stays_one_of_its_series():
    events = (
        "BEGIN:VEVENT\nUID:a\nRECURRENCE-ID:20251008T160000Z\nDTSTART:20251008T200000Z\nDURATION:PT1H\nEND:VEVENT\n"
        "BEGIN:VEVENT\nUID:a\nDTSTART:20251007T160000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2\nEND:VEVENT\n"
        "BEGIN:VEVENT\nUID:a\nDTSTART:20251010T160000Z\nDURATION:PT1H\nEND:VEVENT\n"
    )
    content = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Maple//EN\n{events}END:VCALENDAR\n"
    spans = read_busy_spans(content.encode(), zone=ZONE, first=date(2025, 10, 1), last=date(2025, 10, 31))
    assert spans == {
        date(2025, 10, 7): ((540, 600),),
        date(2025, 10, 8): ((780, 840),),
        date(2025, 10, 10): ((540, 600),),
    }
