"""What came of a drill: who missed it and who reported it, as rates with intervals, and what was taken out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from homeroom.domain.manage.estimates.intervals import EstimateInterval
from homeroom.domain.manage.estimates.proportions import compute_wilson_interval


@dataclass(frozen=True, kw_only=True)
class PeopleRate:
    """A number of people among `total` whose outcome is known, with the interval of 95 %; no rate among nobody."""

    people: int
    total: int

    @property
    def rate(self) -> float | None:
        """The share; None among nobody."""
        return self.people / self.total if self.total else None

    @property
    def interval(self) -> EstimateInterval | None:
        """The interval of the share; None among nobody."""
        return compute_wilson_interval(self.people, self.total) if self.total else None


@dataclass(frozen=True, kw_only=True)
class SchoolRates:
    """The rates of a school; the last row can be of several small schools."""

    school: str
    delivered: int
    missed: PeopleRate
    reported: PeopleRate


@dataclass(frozen=True, kw_only=True)
class DrillResult:
    """The result of a drill.

    `people` were written to, `delivered` are those without a bounce. `raw` clicked or posted by the log, `missed` by
    judged events; those whose outcome is unknown are in neither part of its rate. Minutes are from a person's own
    delivery. `by_rule` counts removed events, an event under each of its rules.
    """

    file: str
    drill: str
    people: int
    delivered: int
    raw: int
    missed: PeopleRate
    cannot_tell: int
    reported: PeopleRate
    first_minutes: float | None
    median_minutes: float | None
    removed: int
    by_rule: Mapping[str, int]
    schools: tuple[SchoolRates, ...] | None = None
