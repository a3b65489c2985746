"""The figures of a plan, counted again from its rows: W, payments, what is thrown away, visits."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from homeroom.domain.manage.refresh.plan import RefreshCosts
from homeroom.domain.manage.refresh.problem import RefreshProblem
from homeroom.engines.manage.refresh.allocation import MoneyUse
from homeroom.engines.manage.refresh.cells import FleetCell
from homeroom.engines.manage.refresh.offers import PaymentOffer
from homeroom.engines.manage.refresh.plan_rows import PlanRows


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
    use, money, thrown_away = MoneyUse(), Fraction(0), Fraction(0)
    for (kind, year, fund, way), count in count_purchases(problem, rows).items():
        offer, price = by_name[fund, way], problem.prices[kind]
        use.add(offer, year, price.price * count)
        money += offer.money * price.price * count
    for kind, years in _count_early_years(problem, rows).items():
        thrown_away += problem.prices[kind].price * years / problem.prices[kind].life
    last = problem.years[-1]
    return RefreshCosts(
        paid=_split_years(problem, use, lambda year: year <= last),
        committed=_split_years(problem, use, lambda year: year > last),
        thrown_away=thrown_away,
        money=money + thrown_away,
    )


def count_purchases(problem: RefreshProblem, rows: PlanRows) -> Counter[tuple[str, int, str, str]]:
    """Count the devices that are paid, by kind, year, fund and way."""
    kinds = {group.id: group.kind for group in problem.groups}
    counts: Counter[tuple[str, int, str, str]] = Counter()
    for replaced in rows.replaced:
        counts[kinds[replaced.group], replaced.year, replaced.fund, replaced.way] += replaced.count
    for added in rows.added:
        counts[added.kind, added.year, added.fund, added.way] += added.count
    return counts


def _count_early_years(problem: RefreshProblem, rows: PlanRows) -> Counter[str]:
    """Count the years by which devices are replaced before they are due, by kind."""
    groups = {group.id: group for group in problem.groups}
    counts: Counter[str] = Counter()
    for replaced in rows.replaced:
        group = groups[replaced.group]
        assert group.last_good is not None
        early = problem.calendar.find_due_year(group.last_good) - replaced.year
        if early > 0:
            counts[group.kind] += early * replaced.count
    return counts


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
