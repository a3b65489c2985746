"""A refresh plan: what is replaced, retired and added in each fiscal year, what it costs, and who waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, kw_only=True)
class ReplacedDevices:
    """Devices of a group that are replaced at the start of a year."""

    group: str
    year: int
    fund: str
    way: str
    count: int


@dataclass(frozen=True, kw_only=True)
class RetiredDevices:
    """Devices of a group that are retired without successor at the start of a year."""

    group: str
    year: int
    count: int


@dataclass(frozen=True, kw_only=True)
class AddedDevices:
    """Devices that a school gets at the start of a year beside those that it has."""

    school: str
    kind: str
    year: int
    fund: str
    way: str
    count: int


@dataclass(frozen=True, kw_only=True)
class WaitingGroup:
    """Devices of a group that wait past their support, or whose last good day is unknown, and the reason."""

    group: str
    count: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class RefreshCosts:
    """Payments of each fund by year, those after the last year of the plan, and what is thrown away; in dollars.

    `paid` and `committed` are by fund and year. `money` is what plans of the same W are compared by: payments of all
    funds except the shares that a fund with a total pays, and what is thrown away.
    """

    paid: Mapping[str, Mapping[int, Fraction]]
    committed: Mapping[str, Mapping[int, Fraction]]
    thrown_away: Fraction
    money: Fraction


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """What a share of the money leaves: the weighted years of a plan."""

    share: Fraction
    weighted: Fraction


@dataclass(frozen=True, kw_only=True)
class LevelAmount:
    """The least equal yearly amount of a fund, in dollars, with which the least W is reached."""

    fund: str
    amount: Fraction


@dataclass(frozen=True, kw_only=True)
class RefreshPlan:
    """A plan with its figures. `weighted` is W; no plan can have less than `bound`."""

    years: tuple[int, ...]
    replaced: tuple[ReplacedDevices, ...]
    retired: tuple[RetiredDevices, ...]
    added: tuple[AddedDevices, ...]
    weighted: Fraction
    past_support: int
    missing: int
    bound: Fraction
    costs: RefreshCosts
    visits: int
    slips: tuple[WaitingGroup, ...]
    unknown: tuple[WaitingGroup, ...]
    curve: tuple[CurvePoint, ...] = ()
    level: LevelAmount | None = None

    @property
    def gap(self) -> Fraction | None:
        """How far W is above its bound, as a share of the bound; None if the bound is 0 and W is not."""
        if self.weighted == self.bound:
            return Fraction(0)
        return (self.weighted - self.bound) / self.bound if self.bound else None
