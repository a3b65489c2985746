"""Duties enter the week of the plan, the calendar and the questions to their owners in time."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from homeroom.apps.comply.duties.commands import InvalidDutyChange, assign_duty, request_due_answers
from homeroom.apps.comply.duties.duty_calendar import build_duty_calendar
from homeroom.apps.comply.duties.law_changes import list_law_changes, mark_laws_seen
from homeroom.apps.comply.duties.models import SeenLaws
from homeroom.apps.comply.duties.queries import list_duties
from homeroom.apps.comply.laws.facts import enter_facts
from homeroom.apps.manage.planning.commands import mark_done, reassign_item, reopen_item, set_hours
from homeroom.apps.manage.planning.weeks import plan_for_week
from homeroom.apps.protect.frameworks.queries import list_attestations
from homeroom.domain.comply.laws.duties import DutyState
from tests.apps.comply.duties.conftest import BY, WHEN
from tests.assessed_district import TODAY
from tests.cast import Cast
from tests.web.conftest import MORNING

pytestmark = pytest.mark.differs_by_database("transactions")
ILLINOIS = {"state": "IL", "kind": "district", "fiscal_year_starts": "07-01"}
POSTED = "us-il-soppa:lists-posted"


@pytest.fixture
def illinois(cast: Cast) -> Cast:
    enter_facts(district=cast.district, texts=ILLINOIS, **BY)
    set_hours(district=cast.district, at=MORNING, actor="director", hours={"technician": 20, "director": 10})
    return cast


def find(cast: Cast, name: str = POSTED, today: date = TODAY) -> Any:
    listed = list_duties(district=cast.district, today=today, at=MORNING + (today - TODAY))
    return next(duty for duty in listed.duties if duty.status.name == name)


def find_job(cast: Cast, today: date = TODAY) -> Any:
    week = plan_for_week(district=cast.district, today=today)
    entries = (*week.items, *week.left_out)
    return next((entry for entry in entries if entry.open.task and entry.open.task.origin == POSTED), None)


def test_a_duty_enters_the_week_two_weeks_before_its_day_with_its_minutes(illinois: Cast) -> None:
    due = find(illinois).status.due
    assert due == date(2026, 1, 30)
    assert find_job(illinois) is None
    entry = find_job(illinois, due - timedelta(days=14))
    assert (entry.job.due_on, entry.job.who) == (due, "director")
    assert entry.job.minutes == find(illinois).status.duty.effort
    assert entry.open.task.origin_title == "Student Online Personal Protection Act"


def test_what_is_done_in_the_plan_is_attested_and_can_be_opened_again(illinois: Cast) -> None:
    day = TODAY + timedelta(days=1)
    at = {"at": MORNING + timedelta(days=1), "today": day, "actor": "director"}
    item = find_job(illinois, day).job.id
    reassign_item(district=illinois.district, item=item, person="director", **at)
    assert find(illinois, today=day).owner == "director"
    mark_done(district=illinois.district, item=item, minutes=40, **at)
    assert find(illinois, today=day).status.state is DutyState.MET_BY_ATTESTATION
    assert find_job(illinois, day) is None
    reopen_item(district=illinois.district, item=item, **at)
    assert find(illinois, today=day).status.state is DutyState.DUE
    assert find_job(illinois, day).job.id == item


def test_an_answer_about_an_earlier_period_does_not_meet_the_next_deadline(illinois: Cast) -> None:
    day = TODAY + timedelta(days=1)
    at = {"at": MORNING + timedelta(days=1), "today": day, "actor": "director"}
    mark_done(district=illinois.district, item=find_job(illinois, day).job.id, minutes=40, **at)
    assert find(illinois, today=date(2026, 6, 30)).status.state is DutyState.MET_BY_ATTESTATION
    again = find(illinois, today=date(2026, 7, 1)).status  # the law asks twice a year
    assert (again.state, again.due) == (DutyState.DUE, date(2026, 7, 31))


def test_the_owner_is_asked_in_time_and_once(illinois: Cast) -> None:
    assert request_due_answers(district=illinois.district, **WHEN) == 0
    assign_duty(district=illinois.district, duty=POSTED, owner="privacy", **BY)
    assert request_due_answers(district=illinois.district, **WHEN) == 1
    assert request_due_answers(district=illinois.district, **WHEN) == 0
    (question,) = list_attestations(district=illinois.district, today=TODAY, owner="privacy")
    assert (question.goal, question.due_on) == ("lists-posted", date(2026, 1, 30))
    assert find(illinois, today=date(2026, 2, 1)).status.state is DutyState.LATE


def test_only_who_may_answer_owns_a_duty(illinois: Cast) -> None:
    for owner in ("auditor", "stranger"):
        with pytest.raises(InvalidDutyChange, match="may answer"):
            assign_duty(district=illinois.district, duty=POSTED, owner=owner, **BY)
    with pytest.raises(LookupError):
        assign_duty(district=illinois.district, duty="us-il-soppa:nothing", owner="director", **BY)


def read_events(cast: Cast, today: date = TODAY) -> dict[str, Any]:
    listed = list_duties(district=cast.district, today=today, at=MORNING)
    content = build_duty_calendar(listed.duties, district=cast.district, title="Duties; all, of us", at=MORNING)
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    calendar = Calendar.from_ical(content)
    assert str(calendar["X-WR-CALNAME"]) == "Duties; all, of us"
    return {str(event["UID"]): event for event in calendar.walk("VEVENT")}


def test_the_calendar_has_each_open_day_under_an_id_that_stays(illinois: Cast) -> None:
    events = read_events(illinois)
    by_title = {str(event["SUMMARY"]): event for event in events.values()}
    posted = by_title["Data elements, operators and subcontractors are posted on the web site"]
    assert (posted["DTSTART"].dt, posted["DTEND"].dt) == (date(2026, 1, 30), date(2026, 1, 31))
    assert read_events(illinois).keys() == events.keys()
    web = by_title["Web content and mobile apps, those of vendors too, meet WCAG 2.1 AA"]
    enter_facts(district=illinois.district, texts={"population": "9000", "special_district": "no"}, **BY)
    moved = read_events(illinois)[str(web["UID"])]
    assert (web["DTSTART"].dt, moved["DTSTART"].dt) == (date(2027, 4, 26), date(2028, 4, 26))
    assert str(posted["UID"]) not in read_events(illinois, date(2026, 2, 1))


def test_what_an_update_changed_is_shown_old_and_new_until_somebody_has_seen_it(illinois: Cast) -> None:
    assert list_law_changes(district=illinois.district, today=TODAY).seen_at is None
    mark_laws_seen(district=illinois.district, today=TODAY, **BY)
    assert list_law_changes(district=illinois.district, today=TODAY).changes == ()
    row = SeenLaws.objects.of(illinois.district).get()
    del row.duties["us-ferpa:access"]
    row.duties[POSTED]["clock"] = "on 2026-01-31"
    row.duties["us-old:notice"] = {"title": "An old notice is sent", "clock": "each month"}
    row.save()
    changes = {item.duty: item for item in list_law_changes(district=illinois.district, today=TODAY).changes}
    assert {name: item.kind for name, item in changes.items()} == {
        "us-ferpa:access": "added",
        POSTED: "changed",
        "us-old:notice": "removed",
    }
    assert changes[POSTED].old == {"clock": "on 2026-01-31"}
    assert changes["us-ferpa:access"].new["clock"] == "45 days after requested"
    mark_laws_seen(district=illinois.district, today=TODAY, **BY)
    assert list_law_changes(district=illinois.district, today=TODAY).changes == ()
    assert list_law_changes(district=illinois.next_district, today=TODAY).seen_at is None
