"""Lists for the office: who needs a door opened before the first bell, and what nobody may touch when."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.test import Client

from homeroom.apps.manage.rollouts.models import Rollout, RolloutVisit, TargetRoom
from homeroom.evidence.loads.store import EvidenceStore
from tests.apps.manage.rollouts.rollout_cases import AT
from tests.assessed_district import publish_load
from tests.cast import Cast
from tests.web.manage.rollouts.test_making import get_text

ClientFactory = Callable[[str], Client]


def read_list(client: Client, public: str, name: str) -> list[dict[str, str]]:
    answer: Any = client.get(f"/rollouts/{public}/lists/{name}.csv")
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))


def test_the_custodian_sees_which_doors_to_open_when_and_for_whom(as_: ClientFactory, cast: Cast, planned: str):
    visits = RolloutVisit.objects.of(cast.district)
    visits.filter(room="Maple High: Library").update(slot="free")
    visits.filter(room="Maple High: B 7").update(slot="no_school")
    client = as_("auditor")
    rows = read_list(client, planned, "before-first-bell")
    assert [(row["school"], row["room"], row["starts"], row["people"], row["class that day"]) for row in rows] == [
        ("Cedar Middle", "101", "07:00", "Kim", "yes"),
        ("Cedar Middle", "102", "07:00", "Kim", "yes"),
        ("Maple High", "B 7", "07:00", "Kim", "no"),
    ]
    text = get_text(client.get(f"/rollouts/{planned}/lists"))
    assert "7:00–7:30" in text
    assert "No class that day" in text
    one_school = get_text(client.get(f"/rollouts/{planned}/lists?school=Maple+High"))
    assert "Room 101" not in one_school
    visits.update(outcome="done")
    assert "No visits before the first bell" in get_text(client.get(f"/rollouts/{planned}/lists"))


def test_the_office_sees_what_nobody_may_touch_and_why(
    as_: ClientFactory, cast: Cast, planned: str, store: EvidenceStore
):
    events = [
        {"org_key": "Maple High", "first": date(2026, 2, 2), "last": date(2026, 2, 4), "kind": "testing", "title": "T"}
    ]
    days = [
        {"org_key": "Cedar Middle", "date": date(2026, 2, number), "kind": "school", "first_bell": "08:20",
         "last_bell": "12:00", "type": "Final exams"}
        for number in (5, 6)
    ]  # fmt: skip
    publish_load(store, "calendar", "icalendar.calendar", "calendar_events", events, at=AT)
    publish_load(store, "days", "bell.days", "calendar_days", days, at=AT)
    rollout = Rollout.objects.of(cast.district).get()
    rollout.rules["each_school"]["no_visits"]["days"] = ["2026-01-01..2026-01-09", "2026-02-12"]
    rollout.figures["left_out"] = [{"room": "Maple High: B 7", "why": "no_time", "says": "No day has time for it."}]
    rollout.save()
    rooms = TargetRoom.objects.of(cast.district)
    rooms.filter(name="101").update(not_on=["2026-01-19", "2026-01-22..2026-01-23"], refused_by_link=["2026-01-19"])
    rooms.filter(name="102").update(after=date(2026, 1, 21))
    RolloutVisit.objects.of(cast.district).filter(room="Maple High: B 7").delete()
    client = as_("technician")
    rows = read_list(client, planned, "no-touch")
    assert [tuple(row.values()) for row in rows] == [
        ("Cedar Middle", "", "2026-02-12", "2026-02-12", "No visits on these days (rules)", "", "no"),
        ("Cedar Middle", "", "2026-02-05", "2026-02-06", "Finals or tests (type of day)", "", "no"),
        ("Maple High", "", "2026-02-12", "2026-02-12", "No visits on these days (rules)", "", "no"),
        ("Maple High", "", "2026-02-02", "2026-02-04", "Closed, tests, or a freeze (calendar)", "", "no"),
        ("Cedar Middle", "101", "2026-01-19", "2026-01-19", "The teacher asked: not then", "", "yes"),
        ("Cedar Middle", "101", "2026-01-22", "2026-01-23", "Does not suit the room", "", "no"),
        ("Cedar Middle", "102", "2026-01-19", "2026-01-21", "Only after this", "", "yes"),
        ("Maple High", "B 7", "", "", "No visit planned", "No day has time for it.", "no"),
    ]
    text = get_text(client.get(f"/rollouts/{planned}/lists?school=Maple+High"))
    assert "Feb 2–Feb 4" in text
    assert "No visit planned: No day has time for it." in text
    assert "Room 101" not in text


def test_the_office_sees_the_edges_of_the_year_and_types_of_day_that_the_bells_name_as_tests(
    as_: ClientFactory, cast: Cast, planned: str, store: EvidenceStore
):
    days = [date(2025, 8, 18) + timedelta(days=number) for number in range(165)]  # to January 29
    listed = [{"date": day, "org_key": "", "kind": "school", "title": None} for day in days if day.weekday() < 5]
    tests = [{"date": date(2026, 1, 20), "org_key": "Maple High", "kind": "school", "first_bell": "08:00",
              "last_bell": "14:00", "type": "map-testing", "title": None}]  # fmt: skip
    publish_load(store, "district", "district.facts", "calendar_days", listed, at=AT)
    publish_load(store, "maple", "bell.days", "calendar_days", tests, at=AT)
    rollout = Rollout.objects.of(cast.district).get()
    rollout.rules["edge_weeks"] = True
    rollout.save()
    rows = [tuple(row.values())[:5] for row in read_list(as_("auditor"), planned, "no-touch")]
    edges = [("2026-01-23", "2026-01-23"), ("2026-01-26", "2026-01-29")]
    assert [row for row in rows if row[0] == "Cedar Middle"] == [
        ("Cedar Middle", "", *span, "The first or the last week of classes") for span in edges
    ]
    assert ("Maple High", "", "2026-01-20", "2026-01-20", "Finals or tests (type of day)") in rows
    rollout.rules.pop("edge_weeks")
    rollout.rules.pop("quiet_days")
    rollout.save()
    assert not read_list(as_("auditor"), planned, "no-touch")


def test_lists_that_are_none_and_those_of_others_are_not_found(as_: ClientFactory, cast: Cast, planned: str):
    assert as_("director").get(f"/rollouts/{planned}/lists/everything.csv").status_code == 404
    for name in ("lists", "lists/no-touch.csv", "lists/before-first-bell.csv", "room-pages", "room-pages.pdf"):
        assert as_("stranger").get(f"/rollouts/{planned}/{name}").status_code == 404
