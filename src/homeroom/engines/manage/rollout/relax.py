"""The single rules that, relaxed alone, make a plan complete: each with the least change, proven by a plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from homeroom.domain.manage.rollouts.plan import RelaxedRule, RolloutPlan, RuleRelaxation
from homeroom.domain.manage.rollouts.spec import RolloutSpec
from homeroom.engines.manage.rollout.problem import RolloutProblem
from homeroom.engines.manage.rollout.spec_changes import SpecChange, list_changes

Solve = Callable[[RolloutProblem], RolloutPlan | None]
FEW_CHANGES = 16
DEADLINE_STEPS = (7, 28, 112)
RULES = (
    RelaxedRule.UNTIL, RelaxedRule.TEAM, RelaxedRule.CLASS_TIME, RelaxedRule.HOURS, RelaxedRule.STOCK, RelaxedRule.SOAK,
    RelaxedRule.LIMITS, RelaxedRule.NO_VISITS, RelaxedRule.AT_ONCE, RelaxedRule.ROOM,
)  # fmt: skip
"""The rules in the order in which they are tried: those that help most often come first."""


def relax_rules(
    problem: RolloutProblem, *, find_complete: Solve, solve: Solve, is_late: Callable[[], bool]
) -> tuple[RuleRelaxation, ...]:
    """Return the rules that help, cheapest first, as far as they were found before it became late.

    `find_complete` returns some plan with all rooms, or None; `solve` returns the best plan.
    """
    solvers = _RelaxSolvers(problem, find_complete, solve, is_late)
    # Which rules help is found first, so that all of them are named where there is no time to find the least changes.
    choices = {rule: chosen for rule in RULES if (chosen := _try_rule(problem.spec, rule, solvers)) is not None}
    relaxations = [_describe_least(rule, chosen, solvers) for rule, chosen in choices.items()]
    last = problem.days[-1]
    return tuple(
        sorted(
            relaxations,
            key=lambda item: (item.then.disrupted_minutes, item.then.finished_on or last, item.then.travel_minutes),
        )
    )


@dataclass(frozen=True)
class _RelaxSolvers:
    problem: RolloutProblem
    find_complete: Solve
    solve: Solve
    is_late: Callable[[], bool]

    def complete(self, spec: RolloutSpec) -> RolloutPlan | None:
        """Return a plan with all rooms; None if there is none, or it is late."""
        if self.is_late():
            return None
        plan = self.find_complete(self.problem.change_spec(spec))
        return plan if plan is not None and plan.is_complete else None


@dataclass
class _ChosenSteps:
    """Changes of one rule with their steps, and a complete plan with them."""

    spec: RolloutSpec
    steps: list[tuple[SpecChange, int]]
    plan: RolloutPlan

    def apply(self) -> RolloutSpec:
        return _apply(self.spec, self.steps)


def _apply(spec: RolloutSpec, steps: Sequence[tuple[SpecChange, int]]) -> RolloutSpec:
    for change, step in steps:
        spec = change.apply(spec, step)
    return spec


def _try_rule(spec: RolloutSpec, rule: RelaxedRule, solvers: _RelaxSolvers) -> _ChosenSteps | None:
    """Return the largest change of a rule, where it makes a plan complete; None where it does not."""
    changes = list_changes(spec, rule)
    if not changes:
        return None
    if rule is RelaxedRule.UNTIL:
        return _try_later_days(spec, changes[0], solvers)
    return _try_steps(spec, [(change, change.steps) for change in changes], solvers)


def _describe_least(rule: RelaxedRule, chosen: _ChosenSteps, solvers: _RelaxSolvers) -> RuleRelaxation:
    """Return the least change of a rule that helps, as far as there is time to find it, with the best plan then."""
    chosen = _reduce_steps(_choose_parts(_choose_changes(chosen, solvers), solvers), solvers)
    best = None if solvers.is_late() else solvers.solve(solvers.problem.change_spec(chosen.apply()))
    plan = best if best is not None and best.is_complete else chosen.plan
    return RuleRelaxation(
        rule=rule, to="; ".join(change.describe(step) for change, step in chosen.steps), then=plan.objective
    )


def _try_steps(spec: RolloutSpec, steps: list[tuple[SpecChange, int]], solvers: _RelaxSolvers) -> _ChosenSteps | None:
    plan = solvers.complete(_apply(spec, steps))
    return None if plan is None else _ChosenSteps(spec, steps, plan)


def _try_later_days(spec: RolloutSpec, change: SpecChange, solvers: _RelaxSolvers) -> _ChosenSteps | None:
    """Return the deadline with the day on which a plan ends; near deadlines first, as far ones take longer."""
    for steps in (*(step for step in DEADLINE_STEPS if step < change.steps), change.steps):
        chosen = _try_steps(spec, [(change, steps)], solvers)
        if chosen is not None:
            ends = chosen.plan.objective.finished_on
            needed = (ends - spec.last).days if ends is not None else steps
            return _ChosenSteps(spec, [(change, max(1, needed))], chosen.plan)
    return None


def _choose_changes(chosen: _ChosenSteps, solvers: _RelaxSolvers) -> _ChosenSteps:
    """Return as few of the changes as still help: one where one is enough, else a set without a needless one."""
    if len(chosen.steps) == 1:
        return chosen
    if len(chosen.steps) <= FEW_CHANGES:
        for pair in chosen.steps:
            if (single := _try_steps(chosen.spec, [pair], solvers)) is not None:
                return single
    needed = _find_needed(chosen.spec, [], chosen.steps, solvers, is_changed=False)
    return _try_steps(chosen.spec, needed, solvers) or chosen


def _choose_parts(chosen: _ChosenSteps, solvers: _RelaxSolvers) -> _ChosenSteps:
    """Return the changes with as few of their parts as still help."""
    for change, step in chosen.steps:
        if change.parts:
            others = [pair for pair in chosen.steps if pair != (change, step)]
            parts = [(part, part.steps) for part in change.parts]
            tried = (_try_steps(chosen.spec, [*others, pair], solvers) for pair in parts)
            fewer = next((item for item in tried if item is not None), None)
            if fewer is None:
                needed = _find_needed(chosen.spec, others, parts, solvers, is_changed=False)
                fewer = _try_steps(chosen.spec, [*others, *needed], solvers)
            chosen = fewer or chosen
    return chosen


def _find_needed(
    spec: RolloutSpec,
    before: list[tuple[SpecChange, int]],
    steps: list[tuple[SpecChange, int]],
    solvers: _RelaxSolvers,
    *,
    is_changed: bool,
) -> list[tuple[SpecChange, int]]:
    """Return a least set of changes that helps together with those `before`, by halving (QuickXplain)."""
    if is_changed and _try_steps(spec, before, solvers) is not None:
        return []
    if len(steps) == 1:
        return steps
    half = len(steps) // 2
    second = _find_needed(spec, before + steps[:half], steps[half:], solvers, is_changed=half > 0)
    first = _find_needed(spec, before + second, steps[:half], solvers, is_changed=bool(second))
    return first + second


def _reduce_steps(chosen: _ChosenSteps, solvers: _RelaxSolvers) -> _ChosenSteps:
    """Return the changes with as few steps as still help, one after the other."""
    for position, (change, _) in enumerate(chosen.steps):
        chosen = _find_least_step(chosen, position, solvers)
        if change.narrow is not None:
            narrower = change.narrow(chosen.steps[position][1])
            steps = [*chosen.steps]
            steps[position] = narrower, narrower.steps
            chosen = _find_least_step(_ChosenSteps(chosen.spec, steps, chosen.plan), position, solvers, least=0)
    return chosen


def _find_least_step(chosen: _ChosenSteps, position: int, solvers: _RelaxSolvers, *, least: int = 1) -> _ChosenSteps:
    """Return the changes with the fewest steps at one position."""
    change, high = chosen.steps[position]
    low = least
    while low < high and not solvers.is_late():
        middle = (low + high) // 2
        steps = [*chosen.steps]
        steps[position] = change, middle
        tried = _try_steps(chosen.spec, steps, solvers)
        if tried is None:
            low = middle + 1
        else:
            chosen, high = tried, middle
    return chosen
