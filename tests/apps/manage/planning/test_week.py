"""A team's week with a database: what estimates learn, parts of long jobs, and the separation of districts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F

from homeroom.apps.manage.planning.commands import (
    InvalidPlanChange,
    UnknownPlanItem,
    defer_item,
    drop_item,
    mark_done,
    pin_item,
    plan_week,
    set_hours,
    unpin_item,
)
from homeroom.apps.manage.planning.models import TeamHours, Work
from homeroom.apps.manage.planning.open_jobs import learn_ratios
from homeroom.apps.manage.planning.queries import load_morning
from homeroom.apps.manage.planning.weeks import WeekPlan, plan_for_week
from homeroom.apps.manage.planning.words import describe_urgent_unfinished
from homeroom.apps.platform.audit.queries import list_audit_entries
from homeroom.apps.platform.districts.school_calendars import load_school_calendar
from homeroom.apps.protect.exceptions.commands import create_exception
from homeroom.apps.protect.exceptions.scopes import FindingScope
from homeroom.apps.protect.posture.models import Assessment
from homeroom.apps.protect.posture.published.queries import list_control_results
from homeroom.engines.manage.plan.plan import WaitReason
from homeroom.evidence.loads.store import EvidenceStore
from tests.assessed_district import ASSESSED_AT, TODAY, publish_assessments, publish_evidence, publish_load
from tests.cast import Cast, create_cast

pytestmark = [pytest.mark.django_db, pytest.mark.differs_by_database("transactions, unique hours")]
AT = datetime(2026, 1, 15, 13, tzinfo=UTC)
WEEK_LENGTH = timedelta(days=7)


@pytest.fixture
def cast(tmp_path: Path, settings: Any) -> Cast:
    """Assess a district whose technician has six hours."""
    settings.DATA = tmp_path
    sample_cast = create_cast()
    store: EvidenceStore = publish_evidence(tmp_path / "evidence", district="maple-valley")
    publish_assessments(sample_cast.district, store)
    set_hours(district=sample_cast.district, at=AT, actor="director", hours={"technician": 6, "director": 1})
    return sample_cast


def load_week(cast: Cast, *, today: date = TODAY, **options: Any) -> WeekPlan:
    return plan_for_week(district=cast.district, today=today, **options)


def list_job_ids(week_plan: WeekPlan) -> list[str]:
    return [planned_item.item.job.id for planned_item in week_plan.items]


def record_work(
    cast: Cast, item: str, minutes: int, *, today: date = TODAY, person: str = "technician", **options: Any
) -> None:
    at = AT + (today - TODAY)
    mark_done(district=cast.district, at=at, today=today, actor=person, item=item, minutes=minutes, **options)


def test_findings_of_one_control_are_one_job(cast: Cast):
    jobs = [entry.item.job for entry in load_week(cast).items] + [
        entry.left_out.job for entry in load_week(cast).left_out
    ]
    assert len(jobs) == len({job.id for job in jobs}) == 8


def test_hours_of_the_verb_stand_in_for_the_teams(cast: Cast):
    week_plan = load_week(cast, minutes=90)
    assert week_plan.plan
    assert week_plan.plan.hours == 1.5
    assert sum(planned_item.item.minutes for planned_item in week_plan.items) <= 90


def test_where_nobody_said_hours_six_a_technician_are_assumed(cast: Cast):
    TeamHours.objects.of(cast.district).delete()
    week_plan = load_week(cast)
    assert week_plan.assumed
    assert week_plan.plan
    assert week_plan.plan.hours == 6


def test_done_minutes_are_taken_from_the_weeks_hours(cast: Cast):
    record_work(cast, "leaver-account", 50)
    week_plan = load_week(cast)
    assert week_plan.plan
    assert week_plan.plan.hours == pytest.approx(7 - 50 / 60)
    assert load_week(cast, today=TODAY + WEEK_LENGTH).plan.hours == 7  # type: ignore[union-attr]


def test_a_critical_finding_is_due_fifteen_days_after_it_opened(cast: Cast):
    week_plan = load_week(cast)
    due_dates = {entry.item.job.id: entry.item.job.due_on for entry in week_plan.items} | {
        entry.left_out.job.id: entry.left_out.job.due_on for entry in week_plan.left_out
    }
    assert due_dates["admin-second-factor"] == TODAY - timedelta(days=20) + timedelta(days=15)
    assert due_dates["leaver-account"] is None


def test_what_is_accepted_as_a_whole_is_no_work(cast: Cast):
    create_exception(
        district=cast.district,
        at=AT,
        today=TODAY,
        actor="director",
        scope=FindingScope(control="leaver-account"),
        reason="Until March.",
        owner="technician",
        expires_on=date(2026, 3, 1),
    )
    week_plan = load_week(cast)
    assert "leaver-account" not in list_job_ids(week_plan)
    assert "leaver-account" not in {deferred_item.left_out.job.id for deferred_item in week_plan.left_out}


def test_a_done_part_of_a_long_job_is_gone_on_with_and_its_set_up_is_paid(cast: Cast):
    week_plan = load_week(cast)
    first_part = next(first_part.item for first_part in week_plan.items if not first_part.item.whole)
    record_work(cast, first_part.job.id, first_part.minutes, subjects=max(1, first_part.subjects))
    next_week = load_week(cast, today=TODAY + WEEK_LENGTH)
    next_part = next(
        planned_item.item for planned_item in next_week.items if planned_item.item.job.id == first_part.job.id
    )
    assert next_part.job.begun
    assert next_part.job.subjects == first_part.job.subjects - max(1, first_part.subjects)
    assert next_part.setup_minutes == max(0, first_part.job.setup_minutes - first_part.minutes)


def test_deferred_work_comes_back_in_the_week_of_its_day(cast: Cast):
    until = TODAY + WEEK_LENGTH * 2
    defer_item(
        district=cast.district, at=AT, today=TODAY, actor="technician", item="leaver-account", until=until, reason="HR."
    )
    assert {
        deferred_item.left_out.job.id: deferred_item.left_out.reason
        for deferred_item in load_week(cast, today=TODAY + WEEK_LENGTH).left_out
    }["leaver-account"] == WaitReason.DEFERRED
    assert "leaver-account" in list_job_ids(load_week(cast, today=until))


def test_planning_twice_changes_nothing(cast: Cast):
    plan_week(district=cast.district, at=AT, today=TODAY, actor="director")
    rows = Work.objects.of(cast.district).count()
    plan_week(district=cast.district, at=AT, today=TODAY, actor="director")
    assert Work.objects.of(cast.district).count() == rows > 0


def test_the_plan_kept_stays_though_a_better_one_would_fit(cast: Cast):
    plan_week(district=cast.district, at=AT, today=TODAY, actor="director")
    planned_jobs = list_job_ids(load_week(cast))
    set_hours(district=cast.district, at=AT, actor="director", hours={"technician": 20})
    assert set(planned_jobs) <= set(list_job_ids(load_week(cast)))


def test_what_nobody_knows_is_refused(cast: Cast):
    for item in ("no-such-control", "chromeos-developer-mode"):
        with pytest.raises(UnknownPlanItem):
            record_work(cast, item, 5)
    with pytest.raises(InvalidPlanChange):
        set_hours(district=cast.district, at=AT, actor="director", hours={"stranger": 5})


def learn_from_outcomes(cast: Cast, people: Sequence[str]) -> dict[str, float]:
    """Return what is learned from four weeks in which these people took 60, 70, 80 and 90 minutes."""
    Work.objects.of(cast.district).delete()
    for number, person in enumerate(people):
        record_work(cast, "leaver-account", 60 + 10 * number, today=TODAY + WEEK_LENGTH * number, person=person)
        _verify_work(cast)
    return dict(learn_ratios(district=cast.district))


def _verify_work(cast: Cast) -> None:
    """Let the claim be assessed: newer data still shows the members open, so that the job comes again."""
    newest = Assessment.objects.of(cast.district).order_by("-number")[0]
    later = Work.objects.of(cast.district).order_by("-made_at")[0].made_at + timedelta(hours=1)
    Assessment.objects.of(cast.district).filter(pk=newest.pk).update(as_of=later)
    Work.objects.of(cast.district).update(assessment=1, person=F("made_by"))


def test_who_did_what_changes_no_estimate(cast: Cast):
    first_person, second_person = "technician", "director"
    ratios = [
        learn_from_outcomes(cast, people)
        for people in (
            (first_person, second_person, first_person, second_person),
            (second_person, first_person, second_person, first_person),
            (first_person,) * 4,
        )
    ]
    assert ratios[0]["leaver-account"] > 1.2
    assert all(first == second for first, second in pairwise(ratios))


def test_the_next_estimate_follows_what_was_recorded(cast: Cast):
    estimate = next(
        planned_item.item for planned_item in load_week(cast).items if planned_item.item.job.id == "leaver-account"
    )
    record_work(cast, "leaver-account", estimate.minutes * 3)
    ratio = learn_ratios(district=cast.district)["leaver-account"]
    assert ratio == pytest.approx(1 + 2 * 1 / (1 + 3), rel=0.02)


def test_another_districts_records_teach_nothing_here(cast: Cast):
    record_work(cast, "leaver-account", 500)
    assert learn_ratios(district=cast.next_district) == {}
    assert plan_for_week(district=cast.next_district, today=TODAY).plan is None


def test_each_act_has_its_audit_entry(cast: Cast):
    plan_week(district=cast.district, at=AT, today=TODAY, actor="director")
    record_work(cast, "leaver-account", 50)
    assert [line.action for line in list_audit_entries(district=cast.district).lines][:3] == [
        "work done",
        "plan week",
        "set hours",
    ]


def test_the_order_of_the_morning_is_that_of_the_plan_and_of_posture(cast: Cast):
    with_hours = load_morning(district=cast.district, today=TODAY)
    TeamHours.objects.of(cast.district).delete()
    without = load_morning(district=cast.district, today=TODAY)
    ranked_ids = [finding.control.id for finding in (*without.first, *without.later)]
    assert [finding.control.id for finding in (*with_hours.first, *with_hours.later)] == ranked_ids
    assert ranked_ids[0] == "admin-second-factor"  # the only critical one, of one account
    week = load_week(cast, minutes=10_000)
    assert list_job_ids(week) == list(dict.fromkeys(ranked_ids))
    assert without.judgment is not None
    results = list_control_results(district=cast.district, assessment=without.judgment)
    failing = [result.control.id for result in results if result.numbers.failing]
    assert set(without.results) == {finding.control.id for finding in without.first}
    assert failing == list(dict.fromkeys(ranked_ids))


def test_each_place_in_the_morning_has_its_reason(cast: Cast):
    morning = load_morning(district=cast.district, today=TODAY)
    reasons = [morning.reasons[finding.id] for finding in morning.first]
    assert reasons[0].startswith("Critical, due ")
    assert all(reason.startswith(("Critical", "By risk: ")) for reason in reasons)


def test_a_pinned_item_goes_first_stays_when_the_week_is_planned_again_and_can_be_unpinned(cast: Cast):
    last = list_job_ids(load_week(cast, minutes=10_000))[-1]
    pin_item(district=cast.district, at=AT, today=TODAY, actor="technician", item=last)
    assert list_job_ids(load_week(cast))[0] == last
    plan_week(district=cast.district, at=AT + timedelta(minutes=1), today=TODAY, actor="director")
    assert list_job_ids(load_week(cast))[0] == last
    morning = load_morning(district=cast.district, today=TODAY)
    assert morning.first[0].control.id == last
    assert morning.reasons[morning.first[0].id].startswith("Pinned to this week by ")
    unpin_item(district=cast.district, at=AT + timedelta(minutes=2), today=TODAY, actor="technician", item=last)
    assert list_job_ids(load_week(cast))[0] != last
    actions = [line.action for line in list_audit_entries(district=cast.district).lines]
    assert actions[:3] == ["unpin work", "plan week", "pin work"]


def test_what_is_dropped_from_this_week_needs_a_reason_comes_last_today_and_is_back_on_monday(cast: Cast):
    with pytest.raises(InvalidPlanChange):
        drop_item(district=cast.district, at=AT, today=TODAY, actor="technician", item="admin-second-factor", reason="")
    drop_item(
        district=cast.district, at=AT, today=TODAY, actor="technician", item="admin-second-factor", reason="On leave."
    )
    left_out = {entry.left_out.job.id: entry for entry in load_week(cast).left_out}
    assert left_out["admin-second-factor"].left_out.reason == WaitReason.DEFERRED
    morning = load_morning(district=cast.district, today=TODAY)
    assert (*morning.first, *morning.later)[-1].control.id == "admin-second-factor"
    assert list_job_ids(load_week(cast, today=TODAY + WEEK_LENGTH))[0] == "admin-second-factor"


def test_urgent_work_that_does_not_fit_is_on_top_of_the_plan(cast: Cast):
    week = load_week(cast, minutes=1)
    assert [entry.open.control.id for entry in week.urgent_unfinished] == ["admin-second-factor"]
    assert describe_urgent_unfinished(week) == "1 urgent item does not fit this week’s hours"
    assert describe_urgent_unfinished(load_week(cast, minutes=10_000)) == ""


def _load_usual_weeks(root: Path) -> None:
    """Load two schools' usual weeks, school from Monday to Thursday, and a calendar that ended a year ago."""
    weeks = [
        {"org_key": school, "weekday": day, "kind": "school", "first_bell": first_bell, "last_bell": last_bell}
        for school, first_bell, last_bell in (("High", "07:20", "14:00"), ("Middle", "08:40", "15:40"))
        for day in ("mon", "tue", "wed", "thu")
    ]
    store = EvidenceStore(root / "evidence", district="maple-valley")
    expired_calendar = [{"date": TODAY - timedelta(days=365), "org_key": "", "kind": "school"}]
    publish_load(
        store, "district", "district.facts", "calendar_days", expired_calendar, at=ASSESSED_AT + timedelta(hours=1)
    )
    publish_load(store, "bell", "bell.calendar", "bell_weeks", weeks, at=ASSESSED_AT)


def test_where_no_dated_calendar_reaches_the_usual_weeks_say_when_it_is_quiet_and_nothing_else(
    cast: Cast, tmp_path: Path
):
    monday = TODAY - timedelta(days=TODAY.weekday())
    assert not load_school_calendar(district=cast.district, week=monday).assumed
    _load_usual_weeks(tmp_path)
    calendar = load_school_calendar(district=cast.district, week=monday)
    assert calendar.assumed
    bells = {(day.kind, day.first_bell, day.last_bell) for day in calendar.days.values()}
    assert bells == {("school", 7 * 60 + 20, 15 * 60 + 40)}
    assert list(calendar.days) == [monday + timedelta(days=n) for n in range(4)]
    week_plan = load_week(cast)
    assert (week_plan.calendar, week_plan.usual_week, week_plan.free_day) == (True, True, None)
    assert not any(day.school for day in load_morning(district=cast.district, today=TODAY).week)


def test_a_day_past_the_end_of_a_calendar_may_have_class_by_the_usual_week(cast: Cast, tmp_path: Path):
    _load_usual_weeks(tmp_path)
    monday = TODAY - timedelta(days=TODAY.weekday())
    store = EvidenceStore(tmp_path / "evidence", district="maple-valley")
    calendar_rows = [{"date": monday + timedelta(days=n), "org_key": "", "kind": "school"} for n in (-7, 0, 2)]
    publish_load(
        store, "district", "district.facts", "calendar_days", calendar_rows, at=ASSESSED_AT + timedelta(hours=2)
    )
    calendar = load_school_calendar(district=cast.district, week=monday)
    kinds = [
        (school_day.kind if (school_day := calendar.get_school_day(monday + timedelta(days=n))) else None)
        for n in range(5)
    ]
    assert kinds == [
        "school",
        "closed",
        "school",
        "school",
        "closed",
    ]  # Tuesday is not listed; on Friday there never is
    assert not calendar.assumed


def test_bells_of_the_usual_week_are_those_of_a_school_day_without_its_own(cast: Cast, tmp_path: Path):
    store = EvidenceStore(tmp_path / "evidence", district="maple-valley")
    weeks = [{"org_key": "High", "weekday": "thu", "kind": "school", "first_bell": "07:20", "last_bell": "14:00"}]
    publish_load(store, "bell", "bell.calendar", "bell_weeks", weeks, at=ASSESSED_AT)
    calendar = load_school_calendar(district=cast.district, week=TODAY - timedelta(days=TODAY.weekday()))
    assert {day.day: day.first_bell for day in calendar.days.values() if day.first_bell} == {TODAY: 7 * 60 + 20}
    assert not calendar.assumed
