"""A team's week with a database: what it learns and from whom it does not, parts of long jobs, districts apart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F

from homeroom.apps.audit.queries import trail
from homeroom.apps.planning.calendar import school_days
from homeroom.apps.planning.commands import NoSuchItem, NotPlanned, defer, done, plan_week, set_hours
from homeroom.apps.planning.jobs import learned
from homeroom.apps.planning.models import TeamHours, Work
from homeroom.apps.planning.queries import morning
from homeroom.apps.planning.weeks import Week, week_of
from homeroom.apps.posture.accepting import accept
from homeroom.apps.posture.models import Assessment
from homeroom.engines.plan.plan import Why
from homeroom.evidence.store import Store
from tests.cast import Cast, gather
from tests.scene import JUDGED, TODAY, evidence, judged, load

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 15, 13, tzinfo=UTC)
NEXT = timedelta(days=7)


@pytest.fixture
def cast(tmp_path: Path, settings: Any) -> Cast:
    """A judged district whose technician has six hours."""
    settings.DATA = tmp_path
    made = gather()
    store: Store = evidence(tmp_path / "evidence", district="maple-valley")
    judged(made.district, store)
    set_hours(district=made.district, at=AT, actor="director", hours={"technician": 6, "director": 1})
    return made


def week(cast: Cast, *, today: date = TODAY, **told: Any) -> Week:
    return week_of(district=cast.district, today=today, **told)


def planned(found: Week) -> list[str]:
    return [one.item.job.id for one in found.items]


def take(cast: Cast, item: str, minutes: int, *, today: date = TODAY, person: str = "technician", **told: Any) -> None:
    at = AT + (today - TODAY)
    done(district=cast.district, at=at, today=today, actor=person, item=item, minutes=minutes, **told)


def test_findings_of_one_control_are_one_job(cast: Cast):
    jobs = [one.item.job for one in week(cast).items] + [one.left.job for one in week(cast).left_out]
    assert len(jobs) == len({job.id for job in jobs}) == 8


def test_hours_of_the_verb_stand_in_for_the_teams(cast: Cast):
    found = week(cast, minutes=90)
    assert found.plan
    assert found.plan.hours == 1.5
    assert sum(one.item.minutes for one in found.items) <= 90


def test_where_nobody_said_hours_six_a_technician_are_assumed(cast: Cast):
    TeamHours.objects.of(cast.district).delete()
    found = week(cast)
    assert found.assumed
    assert found.plan
    assert found.plan.hours == 6


def test_done_minutes_are_taken_from_the_weeks_hours(cast: Cast):
    take(cast, "leaver-account", 50)
    found = week(cast)
    assert found.plan
    assert found.plan.hours == pytest.approx(7 - 50 / 60)
    assert week(cast, today=TODAY + NEXT).plan.hours == 7  # type: ignore[union-attr]


def test_a_critical_finding_is_due_fifteen_days_after_it_opened(cast: Cast):
    found = week(cast)
    due = {one.item.job.id: one.item.job.due_on for one in found.items} | {
        one.left.job.id: one.left.job.due_on for one in found.left_out
    }
    assert due["admin-second-factor"] == TODAY - timedelta(days=20) + timedelta(days=15)
    assert due["leaver-account"] is None


def test_what_is_accepted_as_a_whole_is_no_work(cast: Cast):
    accept(district=cast.district, at=AT, today=TODAY, actor="director", control="leaver-account", reason="Until March.",
           owner="technician", expires_on=date(2026, 3, 1))  # fmt: skip
    found = week(cast)
    assert "leaver-account" not in planned(found)
    assert "leaver-account" not in {one.left.job.id for one in found.left_out}


def test_a_done_part_of_a_long_job_is_gone_on_with_and_its_set_up_is_paid(cast: Cast):
    found = week(cast)
    one = next(one.item for one in found.items if not one.item.whole)
    take(cast, one.job.id, one.minutes, subjects=max(1, one.subjects))
    after = week(cast, today=TODAY + NEXT)
    again = next(other.item for other in after.items if other.item.job.id == one.job.id)
    assert again.job.begun
    assert again.job.subjects == one.job.subjects - max(1, one.subjects)
    assert again.setup_minutes == max(0, one.job.setup_minutes - one.minutes)


def test_deferred_work_comes_back_in_the_week_of_its_day(cast: Cast):
    until = TODAY + NEXT * 2
    defer(
        district=cast.district, at=AT, today=TODAY, actor="technician", item="leaver-account", until=until, reason="HR."
    )
    assert {one.left.job.id: one.left.why for one in week(cast, today=TODAY + NEXT).left_out}[
        "leaver-account"
    ] == Why.DEFERRED
    assert "leaver-account" in planned(week(cast, today=until))


def test_planning_twice_changes_nothing(cast: Cast):
    plan_week(district=cast.district, at=AT, today=TODAY, actor="director")
    rows = Work.objects.of(cast.district).count()
    plan_week(district=cast.district, at=AT, today=TODAY, actor="director")
    assert Work.objects.of(cast.district).count() == rows > 0


def test_the_plan_kept_stays_though_a_better_one_would_fit(cast: Cast):
    plan_week(district=cast.district, at=AT, today=TODAY, actor="director")
    kept = planned(week(cast))
    set_hours(district=cast.district, at=AT, actor="director", hours={"technician": 20})
    assert set(kept) <= set(planned(week(cast)))


def test_what_nobody_knows_is_refused(cast: Cast):
    for item in ("no-such-control", "chromeos-developer-mode"):
        with pytest.raises(NoSuchItem):
            take(cast, item, 5)
    with pytest.raises(NotPlanned):
        set_hours(district=cast.district, at=AT, actor="director", hours={"stranger": 5})


def outcomes(cast: Cast, people: Sequence[str]) -> dict[str, float]:
    """What is learned from four weeks in which these people took 60, 70, 80 and 90 minutes."""
    Work.objects.of(cast.district).delete()
    for number, person in enumerate(people):
        take(cast, "leaver-account", 60 + 10 * number, today=TODAY + NEXT * number, person=person)
        _proved(cast)
    return dict(learned(district=cast.district))


def _proved(cast: Cast) -> None:
    """Lets the claim be judged: newer data still shows the members open, so that the job comes again."""
    newest = Assessment.objects.of(cast.district).order_by("-number")[0]
    later = Work.objects.of(cast.district).order_by("-made_at")[0].made_at + timedelta(hours=1)
    Assessment.objects.of(cast.district).filter(pk=newest.pk).update(as_of=later)
    Work.objects.of(cast.district).update(assessment=1, person=F("made_by"))


def test_who_did_what_changes_no_estimate(cast: Cast):
    one, other = "technician", "director"
    told = [outcomes(cast, people) for people in ((one, other, one, other), (other, one, other, one), (one,) * 4)]
    assert told[0]["leaver-account"] > 1.2
    assert all(first == second for first, second in pairwise(told))


def test_the_next_estimate_follows_what_was_recorded(cast: Cast):
    before = next(one.item for one in week(cast).items if one.item.job.id == "leaver-account")
    take(cast, "leaver-account", before.minutes * 3)
    ratio = learned(district=cast.district)["leaver-account"]
    assert ratio == pytest.approx(1 + 2 * 1 / (1 + 3), rel=0.02)


def test_another_districts_records_teach_nothing_here(cast: Cast):
    take(cast, "leaver-account", 500)
    assert learned(district=cast.next_district) == {}
    assert week_of(district=cast.next_district, today=TODAY).plan is None


def test_each_act_has_its_audit_entry(cast: Cast):
    plan_week(district=cast.district, at=AT, today=TODAY, actor="director")
    take(cast, "leaver-account", 50)
    assert [line.action for line in trail(district=cast.district).lines][:3] == ["work done", "plan week", "set hours"]


def test_the_mornings_order_is_by_risk_until_hours_are_said(cast: Cast):
    with_hours = morning(district=cast.district, today=TODAY)
    TeamHours.objects.of(cast.district).delete()
    without = morning(district=cast.district, today=TODAY)
    assert {one.id for one in (*with_hours.first, *with_hours.later)} == {
        one.id for one in (*without.first, *without.later)
    }
    assert without.first[0].control.id == "staff-second-factor"
    assert with_hours.first[0].control.id == "admin-second-factor"


def _usual_weeks(root: Path) -> None:
    """Two schools' usual weeks, school from Monday to Thursday, and a calendar that ended a year ago."""
    weeks = [
        {"org_key": school, "weekday": day, "kind": "school", "first_bell": first, "last_bell": last}
        for school, first, last in (("High", "07:20", "14:00"), ("Middle", "08:40", "15:40"))
        for day in ("mon", "tue", "wed", "thu")
    ]
    store = Store(root / "evidence", district="maple-valley")
    old = [{"date": TODAY - timedelta(days=365), "org_key": "", "kind": "school"}]
    load(store, "district", "district.facts", "calendar_days", old, at=JUDGED + timedelta(hours=1))
    load(store, "bell", "bell.calendar", "bell_weeks", weeks, at=JUDGED)


def test_where_no_dated_calendar_reaches_the_usual_weeks_say_when_it_is_quiet_and_nothing_else(
    cast: Cast, tmp_path: Path
):
    monday = TODAY - timedelta(days=TODAY.weekday())
    assert not school_days(district=cast.district, week=monday).assumed
    _usual_weeks(tmp_path)
    known = school_days(district=cast.district, week=monday)
    assert known.assumed
    bells = {(day.kind, day.first_bell, day.last_bell) for day in known.days.values()}
    assert bells == {("school", 7 * 60 + 20, 15 * 60 + 40)}
    assert list(known.days) == [monday + timedelta(days=n) for n in range(4)]
    found = week(cast)
    assert (found.calendar, found.usual_week, found.free_day) == (True, True, None)
    assert not any(day.school for day in morning(district=cast.district, today=TODAY).week)


def test_a_day_past_the_end_of_a_calendar_may_have_class_by_the_usual_week(cast: Cast, tmp_path: Path):
    _usual_weeks(tmp_path)
    monday = TODAY - timedelta(days=TODAY.weekday())
    store = Store(tmp_path / "evidence", district="maple-valley")
    listed = [{"date": monday + timedelta(days=n), "org_key": "", "kind": "school"} for n in (-7, 0, 2)]
    load(store, "district", "district.facts", "calendar_days", listed, at=JUDGED + timedelta(hours=2))
    known = school_days(district=cast.district, week=monday)
    kinds = [(one.kind if (one := known.may_have_class(monday + timedelta(days=n))) else None) for n in range(5)]
    assert kinds == [
        "school",
        "closed",
        "school",
        "school",
        "closed",
    ]  # Tuesday is not listed; on Friday there never is
    assert not known.assumed


def test_bells_of_the_usual_week_are_those_of_a_school_day_without_its_own(cast: Cast, tmp_path: Path):
    store = Store(tmp_path / "evidence", district="maple-valley")
    weeks = [{"org_key": "High", "weekday": "thu", "kind": "school", "first_bell": "07:20", "last_bell": "14:00"}]
    load(store, "bell", "bell.calendar", "bell_weeks", weeks, at=JUDGED)
    known = school_days(district=cast.district, week=TODAY - timedelta(days=TODAY.weekday()))
    assert {day.day: day.first_bell for day in known.days.values() if day.first_bell} == {TODAY: 7 * 60 + 20}
    assert not known.assumed
