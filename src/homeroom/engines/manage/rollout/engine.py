"""The whole of planning a rollout: a plan, what would make it complete, and what other deadlines would cost.

Small problems are solved exactly; all others by the planner, which gets better while there is time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from time import monotonic, process_time

from homeroom.domain.manage.rollouts.plan import EarlierPlan, PlannedVisit, RolloutPlan
from homeroom.engines.manage.rollout.exact.model import NOTHING_PRESERVED, PreservedVisits
from homeroom.engines.manage.rollout.exact.solver import find_complete_plan, solve_exactly
from homeroom.engines.manage.rollout.left_out import find_hopeless_rooms
from homeroom.engines.manage.rollout.offers import list_offers
from homeroom.engines.manage.rollout.planner import plan_rollout
from homeroom.engines.manage.rollout.preserve import narrow_problem, split_visits
from homeroom.engines.manage.rollout.problem import RolloutProblem
from homeroom.engines.manage.rollout.relax import relax_rules
from homeroom.engines.manage.rollout.replan import list_people_as_before, repair_plan
from homeroom.engines.manage.rollout.verify import find_violations

PLAN_SHARE = 0.8
"""The part of the time for the plan itself; the rest is for relaxed rules and offers."""
BRIEF_SHARE = 0.02
"""The part of the time that is left for one try to make place in a plan."""
EXTRA_PLANS = 8
"""How many plans of relaxed rules or other deadlines fit into the rest."""


def plan_completely(
    problem: RolloutProblem,
    *,
    seconds: float,
    is_late: Callable[[], bool],
    report: Callable[[RolloutPlan], None],
    earlier: EarlierPlan | None = None,
) -> RolloutPlan:
    """Return the best plan that was found in so many seconds, or until `is_late`; `report` gets each better one."""
    return _CompletePlanning(problem, seconds, is_late, report).run(earlier)


@dataclass
class _CompletePlanning:
    problem: RolloutProblem
    seconds: float
    is_late: Callable[[], bool]
    report: Callable[[RolloutPlan], None]

    def __post_init__(self) -> None:
        self._started, self._cpu_started = monotonic(), process_time()
        self._first_seconds: float | None = None
        self._fixed: Sequence[PlannedVisit] = ()
        self._preserved = NOTHING_PRESERVED

    def run(self, earlier: EarlierPlan | None) -> RolloutPlan:
        problem = self.problem
        if earlier is None:
            plan = self._plan()
        else:
            plan = repair_plan(
                problem, earlier, plan_around=self._plan_around, is_late=partial(self._is_over, PLAN_SHARE)
            )
            plan = list_people_as_before(plan, earlier)
            fixed, movable = split_visits(problem, earlier)
            problem = narrow_problem(problem, earlier, fixed)
            self._fixed = fixed
            self._preserved = PreservedVisits(fixed=fixed, wanted={visit.room: visit for visit in movable})
        self._report(plan)
        if not plan.is_complete:
            relaxations = relax_rules(
                problem, find_complete=self._find_complete, solve=self._solve, is_late=self._is_over
            )
            plan = replace(plan, relax=relaxations)
        elif earlier is None:
            plan = replace(plan, offers=list_offers(problem, plan, solve=self._solve, is_late=self._is_over))
        first = self._first_seconds or 0.0
        return replace(plan, first_seconds=first, all_seconds=process_time() - self._cpu_started)

    def _plan(self) -> RolloutPlan:
        exact = solve_exactly(self.problem, is_late=partial(self._is_over, PLAN_SHARE / 2))
        if exact is not None:
            return exact
        reported: list[RolloutPlan] = []

        def report(plan: RolloutPlan) -> None:
            reported.append(plan)
            self._report(plan)

        plan = plan_rollout(self.problem, seconds=self._count_left(PLAN_SHARE), is_late=self.is_late, report=report)
        return _choose_valid_plan([*reported, plan], self.problem)

    def _plan_around(
        self, problem: RolloutProblem, *, fixed: Sequence[PlannedVisit], rooms: Sequence[int], is_brief: bool
    ) -> RolloutPlan:
        seconds = self._count_left(PLAN_SHARE) * (BRIEF_SHARE if is_brief else 0.5)
        return plan_rollout(problem, seconds=seconds, is_late=self.is_late, fixed=fixed, rooms=rooms)

    def _solve(self, problem: RolloutProblem) -> RolloutPlan | None:
        exact = solve_exactly(problem, is_late=self._is_over, preserved=self._preserved)
        return exact if exact is not None else self._plan_briefly(problem)

    def _find_complete(self, problem: RolloutProblem) -> RolloutPlan | None:
        exact = find_complete_plan(problem, is_late=self._is_over, preserved=self._preserved)
        if exact is not None:
            return exact
        fixed_rooms = {visit.room for visit in self._fixed}
        others = [number for number, room in enumerate(problem.rooms) if room.id not in fixed_rooms]
        # Rooms that could not even be visited alone are seen sooner than a plan without them is made.
        return None if find_hopeless_rooms(problem, others) else self._plan_briefly(problem)

    def _plan_briefly(self, problem: RolloutProblem) -> RolloutPlan | None:
        """Return a plan from the planner; None if there is no time for one."""
        if self._is_over():
            return None
        seconds = min(self._count_left(), self.seconds * (1 - PLAN_SHARE) / EXTRA_PLANS)
        return plan_rollout(problem, seconds=seconds, is_late=self.is_late, fixed=self._fixed)

    def _count_left(self, share: float = 1.0) -> float:
        return max(0.0, self._started + self.seconds * share - monotonic())

    def _is_over(self, share: float = 1.0) -> bool:
        return self.is_late() or self._count_left(share) <= 0

    def _report(self, plan: RolloutPlan) -> None:
        if self._first_seconds is None:
            self._first_seconds = process_time() - self._cpu_started
        self.report(plan)


def _choose_valid_plan(plans: Sequence[RolloutPlan], problem: RolloutProblem) -> RolloutPlan:
    """Return the last plan that keeps every rule; raise RuntimeError, with what is broken, if none does."""
    violations: list[str] = []
    for plan in reversed(plans):
        violations = find_violations(plan.visits, problem.spec)
        if not violations:
            return plan
    raise RuntimeError(f"no plan keeps every rule: {violations[0]}")
