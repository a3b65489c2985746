"""Test the planning rules: one setup per group, deadlines, the long job's share, quiet times and assignment."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from homeroom.domain.manage.planning import (
    AFTER_SCHOOL,
    BEFORE_SCHOOL,
    NO_SCHOOL,
    EstimateLearning,
    Holiday,
    PersonCapacity,
    PlanJob,
    PlanningRules,
)
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.risk import compute_risk
from homeroom.domain.protect.urgency import Danger
from homeroom.domain.schooldays import SchoolDay, parse_clock_time
from homeroom.engines.manage.plan.engine import plan_week
from homeroom.engines.manage.plan.non_instructional_time import find_next_day_without_class, find_quiet_windows
from homeroom.engines.manage.plan.plan import PlanResult, TeamCapacity, WaitReason
from homeroom.engines.manage.plan.verify import find_violations
from tests.unit.manage.plan.cases import RISK_TABLE, WEEK, build_job, build_team, get_day, list_job_ids

RULES = PlanningRules(
    suggested_hours=6,
    long_keeps=0.25,
    day_starts=7 * 60,
    day_ends=16 * 60,
    quiet_before=30,
    quiet_after=60,
    learning=EstimateLearning(prior_weight=3, least=0.25, most=4),
)


def plan_and_verify(jobs: list[PlanJob], capacity: TeamCapacity) -> PlanResult:
    result = plan_week(jobs, capacity=capacity, week=WEEK, table=RISK_TABLE)
    assert find_violations(result, jobs=jobs, capacity=capacity, week=WEEK, table=RISK_TABLE) == []
    return result


def test_one_action_that_closes_four_hundred_findings_is_one_item():
    result = plan_and_verify([build_job("a", subjects=400, each=0.1)], build_team(60))
    assert [(item.job.id, item.subjects, item.minutes) for item in result.items] == [("a", 400, 40)]


def test_jobs_of_one_set_up_pay_the_largest_once():
    jobs = [build_job("a", once=30, setup="x"), build_job("b", once=20, setup="x"), build_job("c", once=10, setup="x")]
    result = plan_and_verify(jobs, build_team(60))
    assert len(result.items) == 3
    assert result.minutes == 60
    assert [item.setup_minutes for item in result.items] == [30, 0, 0]


def test_jobs_of_several_set_ups_pay_each():
    result = plan_and_verify([build_job("a", once=30), build_job("b", once=20)], build_team(70))
    assert sorted(item.setup_minutes for item in result.items) == [20, 30]


def test_a_cheap_job_goes_before_one_that_costs_far_more():
    jobs = [build_job("dear", each=3), *(build_job(f"{n}", each=1) for n in range(4))]
    assert list_job_ids(plan_and_verify(jobs, build_team(40)).items) == ["0", "1", "2", "3"]


def test_no_number_of_cheap_jobs_takes_the_place_of_a_critical_one_that_fits():
    cheap = [build_job(f"{n}", each=1) for n in range(4)]
    critical = build_job("critical", severity=Severity.CRITICAL, subjects=1, each=35)
    assert list_job_ids(plan_and_verify([*cheap, critical], build_team(40)).items) == ["critical"]


@pytest.mark.parametrize("danger", Danger)
def test_a_critical_danger_goes_before_other_critical_jobs_whatever_their_counts(danger: Danger):
    jobs = [
        build_job("critical", severity=Severity.CRITICAL, subjects=40, each=1),
        build_job("danger", severity=Severity.CRITICAL, subjects=1, each=5, danger=danger),
    ]
    result = plan_and_verify(jobs, build_team(40))
    assert list_job_ids(result.items) == ["danger"]
    assert [(item.job.id, item.is_urgent) for item in result.left_out] == [("critical", True)]


def test_a_danger_that_is_not_critical_goes_before_what_is_ranked_by_risk_and_after_what_is_critical():
    jobs = [
        *(build_job(f"{n}", subjects=5) for n in range(7)),
        build_job("danger", severity=Severity.MEDIUM, subjects=1, each=10, danger=Danger.INTERNET),
        build_job("critical", severity=Severity.CRITICAL, subjects=1, each=30),
    ]
    assert list_job_ids(plan_and_verify(jobs, build_team(40)).items) == ["critical", "danger"]
    assert list_job_ids(plan_and_verify(jobs, build_team(39)).items) == ["critical", "0"]


def test_what_the_team_pinned_goes_before_everything():
    jobs = [
        build_job("danger", severity=Severity.CRITICAL, each=3, danger=Danger.INTERNET),
        build_job("pinned", severity=Severity.LOW, each=2, pinned=True),
    ]
    result = plan_and_verify(jobs, build_team(40))
    assert list_job_ids(result.items) == ["pinned"]
    assert [item.job.id for item in result.left_out if item.is_urgent] == ["danger"]


def test_a_deferred_danger_is_not_called_urgent_work_that_did_not_fit():
    result = plan_and_verify([build_job("a", danger=Danger.INTERNET, deferred_until=get_day(7))], build_team(40))
    assert [item.is_urgent for item in result.left_out] == [False]


def test_a_long_danger_keeps_its_share_before_critical_jobs():
    critical = [build_job(f"{n:02}", severity=Severity.CRITICAL) for n in range(20)]
    danger = build_job("danger", severity=Severity.CRITICAL, subjects=500, danger=Danger.EXPLOITED)
    result = plan_and_verify([*critical, danger], build_team(80))
    assert next(item.minutes for item in result.items if item.job.id == "danger") == 20
    assert result.minutes == 80


def test_the_items_stand_in_the_order_of_urgency():
    jobs = [
        build_job("many", subjects=30, each=0.1),
        build_job("critical", severity=Severity.CRITICAL, subjects=1),
        build_job("exploited", severity=Severity.CRITICAL, subjects=9, danger=Danger.EXPLOITED),
        build_job("internet", severity=Severity.CRITICAL, subjects=5, danger=Danger.INTERNET),
        build_job("password", severity=Severity.CRITICAL, subjects=1, danger=Danger.DEFAULT_PASSWORD),
        build_job("printer", severity=Severity.HIGH, subjects=2, danger=Danger.INTERNET),
        build_job("pinned", severity=Severity.LOW, subjects=1, pinned=True),
    ]
    result = plan_and_verify(jobs, build_team(600))
    order = ["pinned", "password", "internet", "exploited", "critical", "printer", "many"]
    assert list_job_ids(result.items) == order
    assert list_job_ids(plan_and_verify(jobs, build_team(0)).left_out) == order


@pytest.mark.parametrize("due", [-20, 0, 6])
def test_what_is_due_this_week_is_in_though_others_take_more_away(due: int):
    jobs = [build_job("due", severity=Severity.LOW, each=4, due_on=get_day(due)), build_job("better", each=4)]
    result = plan_and_verify(jobs, build_team(40))
    assert list_job_ids(result.items) == ["due"]
    assert not result.left_out[0].misses


def test_what_is_due_later_has_no_precedence():
    jobs = [build_job("later", severity=Severity.LOW, each=4, due_on=get_day(7)), build_job("better", each=4)]
    assert list_job_ids(plan_and_verify(jobs, build_team(40)).items) == ["better"]


def test_what_is_due_comes_first_though_the_long_job_loses_its_share():
    jobs = [build_job("due", severity=Severity.LOW, each=3.5, due_on=get_day(2)), build_job("long", subjects=100)]
    result = plan_and_verify(jobs, build_team(40))
    assert [(item.job.id, item.minutes) for item in result.items] == [("due", 35), ("long", 5)]


def test_a_deadline_that_cannot_be_met_is_told_as_the_price():
    jobs = [build_job("due", subjects=3, each=20, due_on=get_day(2)), build_job("due too", each=4, due_on=get_day(3))]
    result = plan_and_verify(jobs, build_team(60))
    assert [(item.job.id, item.misses) for item in result.left_out] == [("due", True)]


def test_a_long_job_keeps_a_quarter_though_quick_wins_would_fill_the_week():
    quick = [build_job(f"{n:02}") for n in range(20)]
    result = plan_and_verify([*quick, build_job("long", severity=Severity.LOW, subjects=500)], build_team(80))
    long = next(item for item in result.items if item.job.id == "long")
    assert (long.minutes, long.subjects) == (20, 20)
    assert result.minutes == 80


def test_without_quick_wins_the_long_job_has_the_whole_week():
    result = plan_and_verify([build_job("long", subjects=500, once=30)], build_team(80))
    assert [(item.minutes, item.setup_minutes, item.subjects) for item in result.items] == [(80, 30, 50)]


def test_a_long_job_is_done_in_the_end_whatever_quick_wins_come():
    left, weeks = 500, 0
    while left:
        quick = [build_job(f"{n:02}") for n in range(20)]
        result = plan_and_verify(
            [*quick, build_job("long", severity=Severity.LOW, subjects=left, begun=weeks > 0)], build_team(80)
        )
        left -= next(item.subjects for item in result.items if item.job.id == "long")
        weeks += 1
    assert weeks <= 500 / 20


def test_one_that_was_begun_is_gone_on_with_before_a_new_one():
    jobs = [build_job("new", subjects=600), build_job("begun", subjects=500, begun=True)]
    result = plan_and_verify(jobs, build_team(80))
    assert list_job_ids(result.items) == ["begun"]
    assert [(item.job.id, item.reason) for item in result.left_out] == [("new", WaitReason.LONG_ONE_FIRST)]


def test_the_set_up_of_a_long_job_serves_the_short_ones_too():
    jobs = [build_job("long", subjects=200, once=20, setup="x"), build_job("short", once=20, setup="x")]
    result = plan_and_verify(jobs, build_team(80))
    assert {item.job.id: (item.minutes, item.setup_minutes) for item in result.items} == {
        "long": (70, 20),
        "short": (10, 0),
    }


def test_part_of_a_job_takes_away_what_the_whole_loses_in_risk():
    result = plan_and_verify([build_job("long", subjects=400)], build_team(100))
    full_risk, remaining_risk = (
        compute_risk(RISK_TABLE, severity=Severity.HIGH, area="", subjects=n) for n in (400, 300)
    )
    assert result.items[0].risk == pytest.approx(full_risk - remaining_risk)
    assert result.risk_after == pytest.approx(remaining_risk)


def test_what_was_deferred_waits_and_its_price_is_told():
    result = plan_and_verify(
        [build_job("a", deferred_until=get_day(7)), build_job("b", deferred_until=get_day(6))], build_team(80)
    )
    assert list_job_ids(result.items) == ["b"]
    assert [(item.job.id, item.reason) for item in result.left_out] == [("a", WaitReason.DEFERRED)]
    assert result.left_out[0].risk == pytest.approx(result.risk_after)


def test_what_stands_in_the_plan_already_stays():
    better = build_job("better", subjects=20, each=2)
    assert list_job_ids(plan_and_verify([better, build_job("kept", each=4, kept=True)], build_team(40)).items) == [
        "kept"
    ]


def test_without_hours_nothing_is_planned_and_everything_is_told():
    result = plan_and_verify([build_job("a")], TeamCapacity(seats=(), windows=None, long_share=0.25))
    assert (result.items, [item.reason for item in result.left_out]) == ((), [WaitReason.NOBODY])
    assert result.risk_after == result.risk_before > 0


def test_without_jobs_the_week_is_empty():
    result = plan_and_verify([build_job(subjects=0)], build_team(60))
    assert (result.items, result.left_out, result.risk_before, result.gap) == ((), (), 0, 0)


def build_seats(**minutes: int) -> TeamCapacity:
    seat_list = tuple(
        PersonCapacity(person=name, role=name.split("_")[0], minutes=allotted) for name, allotted in minutes.items()
    )
    return TeamCapacity(seats=seat_list, windows=None, long_share=0.25)


def test_a_directors_work_draws_on_the_directors_hours():
    jobs = [build_job("a", who="director"), build_job("b", who="director"), build_job("c", who="technician")]
    result = plan_and_verify(jobs, build_seats(director=14, technician_1=60))
    assert {item.job.id: item.shares for item in result.items} == {
        "a": (("director", 10),),
        "c": (("technician_1", 10),),
    }
    assert list_job_ids(result.left_out) == ["b"]


def test_where_a_role_gives_no_hours_the_others_do_its_work():
    result = plan_and_verify([build_job("a", who="director")], build_seats(technician_1=60))
    assert result.items[0].shares == (("technician_1", 10),)


def test_work_is_spread_and_who_was_named_does_it():
    jobs = [build_job("a", who="technician", assigned="technician_2"), build_job("b", who="technician", each=2)]
    result = plan_and_verify(jobs, build_seats(technician_1=60, technician_2=60))
    assert {item.job.id: item.shares for item in result.items} == {
        "a": (("technician_2", 10),),
        "b": (("technician_1", 20),),
    }


def test_who_was_named_does_it_in_whatever_role_and_with_the_hours_of_that_role():
    seat_list = (
        PersonCapacity(person="director", role="director", minutes=60),
        PersonCapacity(person="technician", role="technician", minutes=60),
    )
    capacity = TeamCapacity(seats=seat_list, windows=None, long_share=0.25)
    jobs = [build_job("a", who="technician", each=4, assigned="director"), build_job("b", who="technician", each=4)]
    result = plan_and_verify(jobs, capacity)
    assert {item.job.id: item.shares for item in result.items} == {
        "a": (("director", 40),),
        "b": (("technician", 40),),
    }


def test_what_one_person_cannot_do_alone_is_shared():
    result = plan_and_verify(
        [build_job("a", who="technician", each=4, due_on=get_day(0))], build_seats(technician_1=30, technician_2=20)
    )
    assert result.items[0].shares == (("technician_1", 30), ("technician_2", 10))


BELLS = {"first_bell": 7 * 60 + 55, "last_bell": 15 * 60}


def build_school_day(offset: int, **fields: object) -> SchoolDay:
    return SchoolDay(day=get_day(offset), kind="school", **(BELLS | fields))  # type: ignore[arg-type]


def test_quiet_times_are_before_first_bell_after_last_bell_and_days_without_class():
    school_days = [
        build_school_day(0),
        build_school_day(1),
        build_school_day(2),
        SchoolDay(day=get_day(3), kind="staff", title="Staff day"),
    ]
    quiet_windows = find_quiet_windows(school_days, week=WEEK, today=get_day(2), rules=RULES)
    assert [(window.day, window.kind, window.starts, window.ends, window.title) for window in quiet_windows] == [
        (get_day(2), BEFORE_SCHOOL, 420, 475, ""),
        (get_day(2), AFTER_SCHOOL, 900, 960, ""),
        (get_day(3), NO_SCHOOL, 420, 960, "Staff day"),
        (get_day(4), NO_SCHOOL, 420, 960, ""),
    ]


def test_a_closed_building_is_no_quiet_time():
    assert (
        find_quiet_windows(
            [SchoolDay(day=get_day(n), kind="closed") for n in range(5)], week=WEEK, today=WEEK, rules=RULES
        )
        == ()
    )


def test_a_calendar_without_bells_counts_the_rules_minutes():
    quiet_windows = find_quiet_windows(
        [build_school_day(0, first_bell=None, last_bell=None)], week=WEEK, today=WEEK, rules=RULES
    )
    assert [(window.minutes, window.kind) for window in quiet_windows[:2]] == [(30, BEFORE_SCHOOL), (60, AFTER_SCHOOL)]


def test_work_that_disturbs_class_goes_into_quiet_times_only():
    quiet_windows = find_quiet_windows([build_school_day(n) for n in range(5)], week=WEEK, today=WEEK, rules=RULES)
    capacity = replace(build_team(600), windows=quiet_windows)
    result = plan_and_verify([build_job("a", each=5.5, quiet=True), build_job("b")], capacity)
    placements = {item.job.id: [(window.day, window.kind) for window in item.windows] for item in result.items}
    assert placements == {"a": [(get_day(0), BEFORE_SCHOOL)], "b": []}


def test_work_that_finds_no_quiet_time_waits():
    capacity = replace(build_team(600), windows=())
    result = plan_and_verify([build_job("a", quiet=True)], capacity)
    assert [(item.job.id, item.reason) for item in result.left_out] == [("a", WaitReason.NO_QUIET_TIME)]


def test_a_long_job_that_disturbs_class_gets_its_share_of_quiet_times():
    quiet_windows = find_quiet_windows([build_school_day(n) for n in range(5)], week=WEEK, today=WEEK, rules=RULES)
    result = plan_and_verify(
        [build_job("a", subjects=500, quiet=True)], replace(build_team(600), windows=quiet_windows)
    )
    assert result.items[0].minutes == 150
    assert sum(window.minutes for window in result.items[0].windows) >= 150


def test_the_next_day_without_class_is_named():
    days_by_date = {
        school_day.day: school_day
        for school_day in (build_school_day(0), SchoolDay(day=get_day(9), kind="break", title="Winter break"))
    }
    next_day = find_next_day_without_class(days_by_date, after=get_day(6), rules=RULES)
    assert next_day
    assert (next_day.day, next_day.title) == (get_day(9), "Winter break")
    assert find_next_day_without_class({}, after=get_day(6), rules=RULES) is None


CHRISTMAS = date(2026, 12, 25)
RULES_WITH_HOLIDAYS = replace(RULES, holidays=(Holiday(month=12, day=25), Holiday(month=11, weekday=3, nth=4)))


def test_nobody_is_sent_to_work_on_a_public_holiday_within_a_break():
    week = date(2026, 12, 21)
    school_days = [SchoolDay(day=week + timedelta(days=n), kind="break", title="Winter break") for n in range(5)]
    quiet_windows = find_quiet_windows(school_days, week=week, today=week, rules=RULES_WITH_HOLIDAYS)
    assert [window.day.day for window in quiet_windows] == [21, 22, 23, 24]
    christmas = {CHRISTMAS: school_days[4]}
    assert find_next_day_without_class(christmas, after=week, rules=RULES_WITH_HOLIDAYS) is None


def test_a_public_holiday_that_the_calendar_gives_to_staff_is_worked():
    school_days = [SchoolDay(day=CHRISTMAS, kind="staff", title="Staff day")]
    quiet_windows = find_quiet_windows(school_days, week=date(2026, 12, 21), today=CHRISTMAS, rules=RULES_WITH_HOLIDAYS)
    assert [window.title for window in quiet_windows] == ["Staff day"]


@pytest.mark.parametrize(
    ("holiday", "day", "remaining"),
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
def test_a_holiday_is_known_by_its_date_or_by_the_weekday_of_its_month(holiday: Holiday, day: date, remaining: bool):
    assert holiday.is_observed_on(day) is remaining


@pytest.mark.parametrize(
    ("text", "minutes"), [("07:55", 475), ("15:00:00", 900), ("", None), (None, None), ("soon", None)]
)
def test_a_bell_is_read_as_a_time_or_not_at_all(text: str | None, minutes: int | None):
    assert parse_clock_time(text) == minutes


def test_the_check_finds_what_is_wrong():
    jobs = [build_job("a"), build_job("due", due_on=get_day(1)), build_job("c", once=10)]
    good = plan_week(jobs, capacity=build_team(60), week=WEEK, table=RISK_TABLE)
    item = next(entry for entry in good.items if entry.job.id == "c")
    bad = {
        "not every job": replace(good, items=good.items[1:]),
        "more than there are": replace(
            good, items=tuple(replace(entry, minutes=50, shares=(("t", 50),)) for entry in good.items)
        ),
        "minutes are paid": replace(good, items=tuple(replace(entry, setup_minutes=0) for entry in good.items)),
        "the plan says": replace(good, risk_after=5.0),
        "its own bound": replace(good, bound=1.0),
        "cannot hold": replace(
            good, items=tuple(replace(entry, minutes=1) if entry == item else entry for entry in good.items)
        ),
    }
    for fragment, wrong in bad.items():
        messages = find_violations(wrong, jobs=jobs, capacity=build_team(60), week=WEEK, table=RISK_TABLE)
        assert any(fragment in entry for entry in messages), (fragment, messages)
    late = plan_week(
        [replace(entry, due_on=None) for entry in jobs], capacity=build_team(20), week=WEEK, table=RISK_TABLE
    )
    left = replace(
        late,
        left_out=tuple(replace(entry, job=replace(entry.job, due_on=date(2026, 1, 13))) for entry in late.left_out),
    )
    assert any(
        "would fit" in entry
        for entry in find_violations(left, jobs=jobs, capacity=build_team(20), week=WEEK, table=RISK_TABLE)
    )


def test_what_is_long_goes_by_the_whole_week_though_hours_were_spent():
    spent = TeamCapacity(
        seats=(PersonCapacity(person="t", role="", minutes=20, spent=60),), windows=None, long_share=0.25
    )
    result = plan_and_verify(
        [build_job("short", subjects=40), build_job("long", subjects=100), build_job("small")], spent
    )
    assert [(item.job.id, item.minutes) for item in result.items] == [("long", 20)]
    assert {waiting_job.job.id: waiting_job.reason for waiting_job in result.left_out} == {
        "short": WaitReason.NO_ROOM,
        "small": WaitReason.NO_ROOM,
    }


def test_hours_that_were_all_spent_are_not_called_nobodys():
    spent = TeamCapacity(seats=(PersonCapacity(person="t", role="", minutes=0, spent=60),), windows=(), long_share=0.25)
    result = plan_and_verify([build_job("a"), build_job("b", quiet=True)], spent)
    assert {item.job.id: item.reason for item in result.left_out} == {"a": WaitReason.NO_ROOM, "b": WaitReason.NO_ROOM}
