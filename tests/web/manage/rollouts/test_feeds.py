"""Feeds of visits: a calendar reads them at a secret address, sees what moved, and nothing once it is revoked."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from icalendar import Calendar

from homeroom.apps.manage.rollouts.models import Rollout, RolloutVisit, VisitFeed
from homeroom.apps.manage.rollouts.specs.spec_documents import write_spec
from homeroom.apps.manage.rollouts.specs.spec_files import load_spec
from homeroom.apps.manage.rollouts.visits.visit_calendars import write_visit_calendars
from homeroom.apps.platform.audit.models import Entry
from homeroom.domain.manage.rollouts.plan import PlannedVisit
from tests.apps.manage.rollouts.rollout_cases import AT, make_ready_rollout, plan_at_once
from tests.cast import Cast
from tests.web.manage.rollouts.test_making import get_text

ClientFactory = Callable[[str], Client]
_ADDRESS = re.compile(r"http://testserver(/d/maple-valley/calendars/[\w-]+\.ics)")


def make_feed(client: Client, public: str, choice: str = "person:Kim", *, of_all: bool = False) -> str:
    """Make a feed on its page; return its address."""
    answer = client.post(f"/rollouts/{public}/feeds", {"whose": choice} | ({"of_all": "1"} if of_all else {}))
    match = _ADDRESS.search(get_text(answer))
    assert match is not None
    return match[1]


def read_events(content: bytes) -> dict[str, tuple[str, int, str, str]]:
    """Return summary, sequence, status and start of each event by its UID."""
    return {
        str(event["UID"]): (
            str(event["SUMMARY"]), int(event["SEQUENCE"]), str(event["STATUS"]), event["DTSTART"].dt.isoformat()
        )
        for event in Calendar.from_ical(content).walk("VEVENT")
    }  # fmt: skip


def test_a_feed_has_the_visits_of_a_person_or_of_a_school(as_: ClientFactory, cast: Cast, planned: str):
    client = as_("technician")
    answer = Client().get(make_feed(client, planned))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H" in answer.content
    events = read_events(answer.content)
    assert len(events) == 4
    assert ("Swap every cart: Cedar Middle: 101", 0, "CONFIRMED", "2026-01-19T13:00:00+00:00") in events.values()
    school = read_events(Client().get(make_feed(client, planned, "school:Maple High")).content)
    assert {summary for summary, *_ in school.values()} == {
        "Swap every cart: Maple High: Library", "Swap every cart: Maple High: B 7"
    }  # fmt: skip
    assert not read_events(Client().get(make_feed(client, planned, "person:Lee")).content)


def test_a_feed_and_the_files_of_the_command_name_and_number_visits_alike(
    as_: ClientFactory, cast: Cast, planned: str, tmp_path: Any
):
    address = make_feed(as_("technician"), planned)
    write_spec(tmp_path / "SPEC.yaml", district=cast.district, public=planned)
    spec = load_spec(tmp_path / "SPEC.yaml")

    def write_files() -> dict[str, Any]:
        visits = [
            PlannedVisit(
                room=row.room, day=row.day, starts=row.starts, ends=row.ends, people=tuple(row.people), class_minutes=0
            )
            for row in RolloutVisit.objects.of(cast.district)
        ]
        write_visit_calendars(tmp_path, visits, spec, now=AT)
        return read_events((tmp_path / "Kim.ics").read_bytes())

    assert read_events(Client().get(address).content) == write_files()
    rows = RolloutVisit.objects.of(cast.district).order_by("pk")
    rows.filter(pk=rows[0].pk).update(day=date(2026, 2, 2))
    rows.filter(pk=rows[1].pk).update(people=["Lee"])
    changed = read_events(Client().get(address).content)
    assert changed == write_files()
    assert sorted((sequence, status) for _, sequence, status, _ in changed.values()) == [
        (0, "CONFIRMED"), (0, "CONFIRMED"), (1, "CANCELLED"), (1, "CONFIRMED")
    ]  # fmt: skip


@pytest.mark.differs_by_database("a row that is locked, and rows compared by their rollout")
def test_a_calendar_that_asks_again_gets_nothing_new_until_the_plan_changes(
    as_: ClientFactory, cast: Cast, planned: str, settings: Any
):
    address = make_feed(as_("technician"), planned)
    first = Client().get(address)
    settings.NOW = AT + timedelta(hours=6)
    headers = {"If-None-Match": first["ETag"]}
    assert Client().get(address, headers=headers).status_code == 304
    assert Client().get(address, headers={"If-Modified-Since": first["Last-Modified"]}).status_code == 304
    assert Client().get(address).content == first.content
    plan_at_once(cast.district, planned, keep=True)
    assert Client().get(address, headers=headers).status_code == 304, "a plan that moves nothing"
    RolloutVisit.objects.of(cast.district).filter(room="Cedar Middle: 101").update(starts=430)
    answer = Client().get(address, headers=headers)
    assert answer.status_code == 200
    assert answer["Last-Modified"] != first["Last-Modified"]
    Rollout.objects.of(cast.district).update(state="stopped")
    assert {status for _, _, status, _ in read_events(Client().get(address).content).values()} == {"CANCELLED"}


def test_a_feed_of_all_rollouts_has_later_ones_too_each_visit_once(as_: ClientFactory, cast: Cast, planned: str):
    address = make_feed(as_("technician"), planned, of_all=True)
    only_this = make_feed(as_("technician"), planned)
    plan_at_once(cast.district, make_ready_rollout(cast.district))
    assert len(read_events(Client().get(address).content)) == 8, "the same title twice"
    assert len(read_events(Client().get(only_this).content)) == 4


def test_a_revoked_feed_opens_nothing_and_a_new_one_goes_on_counting(as_: ClientFactory, cast: Cast, planned: str):
    client = as_("technician")
    address = make_feed(client, planned)
    Client().get(address)
    RolloutVisit.objects.of(cast.district).filter(room="Cedar Middle: 101").update(starts=430)
    numbers = sorted(sequence for _, sequence, _, _ in read_events(Client().get(address).content).values())
    feed = VisitFeed.objects.of(cast.district).get()
    token = address.rpartition("/")[2].removesuffix(".ics")
    assert token not in str(vars(feed)), "only its hash is stored"
    assert token not in get_text(client.get(f"/rollouts/{planned}/feeds")), "it is shown once"
    client.post(f"/rollouts/{planned}/feeds/{feed.pk}/revoke")
    assert Client().get(address).status_code == 404
    assert client.post(f"/rollouts/{planned}/feeds/{feed.pk}/revoke").status_code == 404
    newer = read_events(Client().get(make_feed(client, planned)).content)
    assert sorted(sequence for _, sequence, _, _ in newer.values()) == numbers == [0, 0, 0, 1]
    entries = Entry.objects.of(cast.district).filter(action__contains="calendar feed")
    assert [(entry.action, entry.actor) for entry in entries.order_by("pk")] == [
        ("make calendar feed", "technician"), ("revoke calendar feed", "technician"),
        ("make calendar feed", "technician"),
    ]  # fmt: skip


def test_only_those_who_may_change_the_rollout_make_and_revoke_feeds(as_: ClientFactory, cast: Cast, planned: str):
    address = make_feed(as_("director"), planned)
    page, number = f"/rollouts/{planned}/feeds", VisitFeed.objects.of(cast.district).get().pk
    auditor, stranger = as_("auditor"), as_("stranger")
    assert "Make a feed" not in get_text(auditor.get(page))
    for client, status in ((auditor, 403), (stranger, 404)):
        assert client.post(page, {"whose": "person:Kim"}).status_code == status
        assert client.post(f"{page}/{number}/revoke").status_code == status
    assert Client().get(address.replace("maple-valley", "next-door")).status_code == 404
    assert Client().post(address).status_code == 405
    assert as_("director").post(page, {"whose": "person:Nobody"}).status_code == 422
    assert VisitFeed.objects.of(cast.district).count() == 1
