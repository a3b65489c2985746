"""Which groups wait past their support, and the reason: no fund pays, the money or the team's hours are used up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction

from homeroom.domain.manage.refresh.plan import WaitingGroup
from homeroom.domain.manage.refresh.problem import RefreshProblem
from homeroom.engines.manage.refresh.accounts import count_purchases, list_visits
from homeroom.engines.manage.refresh.allocation import MoneyUse
from homeroom.engines.manage.refresh.cells import FleetCell
from homeroom.engines.manage.refresh.offers import PaymentOffer, list_offer_numbers
from homeroom.engines.manage.refresh.plan_rows import PlanRows

UNKNOWN = "cannot tell: no last good day is known"


def list_unknown_groups(problem: RefreshProblem) -> tuple[WaitingGroup, ...]:
    """Return the groups without a last good day; they are counted as devices and left alone."""
    return tuple(
        WaitingGroup(group=group.id, count=group.count, reason=UNKNOWN)
        for group in problem.groups
        if group.last_good is None and group.count
    )


def list_slips(
    problem: RefreshProblem, cells: Sequence[FleetCell], offers: tuple[PaymentOffer, ...], rows: PlanRows
) -> tuple[WaitingGroup, ...]:
    """Return each group with devices that wait, how many, and why they do in the first year of that."""
    reasons = _SlipReasons(problem, offers, rows)
    counts: dict[str, int] = defaultdict(int)
    first: dict[str, tuple[int, int]] = {}
    for (group, number, due, _), count in rows.waited.items():
        counts[group] += count
        first[group] = (number, due)
    return tuple(
        WaitingGroup(group=group, count=count, reason=reasons.explain(cells[first[group][0]], first[group][1]))
        for group, count in sorted(counts.items())
    )


class _SlipReasons:
    """Finds out what a further device of a cell would lack in a year."""

    def __init__(self, problem: RefreshProblem, offers: tuple[PaymentOffer, ...], rows: PlanRows) -> None:
        self._problem = problem
        self._offers = offers
        self._visits = list_visits(problem, rows)
        self._money = MoneyUse()
        self._minutes: dict[int, Fraction] = defaultdict(Fraction)
        self._reasons: dict[tuple[str, str, int], str] = {}
        by_name = {(offer.fund, offer.way): offer for offer in offers}
        for (kind, label, fund, way), count in count_purchases(problem, rows).items():
            price, year = problem.prices[kind], label - problem.first_year
            self._money.add(by_name[fund, way], year, price.price * count)
            self._minutes[year] += price.minutes * count
        if problem.team is not None:
            for _, year in self._visits:
                self._minutes[year - problem.first_year] += problem.team.minutes_per_visit

    def explain(self, cell: FleetCell, year: int) -> str:
        key = (cell.school, cell.kind, year)
        if key not in self._reasons:
            self._reasons[key] = self._find_reason(cell, year)
        return self._reasons[key]

    def _find_reason(self, cell: FleetCell, year: int) -> str:
        problem = self._problem
        numbers = list_offer_numbers(problem, self._offers, cell.school, cell.kind)
        if not numbers:
            return f"no fund pays for {cell.kind} in {cell.school}"
        label = year + problem.first_year
        price = problem.prices[cell.kind]
        if not any(self._has_money(self._offers[number], price.price, year) for number in numbers):
            funds = ", ".join(dict.fromkeys(self._offers[number].fund for number in numbers))
            return f"money for {cell.kind} is used up in {label}: {funds}"
        if problem.team is not None:
            needed = price.minutes
            if (cell.school, label) not in self._visits:
                needed += problem.team.minutes_per_visit
            if self._minutes[year] + needed > problem.team.minutes[year]:
                return f"the team's hours of {label} are used up"
        if not cell.weight:
            return f"{cell.kind} has the weight 0"
        return f"no better plan was found for {label}"

    def _has_money(self, offer: PaymentOffer, price: Fraction, year: int) -> bool:
        """Return True if one more device could be paid by an offer."""
        use = MoneyUse(paid=dict(self._money.paid), totals=dict(self._money.totals))
        use.add(offer, year, price)
        funds = {payment.fund for payment in offer.payments} | {offer.fund}
        for fund in self._problem.funds:
            if fund.name not in funds:
                continue
            if fund.total is not None:
                if use.totals.get(fund.name, Fraction(0)) > fund.total:
                    return False
                continue
            left = Fraction(0)
            for place in range(self._problem.year_count):
                left = (left if fund.carries_over else Fraction(0)) + fund.amounts[place]
                left -= use.paid.get((fund.name, place), Fraction(0))
                if left < 0:
                    return False
        return True
