"""What follows from the visits of a plan: what it costs, and which rooms it leaves out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from homeroom.domain.manage.rollouts.plan import PlanBound, PlannedVisit, PlanObjective, RolloutPlan
from homeroom.domain.manage.rollouts.spec import RolloutSpec
from homeroom.engines.manage.rollout.left_out import explain_left_out
from homeroom.engines.manage.rollout.problem import RolloutProblem


def measure_travel(spec: RolloutSpec, visits: Iterable[PlannedVisit]) -> int:
    """Return the minutes of travel between the visits of each person on each day."""
    school_of = {room.id: room.school for room in spec.rooms}
    days: dict[tuple[str, date], list[tuple[int, str]]] = {}
    for visit in visits:
        for person in visit.people:
            days.setdefault((person, visit.day), []).append((visit.starts, school_of[visit.room]))
    return sum(
        spec.travel.get_minutes(before[1], after[1])
        for stops in days.values()
        for before, after in zip(sorted(stops), sorted(stops)[1:], strict=False)
    )


def measure_objective(spec: RolloutSpec, visits: Sequence[PlannedVisit]) -> PlanObjective:
    """Return what a plan of these visits costs."""
    return PlanObjective(
        disrupted_minutes=sum(visit.class_minutes for visit in visits),
        finished_on=max((visit.day for visit in visits), default=None),
        travel_minutes=measure_travel(spec, visits),
    )


def build_plan(problem: RolloutProblem, visits: Sequence[PlannedVisit], *, is_proven: bool) -> RolloutPlan:
    """Return the plan of these visits; where it is proven to be the best, its own figures are the bound."""
    objective = measure_objective(problem.spec, visits)
    bound = PlanBound(disrupted_minutes=0, finished_on=None, travel_minutes=None)
    if is_proven:
        bound = PlanBound(
            disrupted_minutes=objective.disrupted_minutes,
            finished_on=objective.finished_on,
            travel_minutes=objective.travel_minutes,
        )
    return RolloutPlan(
        visits=tuple(sorted(visits, key=lambda visit: (visit.day, visit.starts, visit.room))),
        left_out=explain_left_out(problem, visits),
        objective=objective,
        bound=bound,
    )
