"""The page of a school's days: bells, closed days, tests and the word that decides, and what is added by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.know.calendars.models import CalendarEvent
from homeroom.apps.manage.rollouts.models import Rollout, RolloutVisit
from homeroom.apps.platform.audit.models import Entry
from homeroom.evidence.loads.store import EvidenceStore
from tests.apps.manage.rollouts.rollout_cases import AT, publish_bells
from tests.assessed_district import publish_load
from tests.cast import Cast

ClientFactory = Callable[[str], Client]
PAGE = "/rollouts/calendar"
CEDAR = f"{PAGE}?school=cedar+middle&week=2026-01-21"
FORM = {
    "school": "Cedar Middle", "week": "2026-01-19", "kind": "testing", "title": "SBAC", "first": "2026-01-12",
    "last": "2026-01-21", "schools": ["Cedar Middle"],
}  # fmt: skip


def get_text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def get_days(answer: Any) -> list[Any]:
    return list(answer.context["week"].days)


@pytest.mark.usefixtures("cast")
def test_a_week_shows_each_day_as_the_bells_have_it(as_: ClientFactory, store: EvidenceStore):
    publish_bells(store)
    periods = [
        {"org_key": "Cedar Middle", "type": "normal", "starts": starts, "ends": ends, "name": name}
        for starts, ends, name in (
            ("08:20", "09:10", "Period 1"),
            ("09:10", "09:15", None),
            ("09:15", "10:00", "Lunch"),
        )
    ]
    day: dict[str, Any] = {"org_key": "Cedar Middle", "kind": "school", "title": None}
    days = [day | {"date": date(2026, 1, 20), "type": "normal"}, day | {"date": date(2026, 1, 22), "type": "rally"}]
    closed = {"date": date(2026, 1, 19), "org_key": "", "kind": "closed", "title": "Martin Luther King Jr. Day"}
    events = [
        {"org_key": "", "first": date(2026, 1, 20), "last": date(2026, 1, 21), "title": "MAP Growth", "kind": "testing"}
    ]
    publish_load(store, "cedar", "bell.periods", "bell_periods", periods, at=AT)
    publish_load(store, "cedar-days", "bell.days", "calendar_days", days, at=AT)
    publish_load(store, "district", "district.facts", "calendar_days", [closed], at=AT)
    publish_load(store, "icalendar", "icalendar.days", "calendar_events", events, at=AT)
    answer = as_("auditor").get(CEDAR)
    monday, tuesday, wednesday, thursday, friday = get_days(answer)
    assert (monday.is_known, monday.has_class, monday.title) == (True, False, "Martin Luther King Jr. Day")
    assert [(stretch.name, is_class) for stretch, is_class in tuesday.stretches] == [
        ("Period 1", True), ("", False), ("Lunch", False),
    ]  # fmt: skip
    assert [len(item.periods) for item in (monday, tuesday, wednesday, thursday)] == [0, 1, 1, 0]
    assert (thursday.is_known, friday.type) == (False, "08:20 to 15:00")
    text = get_text(answer)
    assert "by its word “MAP”" in text
    assert "Bells unknown" in text
    assert "Add one by hand" not in text, "an auditor changes nothing"


@pytest.mark.usefixtures("cast", "store")
def test_without_schools_or_bells_it_names_what_to_load(as_: ClientFactory, store: EvidenceStore):
    client = as_("director")
    assert "No school has a calendar yet" in get_text(client.get(PAGE))
    orgs = [{"key": "s1", "kind": "school", "name": "Oak"}]
    publish_load(store, "oneroster", "oneroster.orgs", "orgs", orgs, at=AT)
    text = get_text(client.get(f"{PAGE}?school=nowhere&week=soon"))
    assert "No bells for this school" in text
    assert "calendar.bell and schedules.bell" in text


def test_visits_of_every_rollout_that_was_not_stopped_are_counted(as_: ClientFactory, cast: Cast, planned: str):
    visit = RolloutVisit.objects.of(cast.district).filter(room__startswith="Cedar Middle").order_by("day")[0]
    address = f"{PAGE}?school=Cedar+Middle&week={visit.day}"
    counts = {item.day: item.visits for item in get_days(as_("director").get(address))}
    assert counts[visit.day] == 1
    Rollout.objects.of(cast.district).update(state="stopped")
    assert not any(item.visits for item in get_days(as_("director").get(address)))


def test_a_technician_adds_a_window_ends_it_and_takes_it_back(as_: ClientFactory, cast: Cast, rollout: str):
    client = as_("technician")
    answer = client.post(PAGE, FORM)
    assert answer["Location"] == f"{PAGE}?school=Cedar+Middle&week=2026-01-19"
    row = CalendarEvent.objects.of(cast.district).get()
    assert [len(item.periods) for item in get_days(client.get(CEDAR))] == [1, 1, 1, 0, 0]
    assert not any(item.periods for item in get_days(client.get(f"{PAGE}?school=Maple+High&week=2026-01-21")))
    assert "End now" in get_text(client.get(CEDAR))
    client.post(f"{PAGE}/{row.pk}/end", FORM | {"act": "end"})
    text = get_text(client.get(CEDAR))
    assert "ended by technician" in text
    assert "End now" not in text
    assert not any(item.periods for item in get_days(client.get(CEDAR)))
    client.post(f"{PAGE}/{row.pk}/end", FORM | {"act": "withdraw"})
    assert "ended by technician" not in get_text(client.get(CEDAR))
    assert client.post(f"{PAGE}/{row.pk}/end", FORM).status_code == 404
    actions = list(Entry.objects.of(cast.district).order_by("-pk").values_list("action", flat=True)[:3])
    assert actions == ["withdraw calendar event", "end calendar event", "add calendar event"]


def test_what_does_not_fit_is_named_beside_its_field_and_kept(as_: ClientFactory, cast: Cast, rollout: str):
    answer = as_("director").post(PAGE, FORM | {"last": "2026-01-01", "title": "SBAC grade 3"})
    text = get_text(answer)
    assert answer.status_code == 422
    assert 'id="last-error"' in text
    assert 'value="SBAC grade 3"' in text
    assert 'value="Cedar Middle" checked' in text
    assert not CalendarEvent.objects.of(cast.district).exists()
    assert as_("director").post(PAGE, FORM | {"schools": ["Oak"]}).status_code == 422


def test_the_auditor_changes_nothing_and_the_next_district_sees_nothing(as_: ClientFactory, cast: Cast, rollout: str):
    as_("director").post(PAGE, FORM)
    row = CalendarEvent.objects.of(cast.district).get()
    assert as_("auditor").post(PAGE, FORM).status_code == 403
    assert as_("auditor").post(f"{PAGE}/{row.pk}/end", {"act": "withdraw"}).status_code == 403
    stranger = as_("stranger")
    assert stranger.post(f"{PAGE}/{row.pk}/end", {"act": "withdraw"}).status_code == 404
    assert "SBAC" not in get_text(stranger.get(PAGE)).replace("SBAC grades", "")
    row.refresh_from_db()
    assert row.withdrawn_at is None


def test_the_rules_of_a_rollout_lead_there_and_name_lines_that_do_not_fit(as_: ClientFactory, rollout: str):
    client = as_("technician")
    address = f"/rollouts/{rollout}/rules"
    assert f'href="{PAGE}"' in get_text(client.get(address))
    rules = {
        "from": "2026-01-19", "until": "2026-02-13", "class_time": "never", "opens": "07:00", "closes": "17:00",
        "travel": "20", "school_lines": "Cedar Middle, 06:30-18:00\nOak, 2 at once",
    }  # fmt: skip
    answer = client.post(address, rules)
    assert answer.status_code == 422
    assert "Line 2, Oak, 2 at once: Oak is no school of the district. Use: Cedar Middle, Maple High" in get_text(answer)
    assert client.post(address, rules | {"school_lines": "Cedar Middle, 06:30-18:00"}).status_code == 302
    row = Rollout.everywhere.get()
    assert row.rules["own_schools"] == {"Cedar Middle": {"opens": "06:30", "closes": "18:00"}}
    client.post(address, rules | {"school_lines": ""})
    row.refresh_from_db()
    assert "own_schools" not in row.rules
