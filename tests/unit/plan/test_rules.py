"""What a week keeps to, rule by rule: set-up once, deadlines, the long job's share, quiet times, who does what."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from homeroom.domain.risk import risk
from homeroom.domain.states import Severity
from homeroom.domain.work import AFTER, BEFORE, NO_SCHOOL, Holiday, Job, Learning, PlanningRules, Seat
from homeroom.engines.plan.checking import violations
from homeroom.engines.plan.engine import plan
from homeroom.engines.plan.plan import Capacity, Plan, Why
from homeroom.engines.plan.quiet import SchoolDay, clock, next_day_without_class, windows
from tests.unit.plan.cases import TABLE, WEEK, days, ids, job, team

RULES = PlanningRules(
    suggested_hours=6,
    long_keeps=0.25,
    day_starts=7 * 60,
    day_ends=16 * 60,
    quiet_before=30,
    quiet_after=60,
    learning=Learning(prior_weight=3, least=0.25, most=4),
)


def planned(jobs: list[Job], capacity: Capacity) -> Plan:
    made = plan(jobs, capacity=capacity, week=WEEK, table=TABLE)
    assert violations(made, jobs=jobs, capacity=capacity, week=WEEK, table=TABLE) == []
    return made


def test_one_action_that_closes_four_hundred_findings_is_one_item():
    made = planned([job("a", subjects=400, each=0.1)], team(60))
    assert [(item.job.id, item.subjects, item.minutes) for item in made.items] == [("a", 400, 40)]


def test_jobs_of_one_set_up_pay_the_largest_once():
    jobs = [job("a", once=30, setup="x"), job("b", once=20, setup="x"), job("c", once=10, setup="x")]
    made = planned(jobs, team(60))
    assert len(made.items) == 3
    assert made.minutes == 60
    assert [item.setup_minutes for item in made.items] == [30, 0, 0]


def test_jobs_of_several_set_ups_pay_each():
    made = planned([job("a", once=30), job("b", once=20)], team(70))
    assert sorted(item.setup_minutes for item in made.items) == [20, 30]


def test_a_cheap_job_goes_before_a_worse_one_that_costs_far_more():
    jobs = [job("worse", severity=Severity.CRITICAL, each=3), *(job(f"{n}", each=1) for n in range(4))]
    assert ids(planned(jobs, team(40)).items) == ["0", "1", "2", "3"]


@pytest.mark.parametrize("due", [-20, 0, 6])
def test_what_is_due_this_week_is_in_though_others_take_more_away(due: int):
    jobs = [job("due", severity=Severity.LOW, each=4, due_on=days(due)), job("better", each=4)]
    made = planned(jobs, team(40))
    assert ids(made.items) == ["due"]
    assert not made.left_out[0].misses


def test_what_is_due_later_has_no_precedence():
    jobs = [job("later", severity=Severity.LOW, each=4, due_on=days(7)), job("better", each=4)]
    assert ids(planned(jobs, team(40)).items) == ["better"]


def test_what_is_due_comes_first_though_the_long_job_loses_its_share():
    jobs = [job("due", severity=Severity.LOW, each=3.5, due_on=days(2)), job("long", subjects=100)]
    made = planned(jobs, team(40))
    assert [(item.job.id, item.minutes) for item in made.items] == [("due", 35), ("long", 5)]


def test_a_deadline_that_cannot_be_met_is_told_as_the_price():
    jobs = [job("due", subjects=3, each=20, due_on=days(2)), job("due too", each=4, due_on=days(3))]
    made = planned(jobs, team(60))
    assert [(one.job.id, one.misses) for one in made.left_out] == [("due", True)]


def test_a_long_job_keeps_a_quarter_though_quick_wins_would_fill_the_week():
    quick = [job(f"{n:02}", severity=Severity.CRITICAL) for n in range(20)]
    made = planned([*quick, job("long", severity=Severity.LOW, subjects=500)], team(80))
    long = next(item for item in made.items if item.job.id == "long")
    assert (long.minutes, long.subjects) == (20, 20)
    assert made.minutes == 80


def test_without_quick_wins_the_long_job_has_the_whole_week():
    made = planned([job("long", subjects=500, once=30)], team(80))
    assert [(item.minutes, item.setup_minutes, item.subjects) for item in made.items] == [(80, 30, 50)]


def test_a_long_job_is_done_in_the_end_whatever_quick_wins_come():
    left, weeks = 500, 0
    while left:
        quick = [job(f"{n:02}", severity=Severity.CRITICAL) for n in range(20)]
        made = planned([*quick, job("long", severity=Severity.LOW, subjects=left, begun=weeks > 0)], team(80))
        left -= next(item.subjects for item in made.items if item.job.id == "long")
        weeks += 1
    assert weeks <= 500 / 20


def test_one_that_was_begun_is_gone_on_with_before_a_new_one():
    jobs = [job("new", severity=Severity.CRITICAL, subjects=500), job("begun", subjects=500, begun=True)]
    made = planned(jobs, team(80))
    assert ids(made.items) == ["begun"]
    assert [(one.job.id, one.why) for one in made.left_out] == [("new", Why.LONG_ONE_FIRST)]


def test_the_set_up_of_a_long_job_serves_the_short_ones_too():
    jobs = [job("long", subjects=200, once=20, setup="x"), job("short", once=20, setup="x")]
    made = planned(jobs, team(80))
    assert {item.job.id: (item.minutes, item.setup_minutes) for item in made.items} == {
        "long": (70, 20),
        "short": (10, 0),
    }


def test_part_of_a_job_takes_away_what_the_whole_loses_in_risk():
    made = planned([job("long", subjects=400)], team(100))
    whole, rest = (risk(TABLE, severity=Severity.HIGH, area="", subjects=n) for n in (400, 300))
    assert made.items[0].risk == pytest.approx(whole - rest)
    assert made.risk_after == pytest.approx(rest)


def test_what_was_deferred_waits_and_its_price_is_told():
    made = planned([job("a", deferred_until=days(7)), job("b", deferred_until=days(6))], team(80))
    assert ids(made.items) == ["b"]
    assert [(one.job.id, one.why) for one in made.left_out] == [("a", Why.DEFERRED)]
    assert made.left_out[0].risk == pytest.approx(made.risk_after)


def test_what_stands_in_the_plan_already_stays():
    better = job("better", severity=Severity.CRITICAL, each=4)
    assert ids(planned([better, job("kept", each=4, kept=True)], team(40)).items) == ["kept"]


def test_without_hours_nothing_is_planned_and_everything_is_told():
    made = planned([job("a")], Capacity(seats=(), windows=None, long_keeps=0.25))
    assert (made.items, [one.why for one in made.left_out]) == ((), [Why.NOBODY])
    assert made.risk_after == made.risk_before > 0


def test_without_jobs_the_week_is_empty():
    made = planned([job(subjects=0)], team(60))
    assert (made.items, made.left_out, made.risk_before, made.gap) == ((), (), 0, 0)


def seats(**minutes: int) -> Capacity:
    given = tuple(Seat(person=name, role=name.split("_")[0], minutes=some) for name, some in minutes.items())
    return Capacity(seats=given, windows=None, long_keeps=0.25)


def test_a_directors_work_draws_on_the_directors_hours():
    jobs = [job("a", who="director"), job("b", who="director"), job("c", who="technician")]
    made = planned(jobs, seats(director=14, technician_1=60))
    assert {item.job.id: item.shares for item in made.items} == {"a": (("director", 10),), "c": (("technician_1", 10),)}
    assert ids(made.left_out) == ["b"]


def test_where_a_role_gives_no_hours_the_others_do_its_work():
    made = planned([job("a", who="director")], seats(technician_1=60))
    assert made.items[0].shares == (("technician_1", 10),)


def test_work_is_spread_and_who_was_named_does_it():
    jobs = [job("a", who="technician", assigned="technician_2"), job("b", who="technician", each=2)]
    made = planned(jobs, seats(technician_1=60, technician_2=60))
    assert {item.job.id: item.shares for item in made.items} == {
        "a": (("technician_2", 10),),
        "b": (("technician_1", 20),),
    }


def test_who_was_named_does_it_in_whatever_role_and_with_the_hours_of_that_role():
    given = (
        Seat(person="director", role="director", minutes=60),
        Seat(person="technician", role="technician", minutes=60),
    )
    capacity = Capacity(seats=given, windows=None, long_keeps=0.25)
    jobs = [job("a", who="technician", each=4, assigned="director"), job("b", who="technician", each=4)]
    made = planned(jobs, capacity)
    assert {item.job.id: item.shares for item in made.items} == {
        "a": (("director", 40),),
        "b": (("technician", 40),),
    }


def test_what_one_person_cannot_do_alone_is_shared():
    made = planned([job("a", who="technician", each=4, due_on=days(0))], seats(technician_1=30, technician_2=20))
    assert made.items[0].shares == (("technician_1", 30), ("technician_2", 10))


BELLS = {"first_bell": 7 * 60 + 55, "last_bell": 15 * 60}


def school(number: int, **told: object) -> SchoolDay:
    return SchoolDay(day=days(number), kind="school", **(BELLS | told))  # type: ignore[arg-type]


def test_quiet_times_are_before_first_bell_after_last_bell_and_days_without_class():
    listed = [school(0), school(1), school(2), SchoolDay(day=days(3), kind="staff", title="Staff day")]
    found = windows(listed, week=WEEK, today=days(2), rules=RULES)
    assert [(one.day, one.kind, one.starts, one.ends, one.title) for one in found] == [
        (days(2), BEFORE, 420, 475, ""),
        (days(2), AFTER, 900, 960, ""),
        (days(3), NO_SCHOOL, 420, 960, "Staff day"),
        (days(4), NO_SCHOOL, 420, 960, ""),
    ]


def test_a_closed_building_is_no_quiet_time():
    assert windows([SchoolDay(day=days(n), kind="closed") for n in range(5)], week=WEEK, today=WEEK, rules=RULES) == ()


def test_a_calendar_without_bells_counts_the_rules_minutes():
    found = windows([school(0, first_bell=None, last_bell=None)], week=WEEK, today=WEEK, rules=RULES)
    assert [(one.minutes, one.kind) for one in found[:2]] == [(30, BEFORE), (60, AFTER)]


def test_work_that_disturbs_class_goes_into_quiet_times_only():
    quiet = windows([school(n) for n in range(5)], week=WEEK, today=WEEK, rules=RULES)
    capacity = replace(team(600), windows=quiet)
    made = planned([job("a", each=5.5, quiet=True), job("b")], capacity)
    placed = {item.job.id: [(one.day, one.kind) for one in item.windows] for item in made.items}
    assert placed == {"a": [(days(0), BEFORE)], "b": []}


def test_work_that_finds_no_quiet_time_waits():
    capacity = replace(team(600), windows=())
    made = planned([job("a", quiet=True)], capacity)
    assert [(one.job.id, one.why) for one in made.left_out] == [("a", Why.NO_QUIET_TIME)]


def test_a_long_job_that_disturbs_class_gets_its_share_of_quiet_times():
    quiet = windows([school(n) for n in range(5)], week=WEEK, today=WEEK, rules=RULES)
    made = planned([job("a", subjects=500, quiet=True)], replace(team(600), windows=quiet))
    assert made.items[0].minutes == 150
    assert sum(one.minutes for one in made.items[0].windows) >= 150


def test_the_next_day_without_class_is_named():
    listed = {one.day: one for one in (school(0), SchoolDay(day=days(9), kind="break", title="Winter break"))}
    found = next_day_without_class(listed, after=days(6), rules=RULES)
    assert found
    assert (found.day, found.title) == (days(9), "Winter break")
    assert next_day_without_class({}, after=days(6), rules=RULES) is None


CHRISTMAS = date(2026, 12, 25)
HELD = replace(RULES, holidays=(Holiday(month=12, day=25), Holiday(month=11, weekday=3, nth=4)))


def test_nobody_is_sent_to_work_on_a_public_holiday_within_a_break():
    week = date(2026, 12, 21)
    listed = [SchoolDay(day=week + timedelta(days=n), kind="break", title="Winter break") for n in range(5)]
    found = windows(listed, week=week, today=week, rules=HELD)
    assert [one.day.day for one in found] == [21, 22, 23, 24]
    christmas = {CHRISTMAS: listed[4]}
    assert next_day_without_class(christmas, after=week, rules=HELD) is None


def test_a_public_holiday_that_the_calendar_gives_to_staff_is_worked():
    listed = [SchoolDay(day=CHRISTMAS, kind="staff", title="Staff day")]
    found = windows(listed, week=date(2026, 12, 21), today=CHRISTMAS, rules=HELD)
    assert [one.title for one in found] == ["Staff day"]


@pytest.mark.parametrize(
    ("holiday", "day", "kept"),
    [
        (Holiday(month=1, day=1), date(2027, 1, 1), True),
        (Holiday(month=1, day=1), date(2021, 12, 31), True),  # January 1 was a Saturday
        (Holiday(month=1, day=1), date(2023, 1, 2), True),  # and a Sunday
        (Holiday(month=1, day=1), date(2026, 12, 31), False),
        (Holiday(month=11, weekday=3, nth=4), date(2026, 11, 26), True),
        (Holiday(month=11, weekday=3, nth=4), date(2026, 11, 19), False),
        (Holiday(month=5, weekday=0, nth=-1), date(2026, 5, 25), True),
        (Holiday(month=5, weekday=0, nth=-1), date(2026, 5, 18), False),
        (Holiday(month=9, weekday=0, nth=1), date(2026, 9, 7), True),
    ],
)
def test_a_holiday_is_known_by_its_date_or_by_the_weekday_of_its_month(holiday: Holiday, day: date, kept: bool):
    assert holiday.kept_on(day) is kept


@pytest.mark.parametrize(
    ("text", "minutes"), [("07:55", 475), ("15:00:00", 900), ("", None), (None, None), ("soon", None)]
)
def test_a_bell_is_read_as_a_time_or_not_at_all(text: str | None, minutes: int | None):
    assert clock(text) == minutes


def test_the_check_finds_what_is_wrong():
    jobs = [job("a"), job("due", due_on=days(1)), job("c", once=10)]
    good = plan(jobs, capacity=team(60), week=WEEK, table=TABLE)
    item = next(one for one in good.items if one.job.id == "c")
    bad = {
        "not every job": replace(good, items=good.items[1:]),
        "more than there are": replace(
            good, items=tuple(replace(one, minutes=50, shares=(("t", 50),)) for one in good.items)
        ),
        "minutes are paid": replace(good, items=tuple(replace(one, setup_minutes=0) for one in good.items)),
        "the plan says": replace(good, risk_after=5.0),
        "its own bound": replace(good, bound=1.0),
        "cannot hold": replace(
            good, items=tuple(replace(one, minutes=1) if one == item else one for one in good.items)
        ),
    }
    for told, wrong in bad.items():
        found = violations(wrong, jobs=jobs, capacity=team(60), week=WEEK, table=TABLE)
        assert any(told in one for one in found), (told, found)
    late = plan([replace(one, due_on=None) for one in jobs], capacity=team(20), week=WEEK, table=TABLE)
    left = replace(
        late, left_out=tuple(replace(one, job=replace(one.job, due_on=date(2026, 1, 13))) for one in late.left_out)
    )
    assert any("would fit" in one for one in violations(left, jobs=jobs, capacity=team(20), week=WEEK, table=TABLE))


def test_what_is_long_goes_by_the_whole_week_though_hours_were_spent():
    spent = Capacity(seats=(Seat(person="t", role="", minutes=20, spent=60),), windows=None, long_keeps=0.25)
    made = planned([job("short", subjects=40), job("long", subjects=100), job("small")], spent)
    assert [(item.job.id, item.minutes) for item in made.items] == [("long", 20)]
    assert {one.job.id: one.why for one in made.left_out} == {"short": Why.NO_ROOM, "small": Why.NO_ROOM}


def test_hours_that_were_all_spent_are_not_called_nobodys():
    spent = Capacity(seats=(Seat(person="t", role="", minutes=0, spent=60),), windows=(), long_keeps=0.25)
    made = planned([job("a"), job("b", quiet=True)], spent)
    assert {one.job.id: one.why for one in made.left_out} == {"a": Why.NO_ROOM, "b": Why.NO_ROOM}
