"""The page of a user's calendar feed, its secret address, and the weekly digest's page."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.test import Client
from icalendar import Calendar

from homeroom.apps.manage.planning.commands import set_hours
from homeroom.apps.manage.rollouts.models import RolloutVisit
from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.protect.fixes.models import FixFile
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.web.shared.secret_addresses import BUDGET
from tests.apps.manage.rollouts.rollout_cases import make_ready_rollout, plan_at_once, publish_bells
from tests.cast import Cast
from tests.web.conftest import MORNING

ClientFactory = Callable[[str], Client]
_ADDRESS = re.compile(r"http://testserver(/d/maple-valley/agendas/[\w-]+\.ics)")


def make_feed(client: Client, **fields: str) -> str:
    """Make a feed on its page; return its address."""
    match = _ADDRESS.search(client.post("/calendar", fields).content.decode())
    assert match is not None
    return match[1]


def test_a_feed_is_made_on_its_page_shown_once_read_and_revoked(as_: ClientFactory, judged_district: Cast) -> None:
    BUDGET.clear()
    client = as_("technician")
    set_hours(district=judged_district.district, actor="director", at=MORNING, hours={"technician": 10})
    address = make_feed(client, deadlines="1")
    assert _ADDRESS.search(client.get("/calendar").content.decode()) is None
    answer = Client().get(address)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Referrer-Policy"] == "no-referrer"
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    assert {str(event["TRANSP"]) for event in events} == {"TRANSPARENT"}
    assert Client().get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert client.post("/calendar/revoke").status_code == 302
    assert Client().get(address).status_code == 404
    assert client.post("/calendar/revoke").status_code == 404
    actions = Entry.objects.of(judged_district.district).filter(action__contains="calendar feed")
    assert [(entry.action, entry.actor) for entry in actions.order_by("pk")] == [
        ("make calendar feed", "technician"),
        ("revoke calendar feed", "technician"),
    ]


def test_visits_that_name_the_user_are_in_their_calendar_at_their_time(
    as_: ClientFactory, cast: Cast, store: EvidenceStore
) -> None:
    BUDGET.clear()
    publish_bells(store)
    plan_at_once(cast.district, make_ready_rollout(cast.district))
    RolloutVisit.objects.of(cast.district).filter(room="Cedar Middle: 101").update(people=["Tomás Okafor"])
    address = make_feed(as_("technician"))
    events = Calendar.from_ical(Client().get(address).content).walk("VEVENT")
    assert [str(event["SUMMARY"]) for event in events] == ["Swap every cart: Cedar Middle: 101"]
    assert Calendar.from_ical(Client().get(make_feed(as_("director"))).content).walk("VEVENT") == []


def test_the_bell_has_the_plan_that_is_due_and_fixes_without_proof(as_: ClientFactory, judged_district: Cast) -> None:
    client, district = as_("technician"), judged_district.district
    assert "all caught up" in client.get("/notifications").content.decode()
    set_hours(district=district, actor="director", at=MORNING, hours={"technician": 10})
    for public, state in (("x-1", "handed out"), ("x-2", "proved"), ("x-3", "reviewed")):
        FixFile.objects.create(
            district=district, public=public, action="a", state=state, made_at=MORNING, handed_at=MORNING
        )
    page = client.get("/notifications").content.decode()
    assert '<a href="/plan">This week’s plan is not saved yet</a>' in page
    assert '<a href="/fixes">1 fix file needs a new export that shows it worked</a>' in page
    assert 'href="/digest"' in page
    assert 'href="/calendar"' in page
    assert ">2</strong>" in client.get("/notifications/count").content.decode()
    client.post("/plan/again")
    assert "not saved yet" not in client.get("/notifications").content.decode()
    assert "not saved yet" not in as_("auditor").get("/notifications").content.decode()


def test_the_digest_shows_what_comes_next_what_waits_and_how_old_the_data_is(
    as_: ClientFactory, judged_district: Cast
) -> None:
    set_hours(district=judged_district.district, actor="director", at=MORNING, hours={"technician": 1})
    for name in ("director", "technician", "auditor"):
        page = as_(name).get("/digest").content.decode()
        text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
        assert "Compared with January 14." in text
        assert "that are still open this week:" in text or "that is still open this week:" in text
        assert page.split('id="next"')[1].count("<li>") == 5
        assert ("not saved yet" in text) == (name != "auditor")


def test_where_nothing_is_loaded_the_digest_says_so(as_: ClientFactory, empty_folder: None) -> None:
    page = as_("director").get("/digest").content.decode()
    assert "No scan yet" in page
    assert "Upload exports" in page
