"""Whole numbers from the values of a model: what each cell gets in each year, and the purchases that pay for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from homeroom.domain.manage.refresh.problem import RefreshProblem
from homeroom.engines.manage.refresh.cells import FleetCell
from homeroom.engines.manage.refresh.offers import PaymentOffer
from homeroom.engines.manage.refresh.refresh_model import Pool, RefreshModel
from homeroom.engines.manage.refresh.solver import Values


@dataclass(kw_only=True)
class Allocation:
    """Devices by (cell, year) that are replaced, retired and added, and purchases by (pool, year, offer)."""

    replaced: dict[tuple[int, int], int]
    retired: dict[tuple[int, int], int]
    added: dict[tuple[int, int], int]
    bought: dict[tuple[Pool, int, int], int]


def read_allocation(model: RefreshModel, values: Values) -> Allocation:
    """Round the values of a solution, which are whole within the solver's tolerance."""

    def read[Key](columns: Mapping[Key, int]) -> dict[Key, int]:
        counts = {key: round(float(values[column])) for key, column in columns.items()}
        return {key: count for key, count in counts.items() if count > 0}

    return Allocation(
        replaced=read(model.replaced), retired=read(model.retired), added=read(model.added), bought=read(model.bought)
    )


def count_weighted(cells: Sequence[FleetCell], allocation: Allocation) -> Fraction:
    """Return W of an allocation whose devices are handled in the order in which they are due."""
    weighted = Fraction(0)
    for number, cell in enumerate(cells):
        handled, devices = 0, cell.size
        for year, due in enumerate(cell.due):
            retired = allocation.retired.get((number, year), 0)
            handled += allocation.replaced.get((number, year), 0) + retired
            devices += allocation.added.get((number, year), 0) - retired
            need = cell.needs[year] if cell.needs is not None else None
            weighted += cell.weight * (max(due - handled, 0) + max((need or 0) - devices, 0))
    return weighted


@dataclass(kw_only=True)
class MoneyUse:
    """Dollars that funds paid by (fund, year), the last years included, and those counted against totals."""

    paid: dict[tuple[str, int], Fraction] = field(default_factory=dict)
    totals: dict[str, Fraction] = field(default_factory=dict)

    def add(self, offer: PaymentOffer, year: int, dollars: Fraction) -> None:
        """Add the payments of a purchase."""
        for payment in offer.payments:
            key = (payment.fund, year + payment.years_later)
            self.paid[key] = self.paid.get(key, Fraction(0)) + dollars * payment.share
        if offer.uses_total:
            self.totals[offer.fund] = self.totals.get(offer.fund, Fraction(0)) + dollars


def compute_money_use(
    problem: RefreshProblem, offers: tuple[PaymentOffer, ...], bought: Mapping[tuple[Pool, int, int], int]
) -> MoneyUse:
    """Return what purchases cost each fund, exactly."""
    use = MoneyUse()
    for (pool, year, offer), count in bought.items():
        use.add(offers[offer], year, problem.prices[pool[0]].price * count)
    return use


def find_overdrawn(problem: RefreshProblem, use: MoneyUse) -> tuple[str, int] | None:
    """Return a fund that pays more than it has, with the first year of that; None if all funds hold."""
    for fund in problem.funds:
        if fund.total is not None:
            if use.totals.get(fund.name, Fraction(0)) > fund.total:
                return fund.name, problem.year_count - 1
            continue
        left = Fraction(0)
        for year in range(problem.year_count):
            left = (left if fund.carries_over else 0) + fund.amounts[year]
            left -= use.paid.get((fund.name, year), Fraction(0))
            if left < 0:
                return fund.name, year
    return None


def repair_allocation(
    problem: RefreshProblem, offers: tuple[PaymentOffer, ...], model: RefreshModel, allocation: Allocation
) -> None:
    """Take back single devices until purchases and devices agree and each fund holds to the cent.

    Solutions are whole and within bounds up to the solver's tolerance, so there is next to nothing to do.
    """
    while (overdrawn := find_overdrawn(problem, compute_money_use(problem, offers, allocation.bought))) is not None:
        fund, year = overdrawn
        purchase = min(
            (key for key in allocation.bought if _is_paid_by(offers[key[2]], fund, key[1], year)),
            key=lambda key: (problem.prices[key[0][0]].weight, str(key)),
        )
        _reduce_count(allocation.bought, purchase)
    for pool, year in sorted(
        {(model.pools[number], year) for number, year in (*allocation.replaced, *allocation.added)}
    ):
        bought = sum(count for key, count in allocation.bought.items() if key[:2] == (pool, year))
        for counts in (allocation.added, allocation.replaced):
            for key in [key for key in counts if (model.pools[key[0]], key[1]) == (pool, year)]:
                while _sum_uses(model, allocation, pool, year) > bought and key in counts:
                    _reduce_count(counts, key)


def _is_paid_by(offer: PaymentOffer, fund: str, bought_in: int, year: int) -> bool:
    if offer.uses_total and offer.fund == fund:
        return True
    return any(payment.fund == fund and bought_in + payment.years_later <= year for payment in offer.payments)


def _sum_uses(model: RefreshModel, allocation: Allocation, pool: Pool, year: int) -> int:
    return sum(
        count
        for counts in (allocation.replaced, allocation.added)
        for (number, used_in), count in counts.items()
        if used_in == year and model.pools[number] == pool
    )


def _reduce_count[Key](counts: dict[Key, int], key: Key) -> None:
    counts[key] -= 1
    if not counts[key]:
        del counts[key]
