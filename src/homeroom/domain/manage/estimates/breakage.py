"""Breakage: how long devices of a model were watched, and how many broke by which age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from homeroom.domain.manage.estimates.intervals import EstimateInterval

AGES = range(1, 7)
"""The ages in years by which the share that broke is estimated."""


class Departure(StrEnum):
    """How a device left. Only the first is breakage; after the others it was not watched any more."""

    BROKEN = "broken"
    LOST = "lost"
    RETIRED = "retired"
    SOLD = "sold"


@dataclass(frozen=True, kw_only=True)
class WatchedDevice:
    """A device: when it came, was listed first, and left; `left_on` and `departure` are None if it did not.

    What happened before `listed_since` is unknown: had it broken by then, it would not be in the list.
    """

    device: str
    model: str
    in_service: date
    listed_since: date
    left_on: date | None = None
    departure: Departure | None = None


@dataclass(frozen=True, kw_only=True)
class BrokenShare:
    """The share of a model that broke by an age in years, with an interval of 95 %, or why it cannot be estimated."""

    years: int
    share: float | None = None
    interval: EstimateInterval | None = None
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class ModelBreakage:
    """Breakage of a model: `expected` of the devices that are there break in the next year, None if unknown."""

    model: str
    devices: int
    broken: int
    by_age: tuple[BrokenShare, ...]
    expected: float | None
    expected_interval: EstimateInterval | None
