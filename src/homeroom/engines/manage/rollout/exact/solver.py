"""The provably best plan of a small rollout, day by day over the set of rooms that are done.

What counts, in this order: rooms with a visit, (visits moved,) minutes of class disturbed, day of the last visit,
minutes of travel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from homeroom.domain.manage.rollouts.plan import PlannedVisit, RolloutPlan
from homeroom.engines.manage.rollout.exact.days import BudgetSpent, SearchBudget
from homeroom.engines.manage.rollout.exact.model import (
    MOVE_COST,
    NOTHING_PRESERVED,
    CostWeights,
    ExactModel,
    PreservedVisits,
)
from homeroom.engines.manage.rollout.exact.search import RolloutSearch
from homeroom.engines.manage.rollout.plan_facts import build_plan
from homeroom.engines.manage.rollout.problem import RolloutProblem

MOST_ROOMS = 9
MOST_PEOPLE = 8
MOST_STATES = 800_000


def solve_exactly(
    problem: RolloutProblem,
    *,
    is_late: Callable[[], bool],
    preserved: PreservedVisits = NOTHING_PRESERVED,
    most_states: int = MOST_STATES,
) -> RolloutPlan | None:
    """Return the best plan, with its own figures as the bound; None if the problem is too large or it became late.

    With `preserved`, what is fixed stays as it is, and the fewest old visits are moved before anything else counts.
    """
    visits = _watch_minutes(problem, preserved, SearchBudget(most_states, is_late), _solve)
    return None if visits is None else build_plan(problem, visits, is_proven=True)


def find_complete_plan(
    problem: RolloutProblem,
    *,
    is_late: Callable[[], bool],
    preserved: PreservedVisits = NOTHING_PRESERVED,
    most_states: int = MOST_STATES,
) -> RolloutPlan | None:
    """Return a plan with all rooms that ends as early as possible, or without some where that is impossible.

    None if the problem is too large or it became late.
    """
    visits = _watch_minutes(problem, preserved, SearchBudget(most_states, is_late), _complete)
    return None if visits is None else build_plan(problem, visits, is_proven=False)


def _watch_minutes(
    problem: RolloutProblem,
    preserved: PreservedVisits,
    budget: SearchBudget,
    search: Callable[[ExactModel, SearchBudget], list[PlannedVisit]],
) -> list[PlannedVisit] | None:
    """Return the visits that a search finds, and those that are fixed.

    Minutes of the week rarely bind and are dear to count: only those whose minutes were too many are watched.
    """
    watched: frozenset[int] = frozenset()
    # Rooms without any day do not count, but to look for days in thousands of rooms would take too long.
    if len(problem.people) > MOST_PEOPLE or len(problem.rooms) - len(preserved.fixed) > MOST_ROOMS * 3:
        return None
    while True:
        model = ExactModel(problem, preserved, watched=watched)
        if len(model.rooms) > MOST_ROOMS:
            return None
        try:
            visits = [*model.fixed, *search(model, budget)]
        except BudgetSpent:
            return None
        overworked = model.find_overworked(visits)
        if overworked <= watched:
            return visits
        watched |= overworked


def _complete(model: ExactModel, budget: SearchBudget) -> list[PlannedVisit]:
    """Return free visits of all rooms, or fewer where that is impossible."""
    if len(model.rooms) + len(model.fixed) < len(model.problem.rooms):
        return []  # a room without any day
    search = RolloutSearch(model, budget, CostWeights(), most_cost=0, target=len(model.rooms))
    return search.run(floor=0).list_visits(model)


def _solve(model: ExactModel, budget: SearchBudget) -> list[PlannedVisit]:
    """Return the best free visits: how many rooms are possible, then the fewest moved, then the least class."""
    if model.problem.spec.class_costs and not model.preserved.wanted:
        undisturbed = RolloutSearch(model, budget, CostWeights(class_minutes=1), most_cost=0).run(floor=0)
        if undisturbed.count_rooms() == len(model.rooms):
            return undisturbed.list_visits(model)
    best = RolloutSearch(model, budget, CostWeights(), most_cost=0).run(floor=0)
    count = best.count_rooms()
    cost, weights = 0, CostWeights()
    if model.preserved.wanted:
        weights = CostWeights(moved=MOVE_COST)
        for moved in range(len(model.rooms) + 1):
            cost = moved * MOVE_COST
            better = RolloutSearch(model, budget, weights, most_cost=cost, target=count).run(floor=cost)
            if better.count_rooms() == count:
                best = better
                break
    if not model.problem.spec.class_costs:
        return best.list_visits(model)
    weights = CostWeights(moved=weights.moved, class_minutes=1)
    cost_limit = cost + sum(visit.class_minutes for visit in best.list_visits(model))
    floor = cost
    for cap in _list_caps(cost, cost_limit, step=model.problem.spec.grid * 3):
        better = RolloutSearch(model, budget, weights, most_cost=cap, target=count).run(floor=floor)
        if better.count_rooms() == count:
            return better.list_visits(model)
        floor = cap + 1
    raise AssertionError("a plan that costs no more than the one at hand is always there")


def _list_caps(least: int, cost_limit: int, *, step: int) -> Iterator[int]:
    """Yield ever higher costs to search up to: the dearer a plan may be, the longer the search."""
    cap = least
    while cap < cost_limit:
        yield cap
        cap, step = cap + step, step * 2
    yield cost_limit
