"""The figures of a plan, counted again from its rows: W, payments, what is thrown away, visits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from homeroom.domain.refresh.plan import RefreshCosts
from homeroom.domain.refresh.problem import RefreshProblem
from homeroom.engines.refresh.allocation import MoneyUse
from homeroom.engines.refresh.cells import FleetCell
from homeroom.engines.refresh.offers import PaymentOffer
from homeroom.engines.refresh.plan_rows import PlanRows


@dataclass(frozen=True, kw_only=True)
class WaitedYears:
    """Device-years past support and missing, and both together by weight."""

    past_support: int
    missing: int
    weighted: Fraction


def count_waited_years(problem: RefreshProblem, cells: Sequence[FleetCell], rows: PlanRows) -> WaitedYears:
    """Count device-years past support and missing in the years of the plan."""
    past_support, missing, weighted = 0, 0, Fraction(0)
    for (_, number, due, handled), count in rows.waited.items():
        years = (problem.year_count if handled is None else handled) - due
        past_support += count * years
        weighted += cells[number].weight * count * years
    changes: dict[tuple[str, str, int], int] = defaultdict(int)
    groups = {group.id: group for group in problem.groups}
    for added in rows.added:
        changes[added.school, added.kind, added.year] += added.count
    for retired in rows.retired:
        group = groups[retired.group]
        changes[group.school, group.kind, retired.year] -= retired.count
    for cell in cells:
        devices = cell.size
        for place, year in enumerate(problem.years):
            devices += changes[cell.school, cell.kind, year]
            need = cell.needs[place] if cell.needs is not None else None
            if need is not None and need > devices:
                missing += need - devices
                weighted += cell.weight * (need - devices)
    return WaitedYears(past_support=past_support, missing=missing, weighted=weighted)


def compute_costs(problem: RefreshProblem, offers: tuple[PaymentOffer, ...], rows: PlanRows) -> RefreshCosts:
    """Return what a plan costs, exactly."""
    by_name = {(offer.fund, offer.way): offer for offer in offers}
    groups = {group.id: group for group in problem.groups}
    use, money, thrown_away = MoneyUse(), Fraction(0), Fraction(0)
    for replaced in rows.replaced:
        group = groups[replaced.group]
        price = problem.prices[group.kind]
        offer = by_name[replaced.fund, replaced.way]
        use.add(offer, replaced.year, price.price * replaced.count)
        money += offer.money * price.price * replaced.count
        assert group.last_good is not None
        early = problem.calendar.find_due_year(group.last_good) - replaced.year
        thrown_away += price.price * max(early, 0) / price.life * replaced.count
    for added in rows.added:
        price = problem.prices[added.kind]
        offer = by_name[added.fund, added.way]
        use.add(offer, added.year, price.price * added.count)
        money += offer.money * price.price * added.count
    last = problem.years[-1]
    return RefreshCosts(
        paid=_split_years(problem, use, lambda year: year <= last),
        committed=_split_years(problem, use, lambda year: year > last),
        thrown_away=thrown_away,
        money=money + thrown_away,
    )


def _split_years(problem: RefreshProblem, use: MoneyUse, fits: object) -> Mapping[str, Mapping[int, Fraction]]:
    assert callable(fits)
    return {
        fund.name: {
            year: dollars for (name, year), dollars in sorted(use.paid.items()) if name == fund.name and fits(year)
        }
        for fund in problem.funds
    }


def list_visits(problem: RefreshProblem, rows: PlanRows) -> frozenset[tuple[str, int]]:
    """Return the schools and years in which anything is replaced or added."""
    schools = {group.id: group.school for group in problem.groups}
    return frozenset(
        {(schools[item.group], item.year) for item in rows.replaced} | {(item.school, item.year) for item in rows.added}
    )
