"""Contracts of tools: which run, what a year costs, and for which schools."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import duckdb

from homeroom.domain.manage.tools.capabilities import Audience
from homeroom.domain.manage.tools.school_names import SchoolNames, means_all_schools
from homeroom.engines.manage.tools.schools import Schools, Scope

DOLLARS = "USD"
"""The currency of a list that names none."""
YEAR_DAYS = Fraction(36525, 100)
MAX_YEAR = 366
"""A term of more days is longer than a year."""
_CONTRACTS_SQL = """SELECT instance, key, seats, cost_minor, nullif(upper(trim(currency)), '') AS currency, starts_on,
    ends_on, renews, notice_on, coalesce(schools, []) AS schools FROM contract_records ORDER BY instance, key"""


@dataclass(frozen=True, kw_only=True)
class Contract:
    """A contract of a tool as it is written: None for what is not."""

    key: str
    tool: str
    seats: int | None
    cost_minor: int | None
    currency: str
    starts_on: date | None
    ends_on: date | None
    renews: bool | None
    notice_on: date | None
    scope: Scope

    def is_running(self, today: date) -> bool:
        """Check whether it runs on a day: from its first to its last day; a missing day is open."""
        return (self.starts_on is None or self.starts_on <= today) and (self.ends_on is None or self.ends_on >= today)

    @property
    def year_minor(self) -> int | None:
        """A year's cost: the price; of a term over 366 days, its share for 365.25 days. None without a price."""
        if self.cost_minor is None or self.starts_on is None or self.ends_on is None:
            return self.cost_minor
        days = (self.ends_on - self.starts_on).days + 1
        return self.cost_minor if days <= MAX_YEAR else round_half_up(Fraction(self.cost_minor) * YEAR_DAYS / days)


@dataclass(frozen=True, kw_only=True)
class ToolMoney:
    """What the running contracts of a tool cost together.

    `costs` is whether they cost money, None where that is not written. `year_minor` is None where a price is missing or
    currencies are mixed.
    """

    costs: bool | None = False
    year_minor: int | None = None
    currency: str | None = None


def read_contracts(
    session: duckdb.DuckDBPyConnection, *, tools: Mapping[tuple[str, str], str], names: SchoolNames
) -> tuple[Contract, ...]:
    """Read the contracts, each with its tool."""
    cursor = session.execute(_CONTRACTS_SQL)
    return tuple(
        Contract(
            key=str(key),
            tool=tools[str(instance), str(key)],
            seats=seats,
            cost_minor=cost,
            currency=currency or DOLLARS,
            starts_on=starts,
            ends_on=ends,
            renews=renews,
            notice_on=notice,
            scope=build_scope(schools, names),
        )
        for instance, key, seats, cost, currency, starts, ends, renews, notice, schools in cursor.fetchall()
    )


def build_scope(schools: Sequence[str], names: SchoolNames) -> Scope:
    """Return the schools of a cell by name; None for all, which a cell without a school is too."""
    written = [name for cell in schools for name in _split_names(cell, names) if name.strip()]
    if not written or any(means_all_schools(name) for name in written):
        return None
    return frozenset(map(names.resolve, written))


def _split_names(cell: str, names: SchoolNames) -> Sequence[str]:
    """Return the names in a cell; one with commas is several, unless a school is called so."""
    return cell.split(",") if "," in cell and not names.has(cell) else [cell]


def sum_money(contracts: Iterable[Contract]) -> ToolMoney:
    """Add up a year of running contracts; different currencies are never added."""
    years = [(contract.year_minor, contract.currency) for contract in contracts]
    if not years:
        return ToolMoney()
    amounts = [amount for amount, _ in years if amount is not None]
    currencies = {currency for _, currency in years}
    is_complete = len(amounts) == len(years)
    costs = True if any(amounts) else False if is_complete else None
    if not is_complete or len(currencies) > 1:
        return ToolMoney(costs=costs)
    return ToolMoney(costs=costs, year_minor=sum(amounts), currency=next(iter(currencies)))


def share_cost(money: ToolMoney, *, scope: Scope, shared: Scope, schools: Schools) -> int | None:
    """Return the part of a year's cost that falls to the shared schools, by students; None if unknown."""
    if money.year_minor is None or shared == scope:
        return money.year_minor
    everywhere = frozenset(schools.list_for(Audience.STUDENTS))
    own, part = (
        schools.count_people(everywhere if names is None else names, Audience.STUDENTS) for names in (scope, shared)
    )
    return round_half_up(Fraction(money.year_minor * part, own)) if own else None


def sum_seats(contracts: Iterable[Contract]) -> int | None:
    """Add up the seats of contracts; None where any is unlimited or does not say."""
    seats = [contract.seats for contract in contracts]
    counted = [number for number in seats if number is not None]
    return sum(counted) if counted and len(counted) == len(seats) else None


def round_half_up(amount: Fraction) -> int:
    """Round to whole minor units, a half upwards."""
    return int((amount * 2 + 1) // 2)
