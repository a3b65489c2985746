"""The weekly plan and rollouts draw on the same hours, and what a rollout remedies is planned, not open work."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.test import Client

from homeroom.apps.manage.planning.commands import set_hours
from homeroom.apps.manage.planning.hours import PersonHours
from homeroom.apps.manage.planning.models import TeamHours
from homeroom.apps.manage.planning.visits import (
    WeekVisits,
    find_members,
    list_planned_remedies,
    load_week_visits,
    subtract_visits,
)
from homeroom.apps.manage.planning.weeks import WeekPlan, plan_for_week
from homeroom.apps.manage.rollouts.commands import make_rollout, stop_rollout
from homeroom.apps.manage.rollouts.models import Rollout, RolloutVisit
from homeroom.domain.ids import format_public_id, hash_finding_id
from homeroom.domain.manage.planning import PersonCapacity
from tests.apps.manage.rollouts.rollout_cases import AT, add_visits
from tests.cast import Cast

ClientFactory = Callable[[str], Client]
MONDAY, TODAY = date(2026, 1, 12), date(2026, 1, 15)
FINDING = format_public_id("finding", hash_finding_id("windows-10", ""))


@pytest.fixture
def rollout(judged_district: Cast, morning: datetime) -> str:
    """Plan two days of visits in this week for Tomás, one for Kim, who is not in the team, and approve it."""
    set_hours(district=judged_district.district, at=AT, actor="director", hours={"technician": 6, "director": 2})
    public = make_rollout(
        district=judged_district.district,
        title="Replace Windows 10",
        kind="swap",
        finding=FINDING,
        actor="director",
        at=AT,
    )
    add_visits(
        judged_district.district,
        public,
        [
            ("101", MONDAY, "08:00", "08:30", ["Tomás"]),
            ("102", MONDAY, "09:30", "10:00", ["tomás okafor", "Kim"]),
            ("103", TODAY + timedelta(days=1), "12:00", "12:45", ["Tomás", "Kim"]),
            ("104", MONDAY + timedelta(days=7), "08:00", "15:00", ["Tomás"]),
        ],
        state="approved",
    )
    return public


def load_week(cast: Cast, *, today: date = TODAY) -> WeekPlan:
    return plan_for_week(district=cast.district, today=today)


def count_minutes(week: WeekPlan) -> int:
    assert week.plan
    return round(week.plan.hours * 60)


def get_text(client: Client, page: str) -> str:
    response = client.get(page)
    assert response.status_code == 200
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())).replace("\N{NO-BREAK SPACE}", " ")
    return re.sub(r" ([.,:;)])", r"\1", text)


def list_jobs(week: WeekPlan) -> set[str]:
    return {item.job.id for item in (*week.items, *week.left_out)}


def test_visits_are_taken_off_the_hours_of_the_person_of_that_name(
    as_: ClientFactory, judged_district: Cast, rollout: str
):
    assert count_minutes(load_week(judged_district)) == 8 * 60 - 120 - 45, "Monday 8:00 to 10:00, waiting is work"
    assert count_minutes(load_week(judged_district, today=TODAY + timedelta(days=7))) == 2 * 60, "7 h, and he has 6"
    page = get_text(as_("auditor"), "/plan")
    assert "Rollout visits use 2 h 45 min first (Tomás Okafor 2 h 45 min)." in page
    assert "Rollout visits of people without hours in this plan: Kim 1 h 15 min." in page
    assert "The remaining 5.3 hours will reduce risk by" in page


def test_a_plan_that_nobody_approved_takes_nothing_and_a_stopped_one_only_what_was_made(
    judged_district: Cast, rollout: str
):
    Rollout.objects.of(judged_district.district).update(state="planned")
    assert count_minutes(load_week(judged_district)) == 8 * 60
    Rollout.objects.of(judged_district.district).update(state="running")
    RolloutVisit.objects.of(judged_district.district).filter(day=MONDAY, starts=480).update(outcome="done")
    stop_rollout(district=judged_district.district, public=rollout, actor="director", at=AT)
    assert count_minutes(load_week(judged_district)) == 8 * 60 - 30


def test_where_hours_are_assumed_each_technician_loses_at_most_theirs(judged_district: Cast, rollout: str):
    TeamHours.objects.of(judged_district.district).delete()
    assert count_minutes(load_week(judged_district)) == 6 * 60 - 165
    assert count_minutes(load_week(judged_district, today=TODAY + timedelta(days=7))) == 0


def test_the_hours_of_the_verb_have_no_visits_in_them(judged_district: Cast, rollout: str):
    week = plan_for_week(district=judged_district.district, today=TODAY, minutes=90)
    assert count_minutes(week) == 90
    assert not week.visits.counted


def test_a_name_that_two_people_have_is_nobodys(judged_district: Cast, rollout: str):
    team = [PersonHours(person=name, name=f"Kim {name}", role="technician", minutes=60) for name in ("a", "b")]
    assert find_members(["Kim", "KIM A", "b", "Lee"], team) == {"KIM A": "a", "b": "b"}
    seat = PersonCapacity(person="a", role="technician", minutes=60)
    assert subtract_visits([seat], WeekVisits(counted={"a": 90}))[0].minutes == 0


def test_a_finding_in_a_rollout_is_planned_and_open_work_again_once_the_rollout_is_stopped(
    as_: ClientFactory, judged_district: Cast, rollout: str
):
    client, link = as_("technician"), f"/rollouts/{rollout}"
    assert "windows-10" not in list_jobs(load_week(judged_district))
    for page in (f"/findings/{FINDING}", "/plan", "/", "/posture/windows-10"):
        assert link in client.get(page).content.decode(), page
    assert "Planned in a rollout Replace Windows 10: last visit on Jan 19." in get_text(client, f"/findings/{FINDING}")
    assert "Plan a rollout for it" not in get_text(client, f"/findings/{FINDING}")
    first = client.get("/").content.decode().split("<ol", 1)[1].split("</ol>")[0]
    assert FINDING not in first
    assert first.count("<li>") == 5
    stop_rollout(district=judged_district.district, public=rollout, actor="director", at=AT)
    assert "windows-10" in list_jobs(load_week(judged_district))
    for page in (f"/findings/{FINDING}", "/plan", "/"):
        assert link not in client.get(page).content.decode(), page


def test_what_a_finished_rollout_remedied_is_proved_by_the_next_load_or_open_work_again(
    as_: ClientFactory, judged_district: Cast, rollout: str
):
    district = judged_district.district
    RolloutVisit.objects.of(district).update(outcome="done", recorded_at=AT)
    Rollout.objects.of(district).update(state="done")
    assert "windows-10" not in list_jobs(load_week(judged_district))
    assert "done; we’ll confirm with the next load" in get_text(as_("director"), f"/findings/{FINDING}")
    RolloutVisit.objects.of(district).update(recorded_at=AT - timedelta(days=3))
    assert "windows-10" in list_jobs(load_week(judged_district)), "newer data was assessed, and it is open"


def test_the_next_district_has_none_of_these_visits(judged_district: Cast, rollout: str):
    assert list_planned_remedies(district=judged_district.next_district, assessment=None) == {}
    visits = load_week_visits(district=judged_district.next_district, monday=MONDAY, team=())
    assert (visits.minutes, visits.others) == (0, {})
