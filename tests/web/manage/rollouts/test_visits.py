"""Visits on their pages: a day in order, the checklist, locks, days that do not suit, and texts for teachers."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

from homeroom.apps.manage.rollouts.models import Rollout, RolloutVisit, TargetRoom
from homeroom.apps.manage.rollouts.visits.visit_versions import compute_visit_version
from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.districts.models import Membership
from tests.apps.manage.rollouts.rollout_cases import AT, plan_at_once
from tests.cast import Cast
from tests.web.manage.rollouts.test_making import get_text

ClientFactory = Callable[[str], Client]
KEY = "5a0f7c1e-8a53-4e0e-9d53-0d1f5a1c2b3d"


def get_visit(cast: Cast, **values: Any) -> RolloutVisit:
    return RolloutVisit.objects.of(cast.district).order_by("day").filter(**values)[0]


def test_a_day_has_the_visits_of_a_person_in_order_with_the_way(as_: ClientFactory, cast: Cast, planned: str):
    day = get_visit(cast).day
    RolloutVisit.objects.of(cast.district).filter(room="Maple High: Library").update(day=day, starts=600, ends=645)
    client = as_("technician")
    text = get_text(client.get(f"/rollouts/{planned}/day?person=Kim&day={day}"))
    assert text.index("Room 101") < text.index("Drive to Maple High, about 20 minutes") < text.index("Library")
    assert "10:00–10:45" in text
    assert "Later:" in text
    assert "No visits on this day" in get_text(client.get(f"/rollouts/{planned}/day?person=Lee&day={day}"))
    RolloutVisit.objects.of(cast.district).update(people=["Tomás"])
    assert "Visits of Tomás" in get_text(client.get(f"/rollouts/{planned}/day")), "the visitor's own come first"


@pytest.mark.differs_by_database("rows that are locked")
def test_what_became_of_a_visit_is_recorded_and_corrected(as_: ClientFactory, cast: Cast, planned: str):
    visit, client = get_visit(cast), as_("technician")
    page = f"/rollouts/{planned}/visits/{visit.pk}"
    form = {"found": "1", "works": "1", "began": "06:05", "ended": "06:35", "left_behind": "0", "outcome": "done"}
    assert client.post(page, form)["Location"] == page
    row = get_visit(cast)
    assert (row.outcome, row.checks) == ("done", {"found": True, "swapped": False, "works": True})
    assert row.began_at == datetime(2026, 1, 15, 12, 5, tzinfo=UTC)
    assert (row.recorded_by, Rollout.objects.of(cast.district).get().state) == ("technician", "running")
    client.post(page, form | {"left_behind": "2", "note": "Two lids are broken."})
    row = get_visit(cast)
    assert (row.outcome, row.left_behind) == ("left_behind", 2)
    assert "Two lids are broken." in get_text(client.get(page))
    entries = Entry.objects.of(cast.district).filter(action="record visit")
    assert [entry.detail["outcome"] for entry in entries] == ["done", "left_behind"]


@pytest.mark.parametrize(
    ("field", "text"),
    [("left_behind", "two"), ("left_behind", "-1"), ("began", "6"), ("began", "06:36"), ("ended", "23:00")],
)
def test_what_does_not_fit_is_named_and_nothing_is_recorded(
    as_: ClientFactory, cast: Cast, planned: str, field: str, text: str
):
    visit = get_visit(cast)
    form = {"began": "06:05", "ended": "06:35", "left_behind": "0", "outcome": "done"} | {field: text}
    answer = as_("technician").post(f"/rollouts/{planned}/visits/{visit.pk}", form)
    assert answer.status_code == 422
    assert f'href="#{field}"' in get_text(answer)
    assert get_visit(cast).outcome == ""


def test_a_room_that_nobody_got_into_is_planned_again_and_the_try_stays(as_: ClientFactory, cast: Cast, planned: str):
    visit, client = get_visit(cast), as_("technician")
    client.post(f"/rollouts/{planned}/visits/{visit.pk}", {"outcome": "no_entry"})
    plan_at_once(cast.district, planned, keep=True)
    rows = RolloutVisit.objects.of(cast.district).filter(room=visit.room)
    assert sorted(rows.values_list("outcome", flat=True)) == ["", "no_entry"]
    answer = client.post(f"/rollouts/{planned}/visits/{visit.pk}", {"outcome": "done"})
    assert "its room has another visit by now" in get_text(answer).lower()
    for row in RolloutVisit.objects.of(cast.district).filter(outcome=""):
        client.post(f"/rollouts/{planned}/visits/{row.pk}", {"outcome": "done"})
    assert Rollout.objects.of(cast.district).get().state == "done"


def test_a_day_that_was_refused_by_mistake_is_taken_back(as_: ClientFactory, cast: Cast, planned: str):
    visit, client = get_visit(cast), as_("technician")
    page = f"/rollouts/{planned}/visits/{visit.pk}"
    assert "nobody refused this day" in get_text(client.post(f"{page}/not-then", {"back": "1"}, follow=True)).lower()
    client.post(f"{page}/not-then")
    assert "Take back “not then”" in get_text(client.get(page))
    room = TargetRoom.objects.of(cast.district).filter(room=visit.room)
    room.update(not_on=[*room.get().not_on, "2026-02-02"], refused_by_link=[visit.day.isoformat()])
    assert as_("auditor").post(f"{page}/not-then", {"back": "1"}).status_code == 403
    client.post(f"{page}/not-then", {"back": "1"})
    assert (room.get().not_on, room.get().refused_by_link) == (["2026-02-02"], [])
    assert Entry.objects.of(cast.district).filter(action="allow day of visit").count() == 1
    assert "Take back" not in get_text(client.get(page))


def test_a_day_that_does_not_suit_moves_the_visit_in_the_next_plan(as_: ClientFactory, cast: Cast, planned: str):
    visit, client = get_visit(cast), as_("director")
    client.post(f"/rollouts/{planned}/visits/{visit.pk}/lock", {"locked": "1"})
    assert get_visit(cast).locked
    client.post(f"/rollouts/{planned}/visits/{visit.pk}/not-then")
    assert TargetRoom.objects.of(cast.district).get(room=visit.room).not_on == [visit.day.isoformat()]
    assert not get_visit(cast).locked, "it cannot stay on a day that does not suit"
    plan_at_once(cast.district, planned, keep=True)
    assert get_visit(cast, room=visit.room).day != visit.day
    actions = Entry.objects.of(cast.district).values_list("action", flat=True)
    assert {"lock visit", "refuse day of visit"} <= set(actions)


def test_teachers_read_a_sentence_in_two_languages_on_the_page_and_in_the_list(
    as_: ClientFactory, cast: Cast, planned: str
):
    client = as_("auditor")
    text = get_text(client.get(f"/rollouts/{planned}/teachers"))
    sentence = "Monday, January 19, 7:00 to 7:30, before school: Kim swaps the 30 Chromebooks of Room 101."
    assert sentence in text
    assert "Lunes 19 de enero, de 7:00 a 7:30, antes de clases: Kim cambia 30 Chromebooks en el salón 101." in text
    one_school = get_text(client.get(f"/rollouts/{planned}/teachers?school=Maple+High"))
    assert "Library" in one_school
    assert "Room 101" not in one_school
    answer = client.get(f"/rollouts/{planned}/teachers.csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert len(rows) == 4
    assert rows[0]["english"].startswith(sentence)
    assert rows[0]["starts"] == "7:00 a.m."
    assert (rows[0]["school"], rows[0]["room"], rows[0]["date"]) == ("Cedar Middle", "101", "2026-01-19")


def send_record(client: Client, page: str, **fields: str) -> tuple[int, dict[str, Any]]:
    """Send a record as a phone's outbox does; return the status and the answer."""
    sent = {"key": KEY, "made_at": "2026-01-15T12:10:00Z", "sent_at": "2026-01-15T12:40:00.000Z", "outcome": "done"}
    answer = client.post(f"{page}/record", sent | fields)
    is_json = answer["Content-Type"] == "application/json"
    return answer.status_code, answer.json() if is_json else {}


def test_a_record_of_a_phone_counts_once_and_when_it_was_made(as_: ClientFactory, cast: Cast, planned: str):
    visit, client = get_visit(cast), as_("technician")
    page = f"/rollouts/{planned}/visits/{visit.pk}"
    arrived = send_record(client, page, key=KEY.replace("5a", "6a"), outcome="began", made_at="2026-01-15T11:50:09Z")
    assert arrived == (200, {"state": "recorded", "repeated": False, "outcome": "began"})
    for is_repeated in (False, True, True):
        status, answer = send_record(client, page, installed="A1\r\nA2\na1", left_behind="2")
        assert (status, answer["repeated"], answer["outcome"]) == (200, is_repeated, "left_behind")
    row = get_visit(cast)
    assert (row.installed, row.ended_at) == (["A1", "A2"], datetime(2026, 1, 15, 12, 10, tzinfo=UTC))
    assert row.began_at == datetime(2026, 1, 15, 11, 50, tzinfo=UTC)
    assert Entry.objects.of(cast.district).filter(action="record visit").count() == 1
    text = get_text(client.get(page))
    assert "after 20 minutes (30 planned)" in text
    assert "2 are not in the inventory." in text


@pytest.mark.django_db(transaction=True)
@pytest.mark.differs_by_database("two transactions with one key")
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite in memory locks whole tables and does not wait")
def test_a_record_that_comes_four_times_at_once_counts_once(as_: ClientFactory, cast: Cast, planned: str):
    visit = get_visit(cast)
    clients = [as_("technician") for _ in range(4)]

    def send(client: Client) -> tuple[int, bool]:
        try:
            status, answer = send_record(client, f"/rollouts/{planned}/visits/{visit.pk}")
            return status, answer["repeated"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=4) as pool:
        answers = sorted(pool.map(send, clients))
    assert answers == [(200, False), *[(200, True)] * 3]
    assert Entry.objects.of(cast.district).filter(action="record visit").count() == 1


@pytest.mark.parametrize(
    ("field", "text"),
    [("made_at", "today"), ("made_at", "2026-01-15T12:10:00"), ("made_at", "2026-01-16T12:10:00Z"),
     ("installed", "x" * 81), ("left_behind", "two"), ("began", "25:00")],
)  # fmt: skip
def test_a_record_that_does_not_fit_is_refused_with_its_field(
    as_: ClientFactory, cast: Cast, planned: str, field: str, text: str
):
    page = f"/rollouts/{planned}/visits/{get_visit(cast).pk}"
    status, answer = send_record(as_("technician"), page, **{field: text})
    assert (status, answer["state"], answer["field"]) == (422, "refused", field)
    assert get_visit(cast).outcome == ""
    assert send_record(as_("technician"), page)[0] == 200, "the key is free"


def test_a_record_of_a_visit_that_a_new_plan_dropped_leads_to_the_one_of_its_room(
    as_: ClientFactory, cast: Cast, planned: str
):
    visit, client = get_visit(cast), as_("technician")
    page, room = f"/rollouts/{planned}/visits/{visit.pk + 1000}", visit.room
    status, answer = send_record(client, page, room=room)
    assert (status, answer["state"]) == (409, "changed")
    assert "is another one now, on Monday, January 19" in answer["message"]
    assert answer["subject"] == f"/rollouts/{planned}/visits/{visit.pk}"
    assert answer["address"] == f"/rollouts/{planned}/visits/{visit.pk}/record"
    assert send_record(client, page, room="Oak: 1")[0] == 422


def test_what_another_recorded_meanwhile_is_shown_on_the_page_and_united_at_the_second_try(
    as_: ClientFactory, cast: Cast, planned: str
):
    visit = get_visit(cast)
    page, version = f"/rollouts/{planned}/visits/{visit.pk}", compute_visit_version(visit)
    as_("director").post(page, {"outcome": "done", "installed": "A1"})
    status, answer = send_record(as_("technician"), page, installed="A2", version=version)
    assert (status, answer["state"]) == (409, "changed")
    assert "director recorded this visit on January 15 at 6:40" in answer["message"]
    shown = as_("technician").post(page, {"outcome": "done", "installed": "A2", "version": version})
    assert shown.status_code == 422
    assert answer["version"] in get_text(shown)
    again = {"outcome": "done", "installed": "A2", "version": answer["version"], "unites": "1"}
    assert as_("technician").post(page, again).status_code == 302
    assert get_visit(cast).installed == ["A1", "A2"]


def test_times_of_a_correction_are_of_the_day_of_the_visit(as_: ClientFactory, cast: Cast, planned: str, settings: Any):
    page = f"/rollouts/{planned}/visits/{get_visit(cast).pk}"
    form = {"began": "06:05", "ended": "06:35", "outcome": "done"}
    as_("technician").post(page, form)
    client = as_("technician")
    settings.NOW = datetime(2026, 1, 17, 15, 0, tzinfo=UTC)
    client.post(page, form | {"began": "06:10"})
    assert get_visit(cast).began_at == datetime(2026, 1, 15, 12, 10, tzinfo=UTC)


def test_the_file_of_visits_has_what_was_scanned(as_: ClientFactory, cast: Cast, planned: str):
    page = f"/rollouts/{planned}/visits/{get_visit(cast).pk}"
    as_("technician").post(page, {"outcome": "done", "installed": "A1\nA2", "taken": "B1"})
    answer = as_("auditor").get(f"/rollouts/{planned}/visits.csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert [(row["device"], row["label"]) for row in rows[:3]] == [
        ("installed", "A1"), ("installed", "A2"), ("taken away", "B1"),
    ]  # fmt: skip
    assert len(rows) == 6
    assert {row["starts"] for row in rows} == {"07:00"}
    looked_up = as_("auditor").get(f"/rollouts/{planned}/label?label=A1").json()
    assert looked_up == {"devices": []}


def test_nobody_sends_records_for_another_person_or_another_district(as_: ClientFactory, cast: Cast, planned: str):
    page = f"/rollouts/{planned}/visits/{get_visit(cast).pk}"
    scopes = {name: as_(name).get("/outbox").json()["scope"] for name in ("technician", "director", "stranger")}
    assert len(set(scopes.values())) == 3
    status, answer = send_record(as_("director"), page, scope=scopes["technician"])
    assert (status, answer["state"]) == (409, "other")
    assert send_record(as_("auditor"), page)[0] == 403
    assert send_record(as_("stranger"), page, scope=scopes["stranger"])[0] == 404
    for address in (f"/rollouts/{planned}/visits.csv", f"/rollouts/{planned}/label?label=A1"):
        assert as_("stranger").get(address).status_code == 404
    send_record(as_("technician"), page)
    assert send_record(as_("director"), page)[0] == 422, "the key is the technician's"
    assert get_visit(cast).recorded_by == "technician"


def test_only_pages_of_visits_may_stay_on_a_phone_and_each_names_whose_it_is(
    as_: ClientFactory, cast: Cast, planned: str
):
    client, visit = as_("technician"), get_visit(cast)
    scope = client.get("/outbox").json()["scope"]
    day, page = client.get(f"/rollouts/{planned}/day?person=Kim"), client.get(f"/rollouts/{planned}/visits/{visit.pk}")
    assert [answer["Homeroom-Scope"] for answer in (day, page)] == [scope, scope]
    named = f"/rollouts/{planned}/day?person=Kim&day={visit.day}"
    assert day["Homeroom-Keep"].split() == ["yes", f"/rollouts/{planned}/day?day={visit.day}", named]
    assert page["Homeroom-Keep"] == "yes"
    for address in ("/", "/rollouts", f"/rollouts/{planned}", f"/rollouts/{planned}/teachers", "/outbox", "/offline"):
        assert "Homeroom-Keep" not in client.get(address), address
    other = f"/d/maple-valley/rollouts/{planned}/day"
    Membership.objects.create(district=cast.next_district, user=cast.technician, role="technician")
    assert client.get(other)["Homeroom-Scope"] == scope
    elsewhere = client.get("/d/next-door/outbox").json()["scope"]
    assert elsewhere.split(".")[0] == scope.split(".")[0]
    assert elsewhere != scope


def test_a_day_on_paper_has_boxes_and_the_drive_of_the_pair(as_: ClientFactory, cast: Cast, planned: str):
    day = get_visit(cast).day
    RolloutVisit.objects.of(cast.district).filter(room="Maple High: Library").update(day=day, starts=600, ends=645)
    row = Rollout.objects.of(cast.district).get()
    row.rules |= {"travel": {"default": 20, "Maple High": {"Cedar Middle": 8}}}
    row.save()
    text = get_text(as_("technician").get(f"/rollouts/{planned}/day?person=Kim&day={day}"))
    assert text.count("Drive to Maple High, about 8 minutes") == 2, "on the screen and on paper"
    assert text.count('class="box"') == 2 * 3


def test_the_worker_is_served_from_the_root_and_the_offline_page_has_nothing_of_a_district(as_: ClientFactory):
    worker = Client().get("/outbox-worker.js")
    assert worker["Content-Type"].startswith("text/javascript")
    assert b"homeroom-pages:" in worker.content
    page = as_("technician").get("/offline")
    assert b"Maple Valley" not in page.content


def test_an_auditor_records_nothing_and_a_stranger_finds_no_visit(as_: ClientFactory, cast: Cast, planned: str):
    visit, auditor, stranger = get_visit(cast), as_("auditor"), as_("stranger")
    page = f"/rollouts/{planned}/visits/{visit.pk}"
    assert "Checklist" not in get_text(auditor.get(page))
    for address in (page, f"{page}/lock", f"{page}/not-then"):
        assert auditor.post(address, {"outcome": "done", "locked": "1"}).status_code == 403
        assert stranger.post(address, {"outcome": "done", "locked": "1"}).status_code == 404
    for address in (page, f"/rollouts/{planned}/day", f"/rollouts/{planned}/teachers",
                    f"/rollouts/{planned}/teachers.csv"):  # fmt: skip
        assert stranger.get(address).status_code == 404
    row = get_visit(cast)
    assert (row.outcome, row.locked) == ("", False)
    assert AT.year == 2026
