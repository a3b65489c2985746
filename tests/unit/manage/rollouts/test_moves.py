"""A moved visit is judged as the verification judges the whole plan, and the starts that are offered fit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from homeroom.domain.manage.rollouts.moves import MoveRule
from homeroom.domain.manage.rollouts.plan import PlannedVisit
from homeroom.domain.manage.rollouts.spec import RolloutRing, RolloutSpec, TravelTimes
from homeroom.engines.manage.rollout.moves import MoveJudge
from homeroom.engines.manage.rollout.planner import plan_rollout
from homeroom.engines.manage.rollout.problem import RolloutProblem
from homeroom.engines.manage.rollout.verify import count_class_minutes, find_violations, measure_objective
from tests.unit.manage.rollouts.planner_cases import MONDAY, build_person, build_problem, build_room, build_school
from tests.unit.manage.rollouts.random_problems import build_random_spec


def plan_quickly(spec: RolloutSpec) -> tuple[PlannedVisit, ...]:
    return plan_rollout(RolloutProblem(spec), seconds=0.0).visits


def list_random_moves(random: Random, spec: RolloutSpec, visit: PlannedVisit) -> list[tuple[date, int, list[str]]]:
    """Return moves to nearby times, most of them by the same people; some are off the grid or by the wrong people."""
    team = [person.id for person in spec.team]
    moves = []
    for _ in range(12):
        day = spec.first + timedelta(days=random.randint(-1, (spec.last - spec.first).days + 1))
        starts = random.choice((visit.starts, random.randrange(450, 700, 5), random.randrange(420, 720, 30)))
        size = len(visit.people) if random.random() < 0.8 else random.choice((1, 2))
        people = random.sample(team, min(size, len(team)))
        moves.append((random.choice((day, visit.day)), starts, people if random.random() < 0.6 else list(visit.people)))
    return moves


def test_the_verdict_and_the_cost_of_a_move_are_those_of_the_whole_plan():
    random, verdicts = Random(5), []
    for _ in range(70):
        spec = build_random_spec(random, rooms=5, days=5, grid=random.choice((5, 15, 30)))
        visits = plan_quickly(spec)
        assert not find_violations(visits, spec)
        for visit in visits:
            judge = MoveJudge(RolloutProblem(spec), visits, visit.room)
            for day, starts, people in list_random_moves(random, spec, visit):
                verdict = judge.judge(day=day, starts=starts, people=people)
                moved = [verdict.visit if item.room == visit.room else item for item in visits]
                violations = find_violations(moved, spec)
                assert verdict.fits == (not violations), (verdict.broken, violations)
                assert verdict.visit.class_minutes == count_class_minutes(verdict.visit, spec)
                assert verdict.after == measure_objective(moved, spec)
                verdicts.append(verdict)
    fitting = sum(verdict.fits for verdict in verdicts)
    assert 100 < fitting < len(verdicts) - 100
    broken = {item.rule for verdict in verdicts for item in verdict.broken}
    assert broken == set(MoveRule) - {MoveRule.PAST, MoveRule.TEAM}


def test_every_start_that_is_offered_keeps_all_rules_and_none_is_missing():
    random, count = Random(7), 0
    for _ in range(25):
        spec = build_random_spec(random, rooms=4, days=3, grid=30)
        visits = plan_quickly(spec)
        for visit in visits:
            judge = MoveJudge(RolloutProblem(spec), visits, visit.room)
            for day in spec.list_days():
                offered = judge.list_fitting(day)
                for start in offered:
                    assert judge.judge(day=day, starts=start.starts, people=start.people).fits
                    count += 1
                own = {start.starts for start in offered if start.people == visit.people}
                for starts in range(450, 720, 30):
                    fits = judge.judge(day=day, starts=starts, people=visit.people).fits
                    assert fits == (starts in own), (day, starts)
    assert count > 100


def visit_room(room: str, starts: int, *people: str, day: date = MONDAY) -> PlannedVisit:
    return PlannedVisit(room=room, day=day, starts=starts, ends=starts + 30, people=people, class_minutes=0)


def test_a_visit_that_was_between_two_leaves_them_too_close_where_the_way_around_is_shorter():
    schools = tuple(build_school(name) for name in ("oak", "elm", "ash"))
    rooms = [build_room("a"), build_room("b", school="elm"), build_room("c", school="ash")]
    travel = TravelTimes(default=90, pairs={frozenset(("oak", "elm")): 0, frozenset(("elm", "ash")): 0})
    everything = frozenset({"Period 1", "Period 2", "Period 3"})
    problem = build_problem([replace(room, free=everything) for room in rooms], schools=schools, travel=travel)
    visits = [visit_room("a", 510, "kim"), visit_room("b", 540, "kim"), visit_room("c", 570, "kim")]
    assert not find_violations(visits, problem.spec)
    judge = MoveJudge(problem, visits, "b")
    verdict = judge.judge(day=MONDAY + timedelta(days=1), starts=540, people=["kim"])
    assert [item.rule for item in verdict.broken] == [MoveRule.AGENDA]
    assert not judge.list_fitting(MONDAY + timedelta(days=1))


def test_nothing_is_moved_into_the_past_and_nobody_else_is_sent():
    problem = build_problem([build_room("a")], team=(build_person("kim"),))
    judge = MoveJudge(problem, [visit_room("a", 600, "kim")], "a", not_before=(MONDAY, 590))
    rules = [item.rule for item in judge.judge(day=MONDAY, starts=540, people=["moss"]).broken]
    assert rules == [MoveRule.PAST, MoveRule.TEAM]
    assert judge.list_day_rules(MONDAY - timedelta(days=1))
    assert min(start.starts for start in judge.list_fitting(MONDAY)) == 590


def test_who_asks_why_a_visit_is_not_earlier_gets_the_days_by_what_forbids_them():
    rooms = [build_room("a", ring="pilot"), build_room("b", ring="rest", free=frozenset())]
    rings = (RolloutRing(id="pilot", soak_days=3), RolloutRing(id="rest"))
    problem = build_problem(rooms, rings=rings)
    tuesday, thursday = MONDAY + timedelta(days=8), MONDAY + timedelta(days=3)
    visits = [visit_room("a", 540, "kim"), visit_room("b", 600, "kim", day=tuesday)]
    counts = MoveJudge(problem, visits, "b").count_earlier_days()
    assert counts == {MoveRule.RING: 3, MoveRule.SCHOOL_DAY: 2, None: 3}
    assert [item.day for item in MoveJudge(problem, visits, "b").find_days(MONDAY, limit=1)] == [thursday]
    assert MoveJudge(problem, visits, "b").find_days(MONDAY, limit=1)[0].starts == 600


def test_a_room_without_a_visit_cannot_be_moved():
    problem = build_problem([build_room("a"), build_room("b")])
    for room in ("b", "z"):
        with pytest.raises(LookupError, match=room):
            MoveJudge(problem, [visit_room("a", 600, "kim")], room)
