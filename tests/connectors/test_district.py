"""The district's facts, as a director writes them."""

from __future__ import annotations

from datetime import date

import pytest

from homeroom.connectors.district.readers import read_district
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.contract.errors import FileRefused
from homeroom.library.know.mappings import read_document
from tests.connectors.raw_frames import list_rows

FACTS = """
homeroom: district
name: Maple Valley Unified
timezone: America/Chicago
sign_in:
  - {directory: google, unit: /Staff/, provider: microsoft}
  - {directory: google, domain: "@Maple.example", provider: other}
authority: {staff: hr, student: oneroster}
calendar:
  first_day: 2025-08-28
  last_day: 2025-09-05
  weekdays: [mon, tue, wed, thu, fri]
  closed:
    - {on: 2025-09-01, title: Labor Day}
    - {from: 2025-09-03, to: 2025-09-04, kind: break, title: Fair}
"""


def _read_facts(text: str) -> Reading:
    return read_document(text, file="district.yaml", reader=read_district)


def test_every_day_between_the_first_and_the_last_has_a_kind() -> None:
    days = {row["date"]: (row["kind"], row.get("title")) for row in list_rows(_read_facts(FACTS), "calendar_days")}
    assert days == {
        date(2025, 8, 28): ("school", None),
        date(2025, 8, 29): ("school", None),
        date(2025, 8, 30): ("closed", None),
        date(2025, 8, 31): ("closed", None),
        date(2025, 9, 1): ("closed", "Labor Day"),
        date(2025, 9, 2): ("school", None),
        date(2025, 9, 3): ("break", "Fair"),
        date(2025, 9, 4): ("break", "Fair"),
        date(2025, 9, 5): ("school", None),
    }


def test_rules_and_authorities_are_kept() -> None:
    read = _read_facts(FACTS)
    assert list_rows(read, "sign_in_rules") == [
        {"directory": "google", "org_unit": "/Staff", "domain": "", "provider": "microsoft"},
        {"directory": "google", "org_unit": "/", "domain": "maple.example", "provider": "other"},
    ]
    assert list_rows(read, "authorities") == [
        {"kind": "staff", "authority": "hr"},
        {"kind": "student", "authority": "oneroster"},
    ]


def test_a_file_without_a_calendar_has_no_days() -> None:
    assert list_rows(_read_facts("homeroom: district\n"), "calendar_days") == []


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("America/Chicago", "America/Nowhere", "timezone"),
        ("unit: /Staff/", "unit: Staff", "sign_in[0].unit"),
        ("unit: /Staff/", "ou: /Staff", "sign_in[0].ou"),
        ("provider: other}", "provider: }", "sign_in[1].provider"),
        ("staff: hr", "teachers: hr", "authority.teachers"),
        ("last_day: 2025-09-05", "last_day: 2025-08-01", "calendar.last_day"),
        ("first_day: 2025-08-28", "first_day: soon", "calendar.first_day"),
        ("[mon, tue", "[monday, tue", "calendar.weekdays"),
        ("on: 2025-09-01", "on: 2026-09-01", "calendar.closed[0]"),
        ("kind: break", "kind: holiday", "calendar.closed[1].kind"),
        ("to: 2025-09-04", "to: 2025-09-01", "calendar.closed[1].to"),
        ("name: Maple", "nane: Maple", "nane"),
    ],
)
def test_what_does_not_fit_is_refused_with_file_and_field(old: str, new: str, field: str) -> None:
    assert old in FACTS
    with pytest.raises(FileRefused) as refusal:
        _read_facts(FACTS.replace(old, new))
    problem = refusal.value.problems[0]
    assert (problem.file, problem.field) == ("district.yaml", field)
    assert problem.fits


def test_text_that_is_not_yaml_is_refused_with_its_line() -> None:
    with pytest.raises(FileRefused) as refusal:
        _read_facts("homeroom: district\nname: [Maple\n")
    assert refusal.value.problems[0].line == 3
