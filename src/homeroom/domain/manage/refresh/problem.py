"""What a refresh plan is made from: groups of devices, prices, needs, funds, ways to pay and the team's time.

Money is an exact number of dollars, time of minutes; years are fiscal years.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from homeroom.domain.manage.refresh.fiscal_years import FiscalCalendar


@dataclass(frozen=True, kw_only=True, slots=True)
class FleetGroup:
    """Devices of a school that are alike; without `last_good`, it is unknown when they are due."""

    id: str
    school: str
    kind: str
    count: int
    last_good: date | None


@dataclass(frozen=True, kw_only=True)
class DevicePrice:
    """What a device of a kind costs: dollars, the years that it lasts, the minutes of its visit, and its weight."""

    kind: str
    price: Fraction
    life: Fraction
    minutes: Fraction
    weight: Fraction


@dataclass(frozen=True, kw_only=True)
class RefreshFund:
    """Money for devices, with the schools and kinds that it may pay for (None: all).

    A fund with `total` pays the share `pays` of prices that count in full against the total over all years; the fund
    `match` pays the rest in the same year. Any other fund has an amount for each year of the plan.
    """

    name: str
    amounts: tuple[Fraction, ...] = ()
    carries_over: bool = False
    total: Fraction | None = None
    pays: Fraction = Fraction(1)
    match: str | None = None
    schools: frozenset[str] | None = None
    kinds: frozenset[str] | None = None

    def may_pay_for(self, school: str, kind: str) -> bool:
        """Return True if the fund may pay for a device of this kind in this school."""
        return (self.schools is None or school in self.schools) and (self.kinds is None or kind in self.kinds)


@dataclass(frozen=True, kw_only=True)
class PaymentWay:
    """A way to pay: shares of the price in the year of the purchase and in the years after it."""

    name: str
    payments: tuple[Fraction, ...]
    kinds: frozenset[str] | None = None
    funds: frozenset[str] | None = None

    def may_use(self, fund: RefreshFund, kind: str) -> bool:
        """Return True if the fund may pay this way for a kind; a fund with a total takes one payment only."""
        if fund.total is not None and len(self.payments) > 1:
            return False
        return (self.kinds is None or kind in self.kinds) and (self.funds is None or fund.name in self.funds)


@dataclass(frozen=True, kw_only=True)
class TeamTime:
    """The team's minutes in each year of the plan, and those that a visit takes beside those of its devices."""

    minutes: tuple[Fraction, ...]
    minutes_per_visit: Fraction


@dataclass(frozen=True, kw_only=True)
class RefreshProblem:
    """Everything that a plan has to obey. `needs` are devices by school, kind and year."""

    first_year: int
    year_count: int
    calendar: FiscalCalendar
    groups: tuple[FleetGroup, ...]
    prices: Mapping[str, DevicePrice]
    needs: Mapping[tuple[str, str, int], int]
    funds: tuple[RefreshFund, ...]
    ways: tuple[PaymentWay, ...]
    team: TeamTime | None = None

    @property
    def years(self) -> tuple[int, ...]:
        """The fiscal years of the plan."""
        return tuple(range(self.first_year, self.first_year + self.year_count))
