"""Plan a refresh: the least W, then the least money among plans of that W; the curve of shares; the level of a fund."""

from __future__ import annotations

import time
from dataclasses import dataclass
from fractions import Fraction

from homeroom.domain.manage.refresh.plan import CurvePoint, LevelAmount, RefreshPlan
from homeroom.domain.manage.refresh.problem import RefreshProblem
from homeroom.domain.manage.refresh.watch import NoWatch, PlanStep, RefreshWatch
from homeroom.engines.manage.refresh.accounts import WaitedYears, compute_costs, count_waited_years, list_visits
from homeroom.engines.manage.refresh.allocation import (
    compute_money_use,
    count_weighted,
    read_allocation,
    repair_allocation,
)
from homeroom.engines.manage.refresh.cells import FleetCell, build_cells
from homeroom.engines.manage.refresh.offers import PaymentOffer, build_offers
from homeroom.engines.manage.refresh.plan_rows import PlanRows, build_plan_rows
from homeroom.engines.manage.refresh.refresh_model import MoneyLimits, RefreshModel, build_refresh_model
from homeroom.engines.manage.refresh.slips import list_slips, list_unknown_groups
from homeroom.engines.manage.refresh.solver import Values, solve_linear_model
from homeroom.engines.manage.refresh.weighted_search import find_gap_goal, round_up_bound, search_least_weighted

SHARES = (Fraction(1, 2), Fraction(3, 4), Fraction(1), Fraction(5, 4), Fraction(3, 2))
WEIGHTED_TIME, MONEY_TIME, CURVE_TIME = 0.45, 0.2, 0.35


@dataclass(frozen=True, kw_only=True)
class _PlannedRows:
    """The rows of a solution with their figures."""

    rows: PlanRows
    waited: WaitedYears
    bound: Fraction


def plan_refresh(
    problem: RefreshProblem, *, seconds: float = 60, level: str | None = None, watch: RefreshWatch | None = None
) -> RefreshPlan:
    """Return the best plan that is found in so many seconds, with its proven bound; `level` names a fund with amounts.

    Every rule of the problem holds in the plan to the device and the cent. If `watch` stops it, the plan is the best so
    far, and has neither a level nor the points of the curve that were not reached.
    """
    return _RefreshPlanner(problem, seconds=seconds, watch=watch or NoWatch()).plan(level)


class _RefreshPlanner:
    """Plans one problem."""

    def __init__(self, problem: RefreshProblem, *, seconds: float, watch: RefreshWatch) -> None:
        self._problem = problem
        self._seconds = seconds
        self._watch = watch
        self._cells: tuple[FleetCell, ...] = build_cells(problem)
        self._offers: tuple[PaymentOffer, ...] = build_offers(problem)
        self._weights = [cell.weight for cell in self._cells]

    def plan(self, level: str | None) -> RefreshPlan:
        started = time.monotonic()
        self._watch.report(PlanStep.WEIGHTED, None)
        model = self._build_model(MoneyLimits())
        planned, values = self._search(model, WEIGHTED_TIME * self._seconds)
        if not self._watch.is_stopped():
            self._watch.report(PlanStep.MONEY, planned.waited.weighted)
            planned = self._search_cheaper(model, planned, values, MONEY_TIME * self._seconds)
        self._watch.report(PlanStep.CURVE, planned.waited.weighted)
        left = max(self._seconds - (time.monotonic() - started), CURVE_TIME * self._seconds)
        curve = self._draw_curve(planned.waited.weighted, left / (2 if level else 1))
        costs = compute_costs(self._problem, self._offers, planned.rows)
        return RefreshPlan(
            years=self._problem.years,
            replaced=tuple(planned.rows.replaced),
            retired=tuple(planned.rows.retired),
            added=tuple(planned.rows.added),
            weighted=planned.waited.weighted,
            past_support=planned.waited.past_support,
            missing=planned.waited.missing,
            bound=planned.bound,
            costs=costs,
            visits=len(list_visits(self._problem, planned.rows)),
            slips=list_slips(self._problem, self._cells, self._offers, planned.rows),
            unknown=list_unknown_groups(self._problem),
            curve=curve,
            level=self._find_level(level, left / 2, planned.waited.weighted) if level is not None else None,
        )

    def _build_model(self, limits: MoneyLimits) -> RefreshModel:
        return build_refresh_model(self._problem, self._cells, self._offers, limits=limits)

    def _search(self, model: RefreshModel, seconds: float) -> tuple[_PlannedRows, Values]:
        solution = search_least_weighted(model, seconds=seconds, is_stopped=self._watch.is_stopped)
        return self._count(model, solution.values, solution.bound), solution.values

    def _count(self, model: RefreshModel, values: Values, bound: float) -> _PlannedRows:
        allocation = read_allocation(model, values)
        if model.level is None:
            repair_allocation(self._problem, self._offers, model, allocation)
        rows = build_plan_rows(self._problem, self._cells, self._offers, model, allocation)
        waited = count_waited_years(self._problem, self._cells, rows)
        proven = min(round_up_bound(bound, self._weights), waited.weighted)
        return _PlannedRows(rows=rows, waited=waited, bound=proven)

    def _search_cheaper(
        self, model: RefreshModel, planned: _PlannedRows, values: Values, seconds: float
    ) -> _PlannedRows:
        """Return a plan of the same W that costs less, if there is one."""
        model.linear.add_row(model.weighted.items(), upper=float(planned.waited.weighted))
        gap = find_gap_goal(model.linear)
        solution = solve_linear_model(
            model.linear,
            model.money,
            seconds=seconds,
            start=values,
            relative_gap=gap,
            is_stopped=self._watch.is_stopped,
        )
        if solution.values is None:
            return planned
        cheaper = self._count(model, solution.values, float(planned.bound))
        if cheaper.waited.weighted > planned.waited.weighted:
            return planned
        costs = [compute_costs(self._problem, self._offers, item.rows).money for item in (cheaper, planned)]
        if cheaper.waited.weighted == planned.waited.weighted and costs[1] <= costs[0]:
            return planned
        return cheaper

    def _draw_curve(self, weighted: Fraction, seconds: float) -> tuple[CurvePoint, ...]:
        """Return W by share of the money; what less money reaches, more reaches too."""
        least: dict[Fraction, Fraction] = {Fraction(1): weighted}
        for share in SHARES:
            if share != 1 and not self._watch.is_stopped():
                limits = MoneyLimits(share=share)
                problem_model = self._build_model(limits)
                least[share] = self._search_share(problem_model, seconds / (len(SHARES) - 1))
        points, best = [], None
        for share in sorted(least):
            best = least[share] if best is None or share == 1 else min(best, least[share])
            points.append(CurvePoint(share=share, weighted=best))
        return tuple(points)

    def _search_share(self, model: RefreshModel, seconds: float) -> Fraction:
        solution = search_least_weighted(model, seconds=seconds, is_stopped=self._watch.is_stopped)
        return count_weighted(self._cells, read_allocation(model, solution.values))

    def _find_level(self, fund: str, seconds: float, weighted_now: Fraction) -> LevelAmount | None:
        """Return the least equal yearly amount of a fund that reaches the W of the fund without limit.

        None if the planner was stopped.
        """
        if self._watch.is_stopped():
            return None
        self._watch.report(PlanStep.LEVEL, weighted_now)
        unlimited = self._build_model(MoneyLimits(unlimited=fund))
        solution = search_least_weighted(unlimited, seconds=seconds / 2, is_stopped=self._watch.is_stopped)
        weighted = count_weighted(self._cells, read_allocation(unlimited, solution.values))
        model = self._build_model(MoneyLimits(leveled=fund))
        best = self._compute_level(unlimited, solution.values, fund)
        if model.level is not None:
            model.linear.add_row(model.weighted.items(), upper=float(weighted))
            start = [*solution.values, float(best) + 1.0]
            leveled = solve_linear_model(
                model.linear,
                {model.level: 1.0},
                seconds=seconds / 2,
                start=start,
                relative_gap=find_gap_goal(model.linear),
                is_stopped=self._watch.is_stopped,
            )
            if leveled.values is not None:
                best = min(best, self._compute_level(model, leveled.values, fund))
        return None if self._watch.is_stopped() else LevelAmount(fund=fund, amount=best)

    def _compute_level(self, model: RefreshModel, values: Values, name: str) -> Fraction:
        """Return the least equal yearly amount that pays for a solution."""
        fund = next(item for item in self._problem.funds if item.name == name)
        use = compute_money_use(self._problem, self._offers, read_allocation(model, values).bought)
        highest, paid = Fraction(0), Fraction(0)
        for year in range(self._problem.year_count):
            paid = (paid if fund.carries_over else Fraction(0)) + use.paid.get((name, year), Fraction(0))
            highest = max(highest, paid / (year + 1 if fund.carries_over else 1))
        return highest
