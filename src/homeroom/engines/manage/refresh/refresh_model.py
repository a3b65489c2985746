"""The linear model of a refresh problem: what each school gets in each year, and what pays for it.

Purchases of schools that the same offers may pay for are one column an offer; see `cells` for the order of devices.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from homeroom.domain.manage.refresh.problem import RefreshProblem
from homeroom.engines.manage.refresh.cells import FleetCell
from homeroom.engines.manage.refresh.linear_model import INFINITY, LinearModel
from homeroom.engines.manage.refresh.offers import PaymentOffer, list_offer_numbers

Pool = tuple[str, tuple[int, ...]]
"""A kind, and the numbers of the offers that may pay for it: schools of a pool share purchases."""
Purchase = tuple[Pool, int, int]
"""A pool, a year and an offer."""
Terms = list[tuple[int, float]]


@dataclass(frozen=True, kw_only=True)
class MoneyLimits:
    """Changes of the money of a problem: a share of all of it, a fund without limit, or one with a level to find."""

    share: Fraction = Fraction(1)
    unlimited: str | None = None
    leveled: str | None = None


@dataclass(kw_only=True)
class RefreshModel:
    """A linear model with the numbers of its columns by (cell, year), and the two objectives by column."""

    linear: LinearModel = field(default_factory=LinearModel)
    pools: list[Pool] = field(default_factory=list)
    replaced: dict[tuple[int, int], int] = field(default_factory=dict)
    retired: dict[tuple[int, int], int] = field(default_factory=dict)
    added: dict[tuple[int, int], int] = field(default_factory=dict)
    bought: dict[Purchase, int] = field(default_factory=dict)
    visits: dict[tuple[str, int], int] = field(default_factory=dict)
    late: dict[tuple[int, int], int] = field(default_factory=dict)
    missing: dict[tuple[int, int], int] = field(default_factory=dict)
    weighted: dict[int, float] = field(default_factory=dict)
    money: dict[int, float] = field(default_factory=dict)
    level: int | None = None


def build_refresh_model(
    problem: RefreshProblem,
    cells: Sequence[FleetCell],
    offers: tuple[PaymentOffer, ...],
    *,
    limits: MoneyLimits | None = None,
) -> RefreshModel:
    """Build the model of a problem, with changes of its money if given."""
    return _ModelBuilder(problem, cells, offers, limits or MoneyLimits()).build()


class _ModelBuilder:
    """Adds the columns and rows of one model."""

    def __init__(
        self,
        problem: RefreshProblem,
        cells: Sequence[FleetCell],
        offers: tuple[PaymentOffer, ...],
        limits: MoneyLimits,
    ) -> None:
        self._problem = problem
        self._cells = cells
        self._offers = offers
        self._limits = limits
        self._years = range(problem.year_count)
        self._model = RefreshModel(
            pools=[(cell.kind, list_offer_numbers(problem, offers, cell.school, cell.kind)) for cell in cells]
        )

    def build(self) -> RefreshModel:
        for number, cell in enumerate(self._cells):
            self._add_cell(number, cell)
        if self._problem.team is not None:
            self._add_team()
        self._add_purchases()
        self._add_totals()
        self._add_funds()  # the column of a level is the last one, so that solutions without it begin the same
        return self._model

    def _add_cell(self, number: int, cell: FleetCell) -> None:
        model, linear = self._model, self._model.linear
        has_offers = bool(model.pools[number][1])
        for year in self._years:
            if has_offers and cell.due_in_plan:
                model.replaced[number, year] = linear.add_column(cell.due_in_plan)
            if cell.needs is not None and cell.due[year]:
                model.retired[number, year] = linear.add_column(cell.due[year])
            if cell.needs is not None and has_offers:
                model.added[number, year] = linear.add_column(max(need or 0 for need in cell.needs))
        for year in self._years:
            self._count_late_and_early(number, cell, year)
            self._count_missing(number, cell, year)

    def _count_late_and_early(self, number: int, cell: FleetCell, year: int) -> None:
        model, linear = self._model, self._model.linear
        if not cell.due_in_plan:
            return
        handled = self._sum_until(model.replaced, number, year) + self._sum_until(model.retired, number, year)
        if cell.due[year]:
            late = linear.add_column(cell.due[year], is_whole=False)
            model.late[number, year] = late
            model.weighted[late] = float(cell.weight)
            linear.add_row([(late, 1.0), *handled], lower=cell.due[year])
        if not handled:
            return
        if year == self._years[-1]:
            linear.add_row(handled, upper=cell.due_in_plan)
        elif cell.due[year] < cell.due_in_plan:
            early = linear.add_column(cell.due_in_plan, is_whole=False)
            price = self._problem.prices[cell.kind]
            model.money[early] = float(price.price / price.life)
            linear.add_row([*handled, (early, -1.0)], upper=cell.due[year])
        else:
            linear.add_row(handled, upper=cell.due_in_plan)

    def _count_missing(self, number: int, cell: FleetCell, year: int) -> None:
        need = cell.needs[year] if cell.needs is not None else None
        if need is None:
            return
        model, linear = self._model, self._model.linear
        missing = linear.add_column(need, is_whole=False)
        model.missing[number, year] = missing
        model.weighted[missing] = float(cell.weight)
        gone = [(column, -1.0) for column, _ in self._sum_until(model.retired, number, year)]
        terms = [(missing, 1.0), *self._sum_until(model.added, number, year), *gone]
        linear.add_row(terms, lower=need - cell.size)

    @staticmethod
    def _sum_until(columns: dict[tuple[int, int], int], number: int, year: int) -> Terms:
        return [(columns[number, before], 1.0) for before in range(year + 1) if (number, before) in columns]

    def _add_purchases(self) -> None:
        """Add the purchases of each pool, as many as its schools get."""
        model, linear = self._model, self._model.linear
        gets: dict[tuple[Pool, int], Terms] = defaultdict(list)
        for columns in (model.replaced, model.added):
            for (number, year), column in columns.items():
                gets[model.pools[number], year].append((column, 1.0))
        for (pool, year), terms in gets.items():
            maximum = sum(linear.upper[column] for column, _ in terms)
            price = self._problem.prices[pool[0]].price
            bought = []
            for offer_number in pool[1]:
                column = linear.add_column(maximum)
                model.bought[pool, year, offer_number] = column
                model.money[column] = float(price * self._offers[offer_number].money)
                bought.append((column, -1.0))
            linear.add_row([*terms, *bought], lower=0.0, upper=0.0)

    def _add_funds(self) -> None:
        """Limit the payments of each fund in each year; what carries over is limited up to each year."""
        payments: dict[tuple[str, int], dict[int, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
        for (pool, year, offer_number), column in self._model.bought.items():
            price = self._problem.prices[pool[0]].price
            for payment in self._offers[offer_number].payments:
                payments[payment.fund, year + payment.years_later][column] += price * payment.share
        for fund in self._problem.funds:
            if fund.total is not None or fund.name == self._limits.unlimited:
                continue
            is_leveled = fund.name == self._limits.leveled
            if is_leveled:
                self._model.level = self._model.linear.add_column(INFINITY, is_whole=False)
            paid: dict[int, Fraction] = defaultdict(Fraction)
            amount, years = Fraction(0), 0
            for year in self._years:
                if not fund.carries_over:
                    paid, amount, years = defaultdict(Fraction), Fraction(0), 0
                for column, dollars in payments[fund.name, year].items():
                    paid[column] += dollars
                years += 1
                amount += fund.amounts[year] * self._limits.share
                terms = [(column, float(dollars)) for column, dollars in paid.items()]
                if not terms:
                    continue
                if self._model.level is not None and is_leveled:
                    self._model.linear.add_row([*terms, (self._model.level, -float(years))], upper=0.0)
                else:
                    self._model.linear.add_row(terms, upper=float(amount))

    def _add_totals(self) -> None:
        for fund in self._problem.funds:
            if fund.total is None or fund.name == self._limits.unlimited:
                continue
            terms = [
                (column, float(self._problem.prices[pool[0]].price))
                for (pool, _, offer_number), column in self._model.bought.items()
                if self._offers[offer_number].fund == fund.name
            ]
            if terms:
                self._model.linear.add_row(terms, upper=float(fund.total * self._limits.share))

    def _add_team(self) -> None:
        team = self._problem.team
        assert team is not None
        model, linear = self._model, self._model.linear
        minutes: dict[int, Terms] = defaultdict(list)
        for columns in (model.replaced, model.added):
            for (number, year), column in columns.items():
                cell = self._cells[number]
                each = self._problem.prices[cell.kind].minutes
                left = team.minutes[year] - team.minutes_per_visit
                maximum = linear.upper[column] if not each else min(linear.upper[column], max(left // each, 0))
                if left < 0:
                    maximum = 0
                linear.upper[column] = float(maximum)
                if each:
                    minutes[year].append((column, float(each)))
                if team.minutes_per_visit and maximum:
                    visit = self._add_visit(cell.school, year)
                    linear.add_row([(column, 1.0), (visit, -float(maximum))], upper=0.0)
        for (_, year), visit in model.visits.items():
            minutes[year].append((visit, float(team.minutes_per_visit)))
        for year, terms in minutes.items():
            linear.add_row(terms, upper=float(team.minutes[year]))

    def _add_visit(self, school: str, year: int) -> int:
        if (school, year) not in self._model.visits:
            self._model.visits[school, year] = self._model.linear.add_column(1.0)
        return self._model.visits[school, year]
