"""Work that was announced on the page is judged by like that of files, and again once it changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.detection.announcing.commands import withdraw_announced_work
from homeroom.apps.protect.detection.judging.judge_events import judge_new_events
from homeroom.apps.protect.detection.models import AnnouncedWork, StoredAlert
from tests.apps.protect.detection.event_loads import MONDAY, EventLoads, Row, build_events, make_row
from tests.cast import Cast, create_cast

pytestmark = pytest.mark.django_db
AT = MONDAY + timedelta(days=1)
ENTRY: Mapping[str, Any] = {
    **dict.fromkeys(("targets", "hosts", "addresses", "countries", "starts", "ends", "daily_from", "daily_until")),
    "who": ["ANA@maple.example"],
}


@pytest.fixture
def cast(tmp_path: Path, settings: Any) -> Cast:
    settings.DATA = tmp_path
    return create_cast()


def announce(cast: Cast, **changes: Any) -> AnnouncedWork:
    return AnnouncedWork.objects.create(
        district_id=cast.district.pk, key="1", entry={**ENTRY, **changes}, reason="She moves her mail.",
        announced_by="director", announced_at=AT,
    )  # fmt: skip


def judge(cast: Cast, *loads: list[Row]) -> list[tuple[str, str]]:
    """Judge loads and return the state and reason of the alerts."""
    judge_new_events(
        district=cast.district, store=get_evidence_store(district=cast.district), events=EventLoads(*loads),
        build_events=build_events, at=AT,
    )  # fmt: skip
    return list(StoredAlert.objects.of(cast.district).order_by("began_at").values_list("state", "reason"))


def make_forwarding(**values: Any) -> Row:
    return make_row(
        "email_forwarding_out_of_domain", log="user_accounts", actor="ana@maple.example",
        **{"email_forwarding_destination_address": "eve@evil.example", **values},
    )  # fmt: skip


def test_work_of_the_page_is_judged_by_until_it_is_taken_back(cast: Cast):
    row = announce(cast)
    load = [make_forwarding()]
    assert judge(cast, load) == [("expected", "She moves her mail.")]
    withdraw_announced_work(
        district=cast.district, store=get_evidence_store(district=cast.district), at=AT, actor="x", number=row.pk
    )
    assert judge(cast, load) == [("new", "")]


def test_what_was_announced_after_it_was_judged_is_folded_again(cast: Cast):
    load = [make_forwarding()]
    assert judge(cast, load) == [("new", "")]
    announce(cast)
    assert judge(cast, load) == [("expected", "She moves her mail.")]


def test_work_that_ended_early_covers_nothing_after_that(cast: Cast):
    row = announce(cast)
    row.ended_at = MONDAY + timedelta(hours=1)
    row.save()
    load = [make_forwarding(minutes=0), make_forwarding(minutes=3 * 24 * 60)]
    assert [state for state, _reason in judge(cast, load)] == ["expected", "new"]


def test_the_work_of_another_district_covers_nothing_here(cast: Cast):
    AnnouncedWork.objects.create(
        district_id=cast.next_district.pk, key="1", entry=dict(ENTRY), reason="Theirs.", announced_by="x",
        announced_at=AT,
    )  # fmt: skip
    assert judge(cast, [make_forwarding()]) == [("new", "")]
