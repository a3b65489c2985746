"""Which days are planned again together: those with visits in several of the same schools."""

from __future__ import annotations

from homeroom.domain.manage.rollouts.spec import TravelTimes
from homeroom.engines.manage.rollout.improve import LocalSearch, count_shared_schools
from homeroom.engines.manage.rollout.problem import RolloutProblem
from homeroom.engines.manage.rollout.schedule import NumberedVisit, RolloutSchedule
from homeroom.engines.manage.rollout.start_table import StartTable
from tests.unit.manage.rollouts.planner_cases import build_person, build_problem, build_room, build_school

SCHOOLS = ("oak", "elm", "ash")


def _start(*visits: tuple[int, int, int, tuple[int, ...]]) -> RolloutSchedule:
    """Return a schedule of visits, each as its school, day, start and people."""
    problem = _build_problem([SCHOOLS[school] for school, *_ in visits])
    schedule = RolloutSchedule(problem, StartTable(problem))
    for room, (school, day, starts, people) in enumerate(visits):
        schedule.add(NumberedVisit(room, school, day, starts, starts + 30, people, 0))
    return schedule


def _build_problem(schools: list[str]) -> RolloutProblem:
    return build_problem(
        [build_room(f"{school}-{number}", school=school) for number, school in enumerate(schools)],
        schools=tuple(build_school(name) for name in SCHOOLS),
        team=(build_person("kim"), build_person("lee"), build_person("ana")),
        travel=TravelTimes(default=10),
    )


def test_a_school_counts_once_however_many_visits_it_has_on_a_day() -> None:
    kim = [(0, 0, 540, (0,)), (1, 0, 570, (0,))]
    lee = [(0, 0, 540, (1,)), (0, 0, 570, (1,)), (2, 0, 660, (1,))]
    ana = [(0, 1, 540, (2,)), (1, 1, 600, (2,))]
    schedule = _start(*kim, *lee, *ana)
    assert count_shared_schools(schedule, (0, 0)) == {(1, 0): 1, (2, 1): 2}
    assert count_shared_schools(schedule, (1, 0)) == {(0, 0): 1, (2, 1): 1}


def test_a_visit_that_several_people_make_joins_no_days() -> None:
    schedule = _start((0, 0, 540, (0, 1)), (0, 1, 540, (0,)), (1, 1, 570, (0,)), (1, 0, 570, (1,)))
    assert count_shared_schools(schedule, (0, 1)) == {(1, 0): 1}
    assert count_shared_schools(schedule, (1, 0)) == {(0, 1): 2}


def test_days_that_each_visit_two_schools_end_up_in_a_school_each() -> None:
    """Eighteen other days in one of the schools lie beside the two days that can save travel."""
    other_days = [(0, day, 540, (person,)) for day in range(1, 10) for person in (1, 2)]
    schedule = _start((0, 0, 540, (0,)), (1, 0, 600, (0,)), (0, 0, 600, (1,)), (1, 0, 540, (1,)), *other_days)
    before = schedule.measure_travel()
    search = LocalSearch(schedule, range(len(schedule.visits)))
    is_reached = search.run(lambda: search.moves > 2_000, lambda: schedule.measure_travel() == 0, patience=4_000)
    assert before > 0
    assert is_reached
    assert not schedule.list_unplaced(range(len(schedule.visits)))
