"""The compiled search: it keeps every rule, leaves alone what is pinned, and is not used where it does not fit."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

import pytest

from homeroom.domain.manage.rollouts.spec import RolloutLimits, RolloutRoom, StockDelivery, TravelTimes
from homeroom.engines.manage.rollout.compiled import library, search
from homeroom.engines.manage.rollout.compiled.library import load_library
from homeroom.engines.manage.rollout.compiled.search import CompiledSearch, start_compiled_search
from homeroom.engines.manage.rollout.problem import RolloutProblem
from homeroom.engines.manage.rollout.schedule import NumberedVisit, RolloutSchedule
from homeroom.engines.manage.rollout.start_table import StartTable
from homeroom.engines.manage.rollout.verify import find_violations
from tests.unit.manage.rollouts.planner_cases import (
    MONDAY,
    build_person,
    build_problem,
    build_room,
    build_school,
    plan_rooms,
)
from tests.unit.manage.rollouts.tight_rollouts import count_broken, fill_tightly

DAY = timedelta(days=1)
KIM, LEE = build_person("kim"), build_person("lee")


@pytest.fixture(autouse=True)
def _needs_the_library() -> None:
    if load_library() is None:
        pytest.skip("the search for rollouts was not compiled: there was no C compiler")


def _start(
    problem: RolloutProblem, *visits: NumberedVisit, last: int = 0, pinned_rooms: Collection[int] = ()
) -> tuple[RolloutSchedule, CompiledSearch]:
    schedule = RolloutSchedule(problem, StartTable(problem))
    schedule.windows = [(0, last)] * len(schedule.windows)
    for visit in visits:
        schedule.add(visit)
    schedule.kept.update(pinned_rooms)
    compiled = start_compiled_search(schedule, range(len(problem.rooms)), last=last, seed=1)
    assert compiled is not None
    return schedule, compiled


def _search(compiled: CompiledSearch, rounds: int = 3) -> None:
    """Move rooms so many times, and write the schedule."""
    compiled.run(lambda: compiled.rounds >= rounds, lambda: False, measure=lambda: 0.5)


def _list_starts(schedule: RolloutSchedule) -> list[int | None]:
    return [visit.starts if visit is not None else None for visit in schedule.visits]


def test_a_room_gets_a_place_after_another_moves_aside() -> None:
    problem = build_problem([build_room("a"), build_room("b", minutes=60)])
    schedule, compiled = _start(problem, NumberedVisit(0, 0, 0, 555, 585, (0,), 0))
    _search(compiled)
    assert _list_starts(schedule) in ([540, 570], [600, 540])
    assert compiled.count_waiting() == 0


def test_two_people_get_a_room_for_two_when_the_rooms_around_it_make_place() -> None:
    rooms = [build_room("a", hands=2, minutes=45), build_room("b"), build_room("c")]
    problem = build_problem(rooms, team=(KIM, LEE))
    visits = NumberedVisit(1, 0, 0, 550, 580, (0,), 0), NumberedVisit(2, 0, 0, 590, 620, (1,), 0)
    schedule, compiled = _start(problem, *visits)
    _search(compiled)
    visit = schedule.visits[0]
    assert visit is not None
    assert visit.people == (0, 1)
    assert not find_violations(schedule.list_planned(), problem.spec)
    assert compiled.count_waiting() == 0


def test_a_crew_moves_aside_for_a_room_that_takes_long() -> None:
    rooms = [build_room("a", hands=2), build_room("b", minutes=60)]
    problem = build_problem(rooms, team=(KIM, build_person("lee", works=dict.fromkeys(range(5), ((540, 590),)))))
    schedule, compiled = _start(problem, NumberedVisit(0, 0, 0, 550, 580, (0, 1), 0))
    _search(compiled)
    assert compiled.count_waiting() == 0
    assert not find_violations(schedule.list_planned(), problem.spec)


def test_nobody_is_sent_into_a_break() -> None:
    broken = dict.fromkeys(range(5), ((540, 570), (585, 630)))
    team = build_person("kim", works=broken), build_person("lee", works=broken)
    problem = build_problem([build_room("a", hands=2, minutes=40), build_room("b", minutes=30)], team=team)
    schedule, compiled = _start(problem)
    _search(compiled)
    assert next(visit.starts for visit in schedule.visits if visit is not None) in (585, 590)
    assert not find_violations(schedule.list_planned(), problem.spec)


def test_visits_that_are_kept_and_rooms_for_three_stay() -> None:
    rooms = [build_room("a", hands=3), build_room("b"), build_room("c", minutes=90)]
    problem = build_problem(rooms, team=(KIM, LEE, build_person("mia")))
    visits = NumberedVisit(0, 0, 0, 540, 570, (0, 1, 2), 0), NumberedVisit(1, 0, 0, 570, 600, (0,), 0)
    schedule, compiled = _start(problem, *visits, pinned_rooms={1})
    _search(compiled)
    assert _list_starts(schedule) == [540, 570, None]


def test_a_visit_that_is_kept_takes_as_long_as_when_it_was_planned() -> None:
    problem = build_problem([build_room("a", minutes=10), build_room("b"), build_room("c")])
    schedule, compiled = _start(problem, NumberedVisit(0, 0, 0, 540, 600, (0,), 0), pinned_rooms={0})
    _search(compiled)
    assert sorted(start for start in _list_starts(schedule) if start is not None) == [540, 600]


def test_a_full_school_is_visited_later() -> None:
    team = build_person("kim", works={0: ((540, 570),)}), build_person("lee", works={0: ((540, 600),)})
    problem = build_problem([build_room("a"), build_room("b")], team=team, schools=(build_school(at_once=1),))
    schedule, compiled = _start(problem, NumberedVisit(0, 0, 0, 540, 570, (0,), 0))
    _search(compiled)
    assert _list_starts(schedule) in ([540, 570], [570, 540])
    assert not find_violations(schedule.list_planned(), problem.spec)


def test_of_many_waiting_rooms_none_is_lost() -> None:
    problem = build_problem([build_room(f"{number}", minutes=90) for number in range(300)])
    schedule, compiled = _start(problem)
    _search(compiled, rounds=2)
    assert (len(schedule.list_planned()), compiled.count_waiting()) == (1, 299)


def test_rooms_that_wait_for_three_people_are_not_searched_for() -> None:
    problem = build_problem([build_room("a", hands=3)], team=(KIM, LEE, build_person("mia")))
    schedule = RolloutSchedule(problem, StartTable(problem))
    assert start_compiled_search(schedule, [0], last=0, seed=1) is None
    assert plan_rooms(list(problem.rooms), team=problem.people).is_complete


@pytest.mark.parametrize(
    ("rooms", "changes", "placed"),
    [
        ([build_room(name) for name in "abc"], {"limits": RolloutLimits(visits_a_day_in_a_school=2)}, 2),
        ([build_room(name) for name in "abc"], {"limits": RolloutLimits(visits_a_week=1)}, 1),
        ([build_room(name) for name in "abc"], {"team": (build_person(minutes_a_week=60),)}, 2),
        ([build_room(name) for name in "abcd"], {}, 3),
    ],
)
def test_limits_are_kept(rooms: list[RolloutRoom], changes: dict[str, object], placed: int) -> None:
    problem = build_problem(rooms, **changes)
    schedule, compiled = _start(problem)
    _search(compiled)
    assert len(schedule.list_planned()) == placed
    assert not find_violations(schedule.list_planned(), problem.spec)


def test_devices_are_used_on_an_earlier_day_when_their_visit_moves_there() -> None:
    wednesday = MONDAY + 2 * DAY
    rooms = [
        build_room("a", devices=30),
        build_room("b", minutes=90, not_on=frozenset({MONDAY, MONDAY + DAY})),
    ]
    problem = build_problem(rooms, stock=(StockDelivery(on=MONDAY, devices=30),))
    schedule, compiled = _start(problem, NumberedVisit(0, 0, 2, 555, 585, (0,), 0), last=2)
    _search(compiled)
    assert compiled.count_waiting() == 0
    assert [visit.day == wednesday for visit in schedule.list_planned()] == [False, True]
    assert not find_violations(schedule.list_planned(), problem.spec)


def test_devices_that_later_visits_need_are_not_used_before() -> None:
    rooms = [build_room("a", devices=30), build_room("b", devices=30)]
    problem = build_problem(rooms, stock=(StockDelivery(on=MONDAY, devices=30),))
    schedule, compiled = _start(problem, NumberedVisit(0, 0, 4, 555, 585, (0,), 0), last=1, pinned_rooms={0})
    _search(compiled)
    assert _list_starts(schedule) == [555, None]


@pytest.mark.parametrize("with_rules", [False, True])
@pytest.mark.parametrize("seed", [3, 4, 15])
def test_many_moves_break_no_rule_and_find_places(tmp_path: Path, seed: int, with_rules: bool) -> None:
    spec, schedule, last = fill_tightly(tmp_path, seed=seed, with_rules=with_rules)
    rooms = range(len(schedule.visits))
    left = len(schedule.list_unplaced(rooms))
    compiled = start_compiled_search(schedule, rooms, last=last, seed=seed)
    assert compiled is not None
    for number, progress in enumerate((0.0, 0.3, 0.6, 0.9)):
        compiled.run(lambda: compiled.rounds > number, lambda: False, measure=lambda: progress)  # noqa: B023
        assert not count_broken(spec, tmp_path, schedule)
        assert len(schedule.list_unplaced(rooms)) == compiled.count_waiting()
    assert compiled.count_waiting() < left


def test_travel_is_saved_where_all_rooms_have_a_visit() -> None:
    rooms = [
        build_room(name, school=school, minutes=15) for name, school in zip("abc", ("oak", "elm", "oak"), strict=True)
    ]
    problem = build_problem(
        rooms,
        schools=(build_school("oak"), build_school("elm")),
        travel=TravelTimes(default=10),
    )
    visits = [
        NumberedVisit(room, problem.school_of[room], 0, 540 + 25 * room, 555 + 25 * room, (0,), 0) for room in range(3)
    ]
    schedule, compiled = _start(problem, *visits)
    assert schedule.measure_travel() == 20
    compiled.run(lambda: compiled.rounds >= 3, lambda: False, measure=lambda: 0.9, for_travel=True)
    assert schedule.measure_travel() == 10
    assert not schedule.list_unplaced(range(3))


def test_the_same_rounds_give_the_same_plan(tmp_path: Path) -> None:
    plans = []
    for _ in range(2):
        _, schedule, last = fill_tightly(tmp_path, seed=5)
        compiled = start_compiled_search(schedule, range(len(schedule.visits)), last=last, seed=9)
        assert compiled is not None
        _search(compiled, rounds=2)
        plans.append(schedule.list_planned())
    assert plans[0] == plans[1]


def test_a_day_with_more_visits_than_the_library_takes_is_planned_in_python(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = build_problem([build_room("a")])
    schedule = RolloutSchedule(problem, StartTable(problem))
    assert start_compiled_search(schedule, [0], last=0, seed=1) is not None
    arrays = search.RouteArrays(schedule, [0], last=0)
    loaded = load_library()
    assert loaded is not None
    assert arrays.width <= loaded.get_most_stops()
    monkeypatch.setattr(
        "homeroom.engines.manage.rollout.compiled.route_arrays.SPARE_STOPS", loaded.get_most_stops() + 1
    )
    assert start_compiled_search(schedule, [0], last=0, seed=1) is None


def test_a_library_of_other_sources_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    load_library.cache_clear()
    monkeypatch.setattr(library, "compute_digest", lambda: "of other sources")
    try:
        assert load_library() is None
    finally:
        load_library.cache_clear()


def test_a_file_that_is_no_library_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "route_search.native"
    broken.write_bytes(b"half of a file")
    load_library.cache_clear()
    monkeypatch.setattr(library, "LIBRARY", broken)
    try:
        assert load_library() is None
        broken.unlink()
        load_library.cache_clear()
        assert load_library() is None
    finally:
        load_library.cache_clear()
