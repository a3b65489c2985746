"""The snow day: a school closes, the plan names the visits that fell out, and a new one moves those alone."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from html import unescape
from typing import Any

from django.test import Client

from homeroom.apps.manage.rollouts.changed_visits import count_unfit_visits, list_moved_visits
from homeroom.apps.manage.rollouts.models import Rollout, RolloutVisit, TargetRoom
from tests.apps.manage.rollouts.rollout_cases import TODAY, plan_at_once
from tests.cast import Cast

ClientFactory = Callable[[str], Client]
ROOM = "Cedar Middle: 101"


def get_text(answer: Any) -> str:
    text = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return " ".join(unescape(text).split())


def close_school(client: Client, day: str, *, school: str = "Cedar Middle") -> None:
    form = {"kind": "closed", "title": "Snow day", "first": day, "schools": [school], "school": school, "week": day}
    assert client.post("/rollouts/calendar", form).status_code == 302


def list_times(cast: Cast) -> dict[str, tuple[str, int]]:
    rows = RolloutVisit.objects.of(cast.district)
    return {row.room: (row.day.isoformat(), row.starts) for row in rows}


def test_a_school_that_closes_moves_only_its_visits_and_the_page_names_them(
    as_: ClientFactory, cast: Cast, planned: str
):
    client, before = as_("technician"), list_times(cast)
    day = before[ROOM][0]
    assert "not fit anymore" not in get_text(client.get(f"/rollouts/{planned}"))
    close_school(client, day)
    page = get_text(client.get(f"/rollouts/{planned}"))
    assert "1 visit does not fit anymore 1 is on a day on which its school is closed, or has tests or a freeze" in page
    assert "Closed Snow day" in get_text(client.get(f"/rollouts/calendar?school=Cedar+Middle&week={day}"))
    plan_at_once(cast.district, planned, keep=True)
    after = list_times(cast)
    assert {room for room in before if before[room] != after[room]} == {ROOM}
    page = get_text(client.get(f"/rollouts/{planned}"))
    assert "not fit anymore" not in page
    assert "1 visit was moved by the last plan" in page
    [moved] = list_moved_visits(district=cast.district, public=planned, today=TODAY)
    assert (moved.visit.room, moved.day.isoformat(), moved.starts) == (ROOM, *before[ROOM])
    texts = get_text(client.get(f"/rollouts/{planned}/teachers?moved=1"))
    assert "Room 101" in texts
    assert "Library" not in texts
    content = b"".join(client.get(f"/rollouts/{planned}/teachers.csv?moved=1").streaming_content)
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [(row["school"], row["room"], row["date"]) for row in rows] == [("Cedar Middle", "101", after[ROOM][0])]


def test_a_closing_counts_whatever_the_rules_and_a_freeze_only_where_they_heed_it(
    as_: ClientFactory, cast: Cast, planned: str
):
    client, row = as_("technician"), Rollout.objects.of(cast.district).get()
    del row.rules["quiet_days"]
    row.save()
    times = list_times(cast)
    freeze = {"kind": "freeze", "title": "Freeze", "first": times["Maple High: Library"][0], "schools": []}
    client.post("/rollouts/calendar", freeze)
    assert count_unfit_visits(district=cast.district, public=planned, today=TODAY).total == 0
    close_school(client, times["Maple High: Library"][0], school="Maple High")
    assert count_unfit_visits(district=cast.district, public=planned, today=TODAY).closed == 1


def test_a_day_that_a_teacher_refused_is_named_and_a_rollout_that_is_over_suggests_nothing(
    as_: ClientFactory, cast: Cast, planned: str
):
    room = TargetRoom.objects.of(cast.district).get(room=ROOM)
    room.not_on = [list_times(cast)[ROOM][0]]
    room.save()
    assert "1 is on a day that its teacher refused" in get_text(as_("auditor").get(f"/rollouts/{planned}"))
    Rollout.objects.of(cast.district).update(state="stopped")
    assert count_unfit_visits(district=cast.district, public=planned, today=TODAY).total == 0


def test_each_page_of_a_rollout_leads_to_all_others(as_: ClientFactory, cast: Cast, planned: str):
    client = as_("technician")
    pages = ["", "/day", "/teachers", "/lists", "/feeds", "/progress", "/devices", "/training"]
    for page in pages:
        content = client.get(f"/rollouts/{planned}{page}").content.decode()
        views = content[content.index('class="rollout-views') :].split("</nav>")[0]
        assert re.findall(r'href="/rollouts/[^"/]+([^"]*)"', views) == pages
        assert re.findall(r'href="/rollouts/[^"/]+([^"]*)" aria-current="page"', views) == [page]
    assert client.get("/rollouts").content.count(b'href="/rollouts/calendar"') == 1


def test_a_door_that_was_closed_voids_no_approval_and_asks_for_another_plan(
    as_: ClientFactory, cast: Cast, planned: str
):
    client, page = as_("technician"), f"/rollouts/{planned}"
    for wave in client.get(page).context["plan"].waves:
        client.post(f"{page}/approve", {"ring": wave.ring, "week": wave.week.isoformat(), "digest": wave.digest})
    before = list_times(cast)
    closed = RolloutVisit.objects.of(cast.district).get(room="Maple High: Library")
    client.post(f"{page}/visits/{closed.pk}", {"outcome": "no_entry"})
    text = get_text(client.get(page))
    assert "1 visit does not fit anymore 1 could not be made, because nobody could get in; it has no other time" in text
    assert "Changed since it was approved" not in text
    plan_at_once(cast.district, planned, keep=True)
    text = get_text(client.get(page))
    assert "not fit anymore" not in text
    assert "1 visit was moved by the last plan" in text, "its teacher needs the new time"
    [moved] = list_moved_visits(district=cast.district, public=planned, today=TODAY)
    assert (moved.visit.room, moved.day.isoformat(), moved.starts) == (closed.room, *before[closed.room])
    assert moved.visit.number != closed.pk
    assert text.count("Changed since it was approved") == 1, "the new visit needs an approval"


def test_a_wave_whose_visits_are_over_needs_no_approval(as_: ClientFactory, cast: Cast, planned: str):
    client, page = as_("technician"), f"/rollouts/{planned}"
    waves = client.get(page).context["plan"].waves
    RolloutVisit.objects.of(cast.district).filter(ring=waves[0].ring).update(outcome="left_behind")
    text = get_text(client.get(page))
    assert "All its visits are over" in text
    assert "wave 1" not in text
    assert "wave 2" in text
