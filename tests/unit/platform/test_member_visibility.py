"""Test when a member is seen, not seen and stale."""

from datetime import date

from homeroom.domain.protect.control_states import MemberVisibility
from homeroom.domain.protect.findings import classify_visibility

TODAY = date(2026, 1, 15)


def test_a_member_is_not_seen_for_seven_days_and_stale_on_the_eighth() -> None:
    assert classify_visibility(None, today=TODAY) is MemberVisibility.SEEN
    assert classify_visibility(date(2026, 1, 8), today=TODAY) is MemberVisibility.NOT_SEEN
    assert classify_visibility(date(2026, 1, 7), today=TODAY) is MemberVisibility.STALE
