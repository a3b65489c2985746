"""A rollout becomes a spec, its plan becomes visits, and a new plan keeps what was recorded."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.know.calendars.commands import EventDraft, add_event
from homeroom.apps.manage.rollouts.commands import set_rooms, set_rules, stop_rollout
from homeroom.apps.manage.rollouts.models import Rollout, RolloutVisit, TargetRoom
from homeroom.apps.manage.rollouts.queries import find_rollout, list_visits, load_plan
from homeroom.apps.manage.rollouts.records import RolloutRefused
from homeroom.apps.manage.rollouts.rooms.room_lists import parse_room_list
from homeroom.apps.manage.rollouts.runs.plan_runs import request_plan, run_plan, stop_plan
from homeroom.apps.manage.rollouts.specs.plan_spec import plan_spec_file
from homeroom.apps.manage.rollouts.specs.spec_documents import write_spec
from homeroom.apps.manage.rollouts.specs.spec_files import load_spec
from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.districts.bell_rows import load_school_bells
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.platform.districts.school_keys import list_school_keys
from homeroom.domain.manage.rollouts.plan import PlannedVisit
from homeroom.engines.manage.rollout.verify import find_violations
from homeroom.ingest.contract.errors import FileRefused
from tests.apps.manage.rollouts.rollout_cases import AT, SCHOOLS, make_ready_rollout, place_simply, plan_at_once
from tests.assessed_district import publish_load
from tests.cast import Cast


def test_the_spec_has_rooms_rules_and_bells_as_the_reader_wants_them(cast: Cast, rollout: str, tmp_path: Path):
    path = tmp_path / "SPEC.yaml"
    write_spec(path, district=cast.district, public=rollout)
    spec = load_spec(path)
    assert (spec.title, str(spec.zone), spec.first) == ("Swap every cart", "America/Chicago", date(2026, 1, 19))
    assert [ring.id for ring in spec.rings] == ["pilot", "rest"]
    assert [(room.id, room.ring) for room in spec.rooms][:2] == [("Cedar Middle: 101", "pilot"),
                                                                 ("Cedar Middle: 102", "rest")]  # fmt: skip
    cedar = spec.schools[0]
    assert cedar.no_visit_types == ("*final*",)
    wednesday = cedar.bells.get_day_type(date(2026, 1, 21))
    assert wednesday is not None
    assert [(item.starts, item.ends) for item in wednesday.stretches] == [(8 * 60 + 20, 13 * 60 + 30)]
    assert cedar.is_visited(date(2026, 1, 24)) is False


def test_days_that_a_calendar_closes_are_closed_and_a_day_without_bells_is_unknown(cast: Cast):
    store = get_evidence_store(district=cast.district)
    monday = date(2026, 1, 19)
    rows: list[dict[str, Any]] = [
        {"date": monday + timedelta(days=n), "org_key": "", "kind": "school", "title": None, "first_bell": None}
        for n in (1, 2, 4)
    ]
    rows.append({"date": monday, "org_key": "", "kind": "closed", "title": "Holiday", "first_bell": None})
    publish_load(store, "district", "district.facts", "calendar_days", rows, at=AT)
    bells = load_school_bells(
        district=cast.district, schools=["Maple High", "Oak"], first=monday, last=monday + timedelta(days=11)
    )
    maple, oak = bells["Maple High"], bells["Oak"]
    assert maple is not None
    stretches = [len(day_type.stretches) if (day_type := maple.get_day_type(monday + timedelta(days=n))) else None
                 for n in range(5)]  # fmt: skip
    assert stretches == [0, 1, 1, 0, 1], "a holiday, two days, one that the calendar does not list, and a day"
    assert maple.get_type_name(monday + timedelta(days=8)) == "08:20 to 15:00", "after the calendar: the usual week"
    assert oak is None, "the district's days have no bells, and Oak has none of its own"


def test_periods_and_types_of_bells_reach_the_spec_and_testing_windows_have_no_visits(
    cast: Cast, rollout: str, tmp_path: Path
):
    store = get_evidence_store(district=cast.district)
    periods = [
        {"org_key": "Cedar Middle", "type": "normal", "starts": starts, "ends": ends, "name": name, "is_class": True}
        for starts, ends, name in (
            ("08:20", "09:10", "Period 1"),
            ("09:10", "09:15", None),
            ("09:15", "10:00", "Lunch"),
        )
    ]
    weeks = [
        {"org_key": "Cedar Middle", "weekday": day, "kind": "school", "type": "normal" if day != "fri" else "rally"}
        for day in ("mon", "tue", "wed", "thu", "fri")
    ]
    publish_load(store, "cedar", "bell.calendar", "bell_periods", periods, at=AT)
    publish_load(store, "cedar-weeks", "bell.calendar", "bell_weeks", weeks, at=AT)
    events = [
        {
            "org_key": "Cedar Middle",
            "first": date(2026, 1, 20),
            "last": date(2026, 1, 21),
            "title": "MAP",
            "kind": "testing",
        },
        {"org_key": "", "first": date(2026, 1, 30), "last": date(2026, 1, 30), "title": "Freeze", "kind": "freeze"},
    ]
    publish_load(store, "icalendar", "icalendar.events", "calendar_events", events, at=AT)
    write_spec(tmp_path / "SPEC.yaml", district=cast.district, public=rollout)
    cedar, maple = load_spec(tmp_path / "SPEC.yaml").schools
    monday = cedar.bells.get_day_type(date(2026, 1, 19))
    assert monday is not None
    assert [(item.starts, item.ends, item.name) for item in monday.stretches] == [
        (500, 550, "Period 1"), (550, 555, ""), (555, 600, "Lunch"),
    ]  # fmt: skip
    assert cedar.bells.get_day_type(date(2026, 1, 23)) is None, "no bells define a rally day"
    assert cedar.no_visit_days == {date(2026, 1, 20), date(2026, 1, 21), date(2026, 1, 30)}
    assert maple.no_visit_days == {date(2026, 1, 30)}
    rules = Rollout.objects.of(cast.district).get().rules
    Rollout.objects.of(cast.district).update(rules={key: rules[key] for key in rules if key != "quiet_days"})
    write_spec(tmp_path / "SPEC.yaml", district=cast.district, public=rollout)
    assert not load_spec(tmp_path / "SPEC.yaml").schools[0].no_visit_days


def test_the_first_and_the_last_week_of_classes_have_no_visits(cast: Cast, rollout: str, tmp_path: Path):
    store = get_evidence_store(district=cast.district)
    days = [date(2025, 8, 18) + timedelta(days=number) for number in range(165)]  # to January 29
    rows = [
        {"date": day, "org_key": "", "kind": "school", "title": None}
        for day in days
        if day.weekday() < 5 and day != date(2026, 1, 27)
    ]
    publish_load(store, "district", "district.facts", "calendar_days", rows, at=AT)
    rules = Rollout.objects.of(cast.district).get().rules
    Rollout.objects.of(cast.district).update(rules=rules | {"edge_weeks": True})
    write_spec(tmp_path / "SPEC.yaml", district=cast.district, public=rollout)
    cedar = load_spec(tmp_path / "SPEC.yaml").schools[0]
    assert sorted(day.day for day in cedar.no_visit_days) == [22, 23, 26, 28, 29], "the 27th is no day of class"
    assert cedar.is_visited(date(2026, 1, 21))
    Rollout.objects.of(cast.district).update(rules=rules)
    write_spec(tmp_path / "SPEC.yaml", district=cast.district, public=rollout)
    assert not load_spec(tmp_path / "SPEC.yaml").schools[0].no_visit_days


def test_types_of_day_that_are_named_as_tests_and_windows_by_hand_have_no_visits(
    cast: Cast, rollout: str, tmp_path: Path
):
    rows = [
        {"date": day, "org_key": "Cedar Middle", "kind": "school", "first_bell": "08:00", "last_bell": "14:00"}
        | {"type": name, "title": None}
        for day, name in ((date(2026, 1, 20), "map-testing"), (date(2026, 1, 21), "campus-map"))
    ]
    publish_load(get_evidence_store(district=cast.district), "cedar", "bell.days", "calendar_days", rows, at=AT)
    draft = EventDraft(title="SBAC", first="2026-02-02", last="2026-02-03", schools=["Cedar Middle"])
    add_event(district=cast.district, draft=draft, schools=["Cedar Middle"], actor="technician", at=AT)
    write_spec(tmp_path / "SPEC.yaml", district=cast.district, public=rollout)
    cedar, maple = load_spec(tmp_path / "SPEC.yaml").schools
    days = [date(2026, 1, 20), date(2026, 1, 21), date(2026, 2, 2), date(2026, 2, 3), date(2026, 2, 4)]
    assert [cedar.is_visited(day) for day in days] == [False, True, False, False, True]
    assert maple.is_visited(days[2])


def test_a_school_has_its_own_hours_and_the_spec_names_only_its_own_schools(cast: Cast, rollout: str, tmp_path: Path):
    rules = Rollout.objects.of(cast.district).get().rules
    own = {"own_schools": {"Cedar Middle": {"opens": "06:30", "closes": "18:00", "at_once": 1}}}
    travel = {"default": 20, "Cedar Middle": {"Maple High": 12, "Oak": 9}, "Oak": {"Maple High": 5}}
    Rollout.objects.of(cast.district).update(rules=rules | own | {"travel": travel})
    write_spec(tmp_path / "SPEC.yaml", district=cast.district, public=rollout)
    spec = load_spec(tmp_path / "SPEC.yaml")
    assert [(school.opens, school.closes, school.at_once) for school in spec.schools] == [
        (390, 1080, 1),
        (420, 1020, 2),
    ]
    assert spec.travel.pairs == {frozenset(("Cedar Middle", "Maple High")): 12}


def test_bells_of_the_district_are_those_of_a_school_without_its_own(cast: Cast):
    store = get_evidence_store(district=cast.district)
    monday = date(2026, 1, 19)
    rows = [
        {"date": monday, "org_key": "", "kind": "school", "title": None, "first_bell": "07:50", "last_bell": "14:00"}
    ]
    publish_load(store, "district", "district.facts", "calendar_days", rows, at=AT)
    bells = load_school_bells(district=cast.district, schools=["Oak"], first=monday, last=monday + timedelta(days=3))
    oak = bells["Oak"]
    assert oak is not None
    day_type = oak.get_day_type(monday)
    assert day_type is not None
    assert day_type.stretches[0].starts == 7 * 60 + 50
    assert oak.get_day_type(monday + timedelta(days=1)) is None, "nobody knows whether there is school"


def test_schools_are_those_of_rosters_and_of_calendars_under_one_name(cast: Cast):
    store = get_evidence_store(district=cast.district)
    orgs = [
        {"key": "S1", "kind": "school", "name": "Birch Elementary"},
        {"key": "D", "kind": "district", "name": "All"},
    ]
    publish_load(store, "oneroster", "oneroster.bundle", "orgs", orgs, at=AT)
    names = list_school_keys(district=cast.district).names
    assert names["s1"] == names["birch elementary"] == "Birch Elementary"
    assert set(names.values()) == {"Birch Elementary", *SCHOOLS.values()}
    assert list_school_keys(district=cast.next_district).names == {}


def test_a_plan_becomes_visits_figures_and_an_entry_of_the_trail(cast: Cast, rollout: str):
    plan_at_once(cast.district, rollout)
    view = find_rollout(district=cast.district, public=rollout)
    assert view is not None
    assert (view.state, view.plan_state, view.rooms, view.devices) == ("planned", "done", 4, 70)
    assert view.figures["objective"]["disrupted_minutes"] == 0
    visits = list_visits(district=cast.district, public=rollout)
    assert len(visits) == 4
    assert {visit.slot for visit in visits} == {"before"}, "from 7:00, before the first bell"
    assert (visits[0].ring, visits[0].wave) == ("pilot", 1)
    plan = load_plan(district=cast.district, public=rollout)
    assert [(line.school, line.rooms, sum(count for count, _ in line.cells)) for line in plan.lines] == [
        ("Cedar Middle", 2, 2), ("Maple High", 2, 2),
    ]  # fmt: skip
    actions = list(Entry.objects.of(cast.district).order_by("pk").values_list("action", flat=True))
    assert actions == ["make rollout", "set rollout rooms", "set rollout rules", "set rollout rules", "plan rollout",
                       "write rollout plan"]  # fmt: skip


def test_the_command_plans_the_written_spec_as_the_page_does(cast: Cast, rollout: str, tmp_path: Path):
    plan_at_once(cast.district, rollout, plan=plan_spec_file)
    write_spec(tmp_path / "SPEC.yaml", district=cast.district, public=rollout)
    spec = load_spec(tmp_path / "SPEC.yaml")
    visits = [
        PlannedVisit(
            room=visit.room, day=visit.day, starts=visit.starts, ends=visit.ends, people=tuple(visit.people),
            class_minutes=visit.class_minutes,
        )
        for visit in list_visits(district=cast.district, public=rollout)
    ]  # fmt: skip
    assert len(visits) == 4
    assert find_violations(visits, spec) == []
    first = visits[0]
    now = datetime(first.day.year, first.day.month, first.day.day, 23, tzinfo=UTC)
    plan_at_once(cast.district, rollout, keep=True, at=now, plan=plan_spec_file)
    entry = Entry.objects.of(cast.district).filter(action="write rollout plan").latest("pk")
    assert entry.detail["moved"] == 0, "nothing had to move"


def test_what_is_missing_refuses_the_plan_with_what_fits(cast: Cast):
    public = make_ready_rollout(cast.district, rooms="school,room,minutes\nCedar Middle,1,20\n")
    TargetRoom.objects.of(cast.district).update(school="Oak", room="Oak: 1")
    plan_at_once(cast.district, public)
    view = find_rollout(district=cast.district, public=public)
    assert view is not None
    assert view.plan_state == "refused"
    assert "Oak" in view.plan_problems[0]
    assert "Sources" in view.plan_problems[0]
    set_rules(district=cast.district, public=public, values={}, dropped=["team", "from"], actor="", at=AT)
    with pytest.raises(FileRefused) as refused:
        write_spec(Path("SPEC.yaml"), district=cast.district, public=public)
    assert [problem.field for problem in refused.value.problems] == ["team", "from and until"]


def test_a_plan_that_keeps_moves_only_what_has_to_and_what_is_locked_stays(cast: Cast, rollout: str):
    plan_at_once(cast.district, rollout)
    first, second, *_ = RolloutVisit.objects.of(cast.district).order_by("day")
    RolloutVisit.objects.of(cast.district).filter(pk=first.pk).update(locked=True)
    for visit in (first, second):
        TargetRoom.objects.of(cast.district).filter(room=visit.room).update(not_on=[visit.day.isoformat()])
    before = dict(RolloutVisit.objects.of(cast.district).values_list("room", "day"))
    plan_at_once(cast.district, rollout, keep=True)
    after = dict(RolloutVisit.objects.of(cast.district).values_list("room", "day"))
    assert {room for room in before if before[room] != after[room]} == {second.room}
    entry = Entry.objects.of(cast.district).filter(action="write rollout plan").latest("pk")
    assert entry.detail["moved"] == 1


def test_a_run_that_was_replaced_or_stopped_changes_nothing(cast: Cast, rollout: str):
    values: dict[str, Any] = {"district": cast.district, "public": rollout}
    act: dict[str, Any] = {"actor": "director", "at": AT}
    number = request_plan(**values, seconds=5, keep=False, **act)
    with pytest.raises(RolloutRefused):
        request_plan(**values, seconds=5, keep=False, **act)
    with pytest.raises(RolloutRefused):
        set_rooms(**values, rooms=(), replace=True, **act)
    stop_plan(**values, **act)
    run = {"seconds": 5.0, "keep": False, "plan": place_simply, "now": lambda: AT}
    run_plan(**values, number=number, **run)
    assert not RolloutVisit.objects.of(cast.district).exists()
    again = request_plan(**values, seconds=5, keep=False, **act)
    stop_rollout(**values, **act)
    run_plan(**values, number=again, **run)
    assert not RolloutVisit.objects.of(cast.district).exists()


def test_a_run_sees_that_it_is_to_stop_and_still_writes_its_plan(cast: Cast, rollout: str):
    seen = []

    def plan_until_stopped(path: Path, **options: Any):
        stop_plan(district=cast.district, public=rollout, actor="director", at=AT)
        seen.append(options["is_late"]())
        return place_simply(path, **options)

    plan_at_once(cast.district, rollout, plan=plan_until_stopped)
    assert seen == [True]
    assert RolloutVisit.objects.of(cast.district).count() == 4


def test_a_planner_that_fails_says_so_and_leaves_the_old_plan(cast: Cast, rollout: str):
    plan_at_once(cast.district, rollout)

    def fail(path: Path, **options: Any):
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError):
        plan_at_once(cast.district, rollout, plan=fail)
    assert Rollout.objects.of(cast.district).get().plan_state == "failed"
    assert RolloutVisit.objects.of(cast.district).count() == 4


def test_the_next_district_has_none_of_it(cast: Cast, rollout: str):
    plan_at_once(cast.district, rollout)
    assert find_rollout(district=cast.next_district, public=rollout) is None
    assert list_visits(district=cast.next_district, public=rollout) == ()
    with pytest.raises(LookupError):
        write_spec(Path("SPEC.yaml"), district=cast.next_district, public=rollout)
    with pytest.raises(LookupError):
        stop_rollout(district=cast.next_district, public=rollout, actor="stranger", at=AT)


@pytest.mark.differs_by_database("bulk writes and a row that is locked")
def test_rooms_that_are_listed_again_change_and_days_that_did_not_suit_stay(cast: Cast, rollout: str):
    plan_at_once(cast.district, rollout)
    TargetRoom.objects.of(cast.district).filter(name="101").update(not_on=["2026-02-02"])
    RolloutVisit.objects.of(cast.district).filter(room="Maple High: Library").update(outcome="done")
    text = "school,room,minutes,not_on\nCedar Middle,101,40,2026-02-03\nCedar Middle,103,10,\n"
    rooms = parse_room_list(text, name="rooms.csv", schools=SCHOOLS).rooms
    count = set_rooms(district=cast.district, public=rollout, rooms=rooms, replace=True, actor="director", at=AT)
    assert count == 3, "the two that are listed, and one that was visited"
    room = TargetRoom.objects.of(cast.district).get(name="101")
    assert (room.minutes, room.not_on) == (40, ["2026-02-02", "2026-02-03"])
    assert RolloutVisit.objects.of(cast.district).count() == 2
