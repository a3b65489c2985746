"""A person's calendar in the database, and the digest of a week."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from icalendar import Calendar

from homeroom.apps.comply.laws.facts import enter_facts
from homeroom.apps.manage.agendas.agenda_calendars import load_agenda_calendar
from homeroom.apps.manage.agendas.models import PersonalFeed
from homeroom.apps.manage.agendas.personal_feeds import get_personal_feed, make_personal_feed, revoke_personal_feed
from homeroom.apps.manage.agendas.weekly_digest import load_weekly_digest
from homeroom.apps.manage.planning.commands import mark_done, plan_week, set_hours
from homeroom.apps.manage.planning.due_items import count_late_items, is_plan_due
from homeroom.apps.manage.planning.weeks import get_monday
from homeroom.apps.platform.districts.models import Membership
from homeroom.apps.protect.incidents.commands import make_incident
from homeroom.apps.protect.posture.models import Assessment, ControlResult
from tests.assessed_district import ASSESSED_AT, TODAY, publish_assessments, publish_evidence
from tests.cast import Cast, create_cast

pytestmark = pytest.mark.django_db
BY: dict[str, Any] = {"actor": "director", "at": ASSESSED_AT}


@pytest.fixture
def cast(tmp_path: Path, settings: Any) -> Cast:
    settings.DATA = tmp_path
    cast = create_cast()
    publish_assessments(cast.district, publish_evidence(tmp_path / "evidence", district="maple-valley"))
    set_hours(district=cast.district, hours={"technician": 20}, **BY)
    return cast


def make_feed(cast: Cast, *, person: str = "technician", with_deadlines: bool = True) -> str:
    return make_personal_feed(district=cast.district, person=person, with_deadlines=with_deadlines, at=ASSESSED_AT)


def read_events(cast: Cast, token: str, *, days: int = 0) -> dict[tuple[str, date], tuple[date, str, int]]:
    """Return last day, status and sequence of each event by its summary and first day."""
    later = timedelta(days=days)
    calendar = load_agenda_calendar(district=cast.district, token=token, today=TODAY + later, at=ASSESSED_AT + later)
    assert calendar is not None
    return {
        (str(event["SUMMARY"]), event["DTSTART"].dt): (
            event["DTEND"].dt - timedelta(days=1),
            str(event["STATUS"]),
            int(event["SEQUENCE"]),
        )
        for event in Calendar.from_ical(calendar.content).walk("VEVENT")
    }


@pytest.mark.differs_by_database("a unique feed among those that are not revoked, a row that is locked, JSON")
def test_a_person_has_one_feed_and_a_new_address_ends_the_last(cast: Cast) -> None:
    first = make_feed(cast)
    before = read_events(cast, first)
    second = make_feed(cast, with_deadlines=False)
    assert load_agenda_calendar(district=cast.district, token=first, today=TODAY, at=ASSESSED_AT) is None
    assert read_events(cast, second) == before
    feed = get_personal_feed(district=cast.district, person="technician")
    assert feed is not None
    assert not feed.with_deadlines
    with pytest.raises(IntegrityError), transaction.atomic():
        PersonalFeed.objects.create(
            district=cast.district, person="technician", token_hash="x", made_at=ASSESSED_AT, changed_at=ASSESSED_AT
        )
    revoke_personal_feed(district=cast.district, person="technician", at=ASSESSED_AT)
    assert get_personal_feed(district=cast.district, person="technician") is None
    with pytest.raises(LookupError):
        revoke_personal_feed(district=cast.district, person="technician", at=ASSESSED_AT)


def test_the_secret_of_one_district_opens_nothing_in_the_next(cast: Cast) -> None:
    token = make_feed(cast)
    assert load_agenda_calendar(district=cast.next_district, token=token, today=TODAY, at=ASSESSED_AT) is None
    assert token not in str(list(PersonalFeed.objects.of(cast.district).values()))


def test_the_items_of_the_person_are_on_the_days_of_the_week_and_gone_once_done(cast: Cast) -> None:
    token = make_feed(cast)
    events = read_events(cast, token)
    monday = get_monday(TODAY)
    assert len(events) > 3
    for (name, first), (last, status, sequence) in events.items():
        assert name.startswith("Plan: ")
        assert monday <= first <= last <= monday + timedelta(days=6)
        assert (status, sequence) == ("CONFIRMED", 0)
    plan_week(district=cast.district, today=TODAY, **BY)
    mark_done(district=cast.district, today=TODAY, item="leaver-account", minutes=30, **BY)
    event = next(key for key in events if "former" in key[0])
    assert read_events(cast, token)[event] == (events[event][0], "CANCELLED", 1)


def test_what_was_planned_stays_in_the_calendar_after_its_week(cast: Cast) -> None:
    token = make_feed(cast)
    first = read_events(cast, token)
    later = read_events(cast, token, days=7)
    assert first.items() <= later.items()
    assert {day for _, day in later} > {day for _, day in first}


def test_a_calendar_has_duties_and_no_text_that_somebody_typed(cast: Cast) -> None:
    enter_facts(
        district=cast.district, texts={"state": "NY", "kind": "district", "city": "Albany", "e_rate": "yes"}, **BY
    )
    make_incident(district=cast.district, title="Zebulon Quill’s account", severity="high", text="Zebulon", **BY)
    events = read_events(cast, make_feed(cast))
    assert any(name.startswith("Due: ") for name, _ in events)
    assert not [name for name, _ in events if "Zebulon" in name]
    own = read_events(cast, make_feed(cast, with_deadlines=False))
    open_now = {name for (name, _), (_, status, _) in own.items() if status == "CONFIRMED"}
    assert not [name for name in open_now if name.startswith("Due: ")]


def test_who_is_no_longer_active_has_no_calendar_and_who_is_of_some_schools_no_plan(cast: Cast) -> None:
    token = make_feed(cast)
    assert read_events(cast, token)
    memberships = Membership.objects.filter(user=cast.technician)
    memberships.update(schools=["Lincoln Elementary"])
    assert {status for _, status, _ in read_events(cast, token).values()} == {"CANCELLED"}
    memberships.update(is_active=False)
    assert load_agenda_calendar(district=cast.district, token=token, today=TODAY, at=ASSESSED_AT) is None


def test_a_plan_is_due_until_somebody_saves_it_and_its_items_once_their_day_is_over(cast: Cast) -> None:
    assert is_plan_due(district=cast.district, today=TODAY)
    assert not is_plan_due(district=cast.next_district, today=TODAY)
    plan_week(district=cast.district, today=TODAY, **BY)
    assert not is_plan_due(district=cast.district, today=TODAY)
    assert is_plan_due(district=cast.district, today=TODAY + timedelta(days=7))
    assert count_late_items(district=cast.district, today=TODAY) == 1
    mark_done(district=cast.district, today=TODAY, item="admin-second-factor", minutes=30, **BY)
    assert count_late_items(district=cast.district, today=TODAY) == 0


def test_a_digest_compares_with_the_last_assessment_of_a_week_ago(cast: Cast) -> None:
    results = ControlResult.objects.of(cast.district)
    published = Assessment.objects.of(cast.district).get(number=2)
    old = published.today - timedelta(days=9)
    Assessment.objects.of(cast.district).filter(number=1).update(today=old)
    results.filter(assessment=1).delete()
    for row in results.filter(assessment=2):
        failing = {"leaver-account": 0, "chromeos-developer-mode": 6}.get(row.control, row.failing)
        row.pk, row.assessment, row.passing = None, 1, row.passing + row.failing - failing
        row.failing = failing
        row.save()
    changes = load_weekly_digest(district=cast.district, today=TODAY).changes
    assert changes is not None
    assert changes.since == old
    assert [result.control.id for result in changes.new] == ["leaver-account"]
    assert [(result.control.id, result.numbers.failing) for result in changes.fixed] == [("chromeos-developer-mode", 6)]


def test_a_digest_before_the_second_assessment_compares_nothing(cast: Cast) -> None:
    Assessment.objects.of(cast.district).filter(number=1).delete()
    digest = load_weekly_digest(district=cast.district, today=TODAY)
    assert digest.changes is None
    assert digest.next_items or digest.open_items
    assert [source.instance for source in digest.old_sources] == ["snipeit"]


def test_what_was_done_this_week_is_in_its_digest(cast: Cast) -> None:
    plan_week(district=cast.district, today=TODAY, **BY)
    mark_done(district=cast.district, today=TODAY, item="leaver-account", minutes=50, **BY)
    digest = load_weekly_digest(district=cast.district, today=TODAY)
    assert [entry.status.item for entry in digest.done] == ["leaver-account"]
    assert digest.minutes_done == 50
