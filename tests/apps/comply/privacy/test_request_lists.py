"""Requests are listed by the day they came, and to their district alone."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from homeroom.apps.comply.privacy.models import PrivacyRequest
from homeroom.apps.comply.privacy.requests.queries import list_requests
from tests.cast import create_cast

pytestmark = [pytest.mark.django_db, pytest.mark.differs_by_database("order of open and closed requests")]
NOON, TODAY = datetime(2026, 1, 15, 18, tzinfo=UTC), date(2026, 1, 15)


def test_open_requests_come_by_their_day_and_closed_ones_newest_first_and_no_other_districts() -> None:
    cast = create_cast()
    days = {"late": (9, None), "early": (2, None), "over": (3, 11), "done": (1, 14)}
    for district, requester in ((cast.district, "A parent"), (cast.next_district, "A stranger")):
        for name, (received, closed) in days.items():
            PrivacyRequest.objects.create(
                district=district,
                public=f"request-{name}",
                kind="access",
                requester=requester,
                relation="parent",
                received_on=date(2026, 1, received),
                closed_on=date(2026, 1, closed) if closed else None,
                step="received",
                made_at=NOON,
            )
    still_open = list_requests(district=cast.district, today=TODAY)
    assert [line.id for line in still_open] == ["request-early", "request-late"]
    assert {line.requester for line in still_open} == {"A parent"}
    assert [line.id for line in list_requests(district=cast.district, today=TODAY, closed=True)] == [
        "request-done",
        "request-over",
    ]
