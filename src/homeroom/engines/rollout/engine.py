"""The whole of planning a rollout: a plan, and where an earlier one is given, one that moves the fewest visits."""

from __future__ import annotations

from collections.abc import Callable

from homeroom.domain.rollouts.plan import EarlierPlan, PlannedVisit, RolloutPlan
from homeroom.engines.rollout.exact import solve_exactly
from homeroom.engines.rollout.planner import plan_rollout
from homeroom.engines.rollout.problem import RolloutProblem
from homeroom.engines.rollout.verify import find_violations


def plan_completely(
    problem: RolloutProblem,
    *,
    seconds: float,
    is_late: Callable[[], bool],
    report: Callable[[RolloutPlan], None],
    earlier: EarlierPlan | None = None,
) -> RolloutPlan:
    """Return the best plan that was found in so many seconds, or until `is_late`; `report` gets each better one."""
    if earlier is None:
        exact = solve_exactly(problem, is_late=is_late)
        if exact is not None:
            return exact
    fixed = () if earlier is None else _list_kept_visits(problem, earlier)
    return plan_rollout(problem, seconds=seconds, is_late=is_late, report=report, fixed=fixed)


def _list_kept_visits(problem: RolloutProblem, earlier: EarlierPlan) -> tuple[PlannedVisit, ...]:
    """Return the visits that began or are locked, and those that still keep every rule beside them."""
    rooms = {room.id for room in problem.rooms}
    visits = [visit for visit in earlier.visits if visit.room in rooms]
    fixed_visits = [visit for visit in visits if visit.locked or earlier.has_begun(visit)]
    fixed_rooms = {visit.room for visit in fixed_visits}
    broken = len(find_violations(fixed_visits, problem.spec))
    for visit in sorted(visits, key=lambda item: (item.day, item.starts)):
        if visit.room not in fixed_rooms and len(find_violations([*fixed_visits, visit], problem.spec)) <= broken:
            fixed_visits.append(visit)
    return tuple(fixed_visits)
