"""The worker deletes sessions that ended and attempts that make nobody wait, once an hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session

from homeroom.apps.platform.districts.models import SignInAttempts
from homeroom.apps.platform.districts.sign_in_attempts import register_sign_in_attempt
from homeroom.apps.platform.districts.sweep import ExpiryClock

AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
pytestmark = [pytest.mark.django_db, pytest.mark.differs_by_database("deletion by time")]


def test_what_ended_is_deleted_and_the_rest_stays() -> None:
    for key, ends_at in (("ended", AT - HOUR), ("active", AT + HOUR)):
        Session.objects.create(session_key=key, session_data="", expire_date=ends_at)
    register_sign_in_attempt(username="a", address="192.0.2.1", at=AT - HOUR)
    register_sign_in_attempt(username="b", address="192.0.2.1", at=AT)
    clock = ExpiryClock()
    assert clock.apply(at=AT) == 3
    assert [session.session_key for session in Session.objects.all()] == ["active"]
    assert SignInAttempts.objects.count() == 2
    assert clock.apply(at=AT + HOUR / 2) == 0, "once an hour"
    assert clock.apply(at=AT + 2 * HOUR) == 3
    assert not SignInAttempts.objects.exists()
