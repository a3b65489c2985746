"""How a rollout goes: minutes that are learned and used by a click, early and late, and rooms that need a word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from homeroom.apps.manage.rollouts.commands import make_rollout
from homeroom.apps.manage.rollouts.models import Rollout, RolloutVisit, TargetRoom
from homeroom.apps.platform.audit.models import Entry
from tests.apps.manage.rollouts.rollout_cases import AT, add_visits
from tests.cast import Cast

ClientFactory = Callable[[str], Client]
DAY, ZONE = date(2026, 1, 12), ZoneInfo("America/Chicago")
ROOMS = [f"{number}" for number in range(101, 109)]


def get_text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def make(cast: Cast, *, title: str = "Carts") -> str:
    public = make_rollout(district=cast.district, title=title, kind="swap", noun="Carts", actor="director", at=AT)
    add_visits(cast.district, public, [(name, DAY, "10:00", "10:25", ["Kim"]) for name in ROOMS], state="running")
    return public


def record(cast: Cast, public: str, took: dict[str, int], *, late: int = 0) -> None:
    began = datetime(2026, 1, 12, 10, 0, tzinfo=ZONE) + timedelta(minutes=late)
    rows = RolloutVisit.objects.of(cast.district).filter(rollout__public=public)
    for name, minutes in took.items():
        rows.filter(room=f"Cedar Middle: {name}").update(
            outcome="done", began_at=began, ended_at=began + timedelta(minutes=minutes)
        )


@pytest.fixture
def visited(cast: Cast) -> str:
    public = make(cast)
    record(cast, public, dict.fromkeys(ROOMS[:5], 32), late=9)
    return public


def test_minutes_that_visits_took_are_used_by_one_click_for_rooms_still_to_be_visited(
    as_: ClientFactory, cast: Cast, visited: str
):
    client = as_("technician")
    assert "Visits took other minutes than were planned." in get_text(client.get(f"/rollouts/{visited}"))
    page = get_text(client.get(f"/rollouts/{visited}/progress"))
    assert "Use 32 minutes instead of 25: 5 visits took that long" in page
    assert "32 minutes instead of 25 in 3 rooms" in page
    assert "began 9 minutes late" in page
    answer = client.post(f"/rollouts/{visited}/minutes", {"visits": "5"}, follow=True)
    assert "3 rooms take the minutes that visits took. Plan again" in get_text(answer)
    assert "Rooms that are still to be visited have these minutes already." in get_text(answer)
    minutes = dict(TargetRoom.objects.of(cast.district).values_list("name", "minutes"))
    assert [minutes[name] for name in ROOMS] == [25] * 5 + [32] * 3
    entry = Entry.objects.of(cast.district).get(action="use learned minutes")
    assert (entry.actor, entry.detail["rooms"]) == ("technician", 3)


def test_minutes_that_changed_since_they_were_shown_are_not_used(as_: ClientFactory, cast: Cast, visited: str):
    record(cast, visited, {ROOMS[5]: 60})
    answer = as_("director").post(f"/rollouts/{visited}/minutes", {"visits": "5"}, follow=True)
    assert "there are other visits by now" in get_text(answer)
    assert set(TargetRoom.objects.of(cast.district).values_list("minutes", flat=True)) == {25}
    assert as_("director").post(f"/rollouts/{visited}/minutes", {"visits": "x"}).status_code == 302


def test_a_new_rollout_learns_from_others_of_its_kind_until_it_has_visits_of_its_own(
    as_: ClientFactory, cast: Cast, visited: str
):
    new = make(cast, title="More carts")
    assert "From 5 visits of other rollouts of this kind." in get_text(as_("director").get(f"/rollouts/{new}/progress"))
    record(cast, new, dict.fromkeys(ROOMS[:5], 40))
    page = get_text(as_("director").get(f"/rollouts/{new}/progress"))
    assert "From 5 visits of this rollout." in page
    assert "Use 40 minutes instead of 25" in page
    Rollout.objects.of(cast.district).filter(public=new).update(noun="Projectors")
    RolloutVisit.objects.of(cast.district).filter(rollout__public=new).update(began_at=None)
    assert "Minutes are learned from 5 visits on" in get_text(as_("director").get(f"/rollouts/{new}/progress"))


def test_a_room_that_was_shut_twice_needs_a_word_with_the_teacher_until_it_was_visited(as_: ClientFactory, cast: Cast):
    public = make(cast)
    rows = RolloutVisit.objects.of(cast.district)
    rows.filter(room="Cedar Middle: 101").update(outcome="no_entry")
    client = as_("auditor")
    assert "Needs a word" not in get_text(client.get(f"/rollouts/{public}/progress"))
    add_visits(cast.district, public, [("101", DAY + timedelta(days=2), "10:00", "10:25", ["Kim"])])
    rows.filter(room="Cedar Middle: 101").update(outcome="no_entry")
    add_visits(cast.district, public, [("101", DAY + timedelta(days=4), "10:00", "10:25", ["Kim"])])
    page = get_text(client.get(f"/rollouts/{public}/progress"))
    assert "Needs a word with the teacher" in page
    assert "Jan 14, 2026" in page
    assert "1 room needs a word with the teacher." in get_text(client.get(f"/rollouts/{public}"))
    rows.filter(room="Cedar Middle: 101", outcome="").update(outcome="done")
    assert "Needs a word" not in get_text(client.get(f"/rollouts/{public}/progress"))


def test_an_auditor_uses_no_minutes_and_a_stranger_sees_none(as_: ClientFactory, cast: Cast, visited: str):
    assert "Use 32 minutes" not in get_text(as_("auditor").get(f"/rollouts/{visited}/progress"))
    assert as_("auditor").post(f"/rollouts/{visited}/minutes", {"visits": "5"}).status_code == 403
    assert as_("stranger").get(f"/rollouts/{visited}/progress").status_code == 404
    assert as_("stranger").post(f"/rollouts/{visited}/minutes", {"visits": "5"}).status_code == 404
    assert set(TargetRoom.objects.of(cast.district).values_list("minutes", flat=True)) == {25}
