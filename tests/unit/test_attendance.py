"""Seen, not seen, stale."""

from datetime import date

from homeroom.domain.findings import attendance
from homeroom.domain.states import Attendance

TODAY = date(2026, 1, 15)


def test_a_member_is_not_seen_for_seven_days_and_stale_on_the_eighth() -> None:
    assert attendance(None, today=TODAY) is Attendance.SEEN
    assert attendance(date(2026, 1, 8), today=TODAY) is Attendance.NOT_SEEN
    assert attendance(date(2026, 1, 7), today=TODAY) is Attendance.STALE
