"""What was announced is read as the district means it: in its zone, by all names of an account."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from homeroom.apps.protect.detection.announced_work import read_moment
from homeroom.apps.protect.detection.judging.district_evidence import add_account_names
from homeroom.domain.protect.detections.expected_activity import ExpectedActivity
from tests.apps.protect.detection.event_loads import make_account

CHICAGO = ZoneInfo("America/Chicago")


def test_a_day_is_the_districts_whole_day_and_a_time_with_a_zone_is_its_own():
    assert read_moment("2026-12-19", zone=CHICAGO, at_end=False) == datetime(2026, 12, 19, 6, tzinfo=UTC)
    last = read_moment("2026-12-19", zone=CHICAGO, at_end=True)
    assert last == datetime(2026, 12, 20, 6, tzinfo=UTC) - timedelta(microseconds=1)
    assert read_moment("2026-12-19T10:00:00", zone=CHICAGO, at_end=True) == datetime(2026, 12, 19, 16, tzinfo=UTC)
    assert read_moment("2026-12-19T10:00:00Z", zone=CHICAGO, at_end=True) == datetime(2026, 12, 19, 10, tzinfo=UTC)
    assert read_moment(None, zone=CHICAGO, at_end=True) is None


def test_who_is_announced_by_one_name_is_meant_by_all():
    item = ExpectedActivity(number="1", who=("ANA", "svc-scan"), reason="Scans.")
    assert add_account_names([item], [make_account("ana")])[0].who == ("ana", "ana@maple.example", "svc-scan")
