"""A plan made again when something fell out: what began stays, and as few visits as possible change people or time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from homeroom.domain.manage.rollouts.plan import EarlierPlan, PlannedVisit, RolloutPlan
from homeroom.engines.manage.rollout.exact.model import PreservedVisits
from homeroom.engines.manage.rollout.exact.solver import solve_exactly
from homeroom.engines.manage.rollout.preserve import PreservedSchedule, narrow_problem, split_visits
from homeroom.engines.manage.rollout.problem import RolloutProblem

MOST_EJECTIONS = 24


class PlanAround(Protocol):
    """A planner that places rooms around visits that stay; briefly where it is one try of many."""

    def __call__(
        self, problem: RolloutProblem, *, fixed: Sequence[PlannedVisit], rooms: Sequence[int], is_brief: bool
    ) -> RolloutPlan: ...


def repair_plan(
    problem: RolloutProblem, earlier: EarlierPlan, *, plan_around: PlanAround, is_late: Callable[[], bool]
) -> RolloutPlan:
    """Return the plan that moves the fewest visits: proven for a small problem, else every visit that can stays.

    Where there is no place for what fell out, the visits that are in its way move too, as few as possible.
    """
    fixed, movable = split_visits(problem, earlier)
    narrowed = narrow_problem(problem, earlier, fixed)
    preserved = PreservedVisits(fixed=fixed, wanted={visit.room: visit for visit in movable})
    exact = solve_exactly(narrowed, is_late=is_late, preserved=preserved)
    if exact is not None:
        return exact
    staying = PreservedSchedule(narrowed, fixed).take_most(movable)
    plan = _plan_others(narrowed, [*fixed, *staying], plan_around, is_brief=False)
    if plan.is_complete:
        return plan
    return _Ejection(narrowed, fixed, plan_around, is_late).improve(plan, staying)


def list_people_as_before(plan: RolloutPlan, earlier: EarlierPlan) -> RolloutPlan:
    """Return the plan with the people of each visit in the order of the earlier plan, where they are the same."""
    before = {visit.room: visit.people for visit in earlier.visits}
    return replace(
        plan,
        visits=tuple(
            replace(visit, people=people)
            if sorted(people := before.get(visit.room, ())) == sorted(visit.people)
            else visit
            for visit in plan.visits
        ),
    )


def count_moved(earlier: EarlierPlan, plan: RolloutPlan) -> int:
    """Return how many visits of the earlier plan have other people or another time in a plan, or are not in it."""
    visits = {visit.room: visit for visit in plan.visits}
    return sum(
        (new := visits.get(old.room)) is None
        or (new.day, new.starts, new.ends, set(new.people)) != (old.day, old.starts, old.ends, set(old.people))
        for old in earlier.visits
    )


def _plan_others(
    problem: RolloutProblem, fixed: Sequence[PlannedVisit], plan_around: PlanAround, *, is_brief: bool
) -> RolloutPlan:
    rooms = {visit.room for visit in fixed}
    others = [number for number, room in enumerate(problem.rooms) if room.id not in rooms]
    return plan_around(problem, fixed=fixed, rooms=others, is_brief=is_brief)


class _Ejection:
    """Makes place for rooms that are left out, by moving few of the visits that are in their way."""

    def __init__(
        self,
        problem: RolloutProblem,
        fixed: Sequence[PlannedVisit],
        plan_around: PlanAround,
        is_late: Callable[[], bool],
    ) -> None:
        self._problem, self._fixed = problem, fixed
        self._plan_around, self._is_late = plan_around, is_late
        self._numbers = {room.id: number for number, room in enumerate(problem.rooms)}

    def improve(self, plan: RolloutPlan, staying: Sequence[PlannedVisit]) -> RolloutPlan:
        """Return a plan with as many of the left out rooms as have a place when a few visits move."""
        for left_out in plan.left_out:
            for ejected in self._list_ejections(self._numbers[left_out.room], plan):
                if self._is_late() or plan.is_complete:
                    return plan
                rooms = {visit.room for visit in ejected}
                # What is neither fixed nor ejected stays where it is now, also what was placed anew.
                around = [visit for visit in plan.visits if visit.room not in rooms]
                own = [self._numbers[left_out.room]]
                first = self._plan_around(self._problem, fixed=around, rooms=own, is_brief=True)
                if len(first.visits) == len(around):
                    continue
                tried = _plan_others(self._problem, first.visits, self._plan_around, is_brief=True)
                if len(tried.left_out) < len(plan.left_out):
                    plan = tried
                    break
        return plan

    def _list_ejections(self, room: int, plan: RolloutPlan) -> list[list[PlannedVisit]]:
        """Return sets of visits that are in the way of a room, on one of its days each, the smallest first."""
        problem = self._problem
        fixed_rooms = {visit.room for visit in self._fixed}
        by_day: dict[int, list[PlannedVisit]] = {}
        for visit in plan.visits:
            by_day.setdefault((visit.day - problem.days[0]).days, []).append(visit)
        ejections: list[tuple[int, int, list[PlannedVisit]]] = []
        for day in range(len(problem.days)):
            if len(problem.list_starts(room, day).starts) == 0:
                continue
            ring_visits = self._list_ring_conflicts(room, day, plan)
            if any(visit.room in fixed_rooms for visit in ring_visits):
                continue
            for ejected in self._list_day_ejections(room, day, by_day.get(day, [])):
                movable = [visit for visit in ejected if visit.room not in fixed_rooms]
                if len(movable) == len(ejected):
                    ejections.append((len(ring_visits) + len(movable), day, [*ring_visits, *movable]))
        ejections.sort(key=lambda item: item[:2])
        return [visits for _, _, visits in ejections[:MOST_EJECTIONS] if visits]

    def _list_ring_conflicts(self, room: int, day: int, plan: RolloutPlan) -> list[PlannedVisit]:
        """Return the visits of other rings that come too early or too late for a visit of the room on a day."""
        problem = self._problem
        rings, own = problem.spec.rings, problem.ring_of[room]
        conflicts = []
        for visit in plan.visits:
            other, at = problem.ring_of[self._numbers[visit.room]], (visit.day - problem.days[0]).days
            too_early = other > own and at < day + rings[own].soak_days
            too_late = other < own and day < at + rings[other].soak_days
            if too_early or too_late:
                conflicts.append(visit)
        return conflicts

    def _list_day_ejections(self, room: int, day: int, visits: Sequence[PlannedVisit]) -> list[list[PlannedVisit]]:
        """Return what could leave on the day itself: nothing, or one visit of somebody who could then come."""
        school = self._problem.schools[self._problem.school_of[room]].id
        schools = {item.id: item.school for item in self._problem.rooms}
        minutes = self._problem.rooms[room].minutes
        fitting = [visit for visit in visits if schools[visit.room] == school or visit.ends - visit.starts >= minutes]
        fitting.sort(key=lambda visit: (schools[visit.room] != school, visit.starts))
        return [[], *([visit] for visit in fitting)]
