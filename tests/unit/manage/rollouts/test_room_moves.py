"""Rooms that are moved by themselves: into gaps, in place of others, and from one day to another."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

from homeroom.domain.manage.rollouts.spec import TravelTimes
from homeroom.engines.manage.rollout.places.room_moves import RoomMoves
from homeroom.engines.manage.rollout.places.table import PlaceTable
from homeroom.engines.manage.rollout.problem import RolloutProblem
from homeroom.engines.manage.rollout.schedule import NumberedVisit, RolloutSchedule
from homeroom.engines.manage.rollout.start_table import StartTable
from tests.unit.manage.rollouts.planner_cases import build_person, build_problem, build_room, build_school
from tests.unit.manage.rollouts.tight_rollouts import count_broken, fill_tightly

HOURS_WITH_A_BREAK = dict.fromkeys(range(5), ((540, 570), (585, 630)))


def _start(problem: RolloutProblem, *visits: NumberedVisit, last: int = 0) -> tuple[RolloutSchedule, RoomMoves]:
    schedule = RolloutSchedule(problem, StartTable(problem))
    schedule.windows = [(0, last)]
    for visit in visits:
        schedule.add(visit)
    moves = RoomMoves(schedule, last=last, travel_price=1.0, chance=random.Random(1))
    moves.read_worths([float(room.minutes) for room in problem.rooms])
    return schedule, moves


def _list_starts(schedule: RolloutSchedule) -> list[int | None]:
    return [visit.starts if visit is not None else None for visit in schedule.visits]


def test_a_room_gets_a_place_after_another_moves_aside() -> None:
    problem = build_problem([build_room("a"), build_room("b", minutes=60)])
    schedule, moves = _start(problem, NumberedVisit(0, 0, 0, 555, 585, (0,), 0))
    assert moves.place(1, warmth=0.0, growth=1.0) == []
    assert sorted(start for start in _list_starts(schedule) if start is not None) in ([540, 570], [540, 600])


def test_a_room_takes_the_place_of_one_that_is_worth_less() -> None:
    problem = build_problem([build_room("a"), build_room("b", minutes=60), build_room("c", minutes=85)])
    visits = NumberedVisit(0, 0, 0, 540, 570, (0,), 0), NumberedVisit(1, 0, 0, 570, 630, (0,), 0)
    schedule, moves = _start(problem, *visits)
    worths = [30.0, 60.0, 88.0]
    moves.read_worths(worths)
    assert moves.place(2, warmth=0.0, growth=3.0) is None
    assert (worths, _list_starts(schedule)) == ([30.0, 60.0, 91.0], [540, 570, None])
    assert moves.place(2, warmth=0.0, growth=3.0) == [0, 1]
    assert _list_starts(schedule) == [None, None, 540]


def test_rooms_change_places_for_less_travel() -> None:
    rooms = [build_room(name, school=school) for name, school in zip("abcd", ("oak", "elm", "elm", "oak"), strict=True)]
    team = (build_person("kim"), build_person("lee"))
    schools = (build_school("oak"), build_school("elm"))
    problem = build_problem(rooms, team=team, schools=schools, travel=TravelTimes(default=10))
    schedule, moves = _start(
        problem,
        NumberedVisit(0, 0, 0, 540, 570, (0,), 0),
        NumberedVisit(1, 1, 0, 585, 615, (0,), 0),
        NumberedVisit(2, 1, 0, 540, 570, (1,), 0),
        NumberedVisit(3, 0, 0, 585, 615, (1,), 0),
    )
    assert schedule.measure_travel() == 20
    moves.exchange(1, warmth=0.0)
    assert schedule.measure_travel() == 0
    assert None not in schedule.visits


def test_no_visit_reaches_into_a_break_or_beyond_the_minutes_of_a_week() -> None:
    rooms = [build_room("a"), build_room("b"), build_room("c", minutes=20)]
    schedule, moves = _start(build_problem(rooms, team=(build_person(works=HOURS_WITH_A_BREAK),)))
    assert [moves.place(room, warmth=0.0, growth=0.0) for room in (0, 1, 2)] == [[], [], None]
    assert _list_starts(schedule) == [540, 585, None]
    schedule, moves = _start(build_problem(rooms, team=(build_person(minutes_a_week=60),)))
    assert [moves.place(room, warmth=0.0, growth=0.0) for room in (0, 1, 2)] == [[], [], None]


def test_visits_of_crews_and_visits_that_are_kept_stay() -> None:
    rooms = [build_room("a", hands=2), build_room("b"), build_room("c", minutes=45)]
    problem = build_problem(rooms, team=(build_person("kim"), build_person("lee", works={})))
    visits = NumberedVisit(0, 0, 0, 540, 570, (0, 1), 0), NumberedVisit(1, 0, 0, 570, 600, (0,), 0)
    schedule, _ = _start(problem, *visits)
    schedule.kept.add(1)
    moves = RoomMoves(schedule, last=0, travel_price=1.0, chance=random.Random(1))
    moves.read_worths([1.0, 1.0, 1000.0])
    assert moves.place(2, warmth=0.0, growth=0.0) is None
    assert _list_starts(schedule) == [540, 570, None]


def test_a_visit_that_is_kept_takes_as_long_as_when_it_was_planned() -> None:
    problem = build_problem([build_room("a", minutes=10), build_room("b")])
    schedule, _ = _start(problem, NumberedVisit(0, 0, 0, 540, 600, (0,), 0))
    schedule.kept.add(0)
    moves = RoomMoves(schedule, last=0, travel_price=1.0, chance=random.Random(1))
    moves.read_worths([1.0, 1000.0])
    assert moves.place(1, warmth=0.0, growth=0.0) == []
    assert _list_starts(schedule) == [540, 600]


def test_many_moves_break_no_rule(tmp_path: Path) -> None:
    spec, schedule, last = fill_tightly(tmp_path, seed=2)
    rooms = range(len(schedule.visits))
    hands = [room.hands for room in schedule.problem.rooms]
    crew_rooms = [room for room in rooms if hands[room] > 1]
    before, chance = list(schedule.visits), random.Random(1)
    moves = RoomMoves(schedule, last=last, travel_price=0.5, chance=chance)
    moves.read_worths([room.minutes + 6.0 for room in schedule.problem.rooms])
    left: list[list[int]] = []
    for _ in range(300):
        moves.exchange(chance.choice(rooms), warmth=5.0)
        moves.move_crew(chance.choice(crew_rooms), warmth=5.0)
        waiting = [room for room in schedule.list_unplaced(rooms) if hands[room] == 1]
        left.append(moves.place(chance.choice(waiting), warmth=5.0, growth=1.0) or [])
    assert {len(rooms) for rooms in left} == {0, 1, 2}
    assert [schedule.visits[room] for room in crew_rooms] != [before[room] for room in crew_rooms]
    assert len(schedule.list_unplaced(rooms)) < before.count(None)
    assert not count_broken(spec, tmp_path, schedule)


def test_a_table_that_follows_changes_is_the_same_as_a_new_one(tmp_path: Path) -> None:
    _, schedule, last = fill_tightly(tmp_path, seed=2)
    rooms, chance = range(len(schedule.visits)), random.Random(2)
    table = PlaceTable(schedule, last=last)
    visited = [room for room in rooms if schedule.visits[room] is not None]
    unchanged = [table.find_gaps(room, 0).rows.tolist() for room in rooms]
    removed = [schedule.remove(room) for room in chance.sample(visited, 40)]
    for visit in removed[:20]:
        schedule.add(visit)
    table.refresh()
    new = PlaceTable(schedule, last=last)
    for room in rooms:
        for count in (0, 1, 2):
            followed, read = table.find_gaps(room, count), new.find_gaps(room, count)
            assert (followed.rows.tolist(), followed.columns.tolist()) == (read.rows.tolist(), read.columns.tolist())
    assert [table.find_gaps(room, 0).rows.tolist() for room in rooms] != unchanged


def test_a_crew_meets_at_another_time_with_the_people_who_are_free() -> None:
    rooms = [build_room("a", hands=2), build_room("b", minutes=60)]
    team = (build_person("kim"), build_person("lee"), build_person("mia"))
    problem = build_problem(rooms, team=team)
    visits = NumberedVisit(0, 0, 0, 540, 570, (0, 1), 0), NumberedVisit(1, 0, 0, 570, 630, (0,), 0)
    schedule, moves = _start(problem, *visits)
    seen = set()
    for _ in range(40):
        moves.move_crew(0, warmth=0.0)
        visit = schedule.visits[0]
        assert visit is not None
        seen.add((visit.people, visit.starts))
        for person in visit.people:
            agenda = schedule.get_agenda(person, 0)
            assert all(first.ends <= second.starts for first, second in pairwise(agenda))
    assert {people for people, _ in seen} == {(0, 1), (0, 2), (1, 2)}
    assert len({starts for _, starts in seen}) > 2


def test_a_crew_meets_while_all_of_it_is_at_work() -> None:
    hours = {"kim": ((480, 720),), "lee": ((480, 560), (575, 720)), "mia": ((480, 565), (590, 612), (620, 720))}
    team = tuple(build_person(name, works=dict.fromkeys(range(5), spans)) for name, spans in hours.items())
    schedule, moves = _start(build_problem([build_room("a", hands=2, minutes=20)], team=team))
    seen = set()
    for _ in range(60):
        moves.move_crew(0, warmth=5.0)
        visit = schedule.visits[0]
        assert visit is not None
        for person in visit.people:
            spans = hours[team[person].id]
            assert any(begins <= visit.starts and visit.ends <= ends for begins, ends in spans), visit
        seen.add((visit.people, visit.starts))
    assert {people for people, _ in seen} == {(0, 1), (0, 2), (1, 2)}
    assert len({starts for _, starts in seen}) > 4


def test_a_crew_that_is_too_small_leaves_its_room_as_it_was() -> None:
    rooms = [build_room("a", hands=2), build_room("b", hands=2)]
    visit = NumberedVisit(0, 0, 0, 540, 570, (0, 1), 0)
    team = (build_person("kim"), build_person("lee"))
    schedule, moves = _start(build_problem(rooms, team=team), visit)
    schedule.kept.add(0)
    moves.move_crew(0, warmth=0.0)
    assert schedule.visits == [visit, None]
    moves.move_crew(1, warmth=0.0)
    placed = schedule.visits[1]
    assert placed is not None
    assert placed.starts >= 570
    schedule, moves = _start(build_problem(rooms, team=team[:1]))
    moves.move_crew(0, warmth=0.0)
    assert schedule.visits == [None, None]
