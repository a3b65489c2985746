"""Visits on their pages: a day in order, the checklist, locks, days that do not suit, and texts for teachers."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.audit.models import Entry
from homeroom.apps.rollouts.models import Rollout, RolloutVisit, TargetRoom
from tests.apps.rollouts.rollout_cases import AT, plan_at_once
from tests.cast import Cast
from tests.web.rollouts.test_making import get_text

ClientFactory = Callable[[str], Client]


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
    assert (rows[0]["school"], rows[0]["room"], rows[0]["date"]) == ("Cedar Middle", "101", "2026-01-19")


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
