"""How long flaws stay: the days from the day on which a device was first known to lack a remedy to the day it had it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Lasting:
    """Of one class of device: how many remedies arrived, after how many days on average, and for half of them."""

    kind: str
    fixed: int
    mean: float
    median: float


def lasting(counts: Iterable[tuple[str, int, int]]) -> tuple[Lasting, ...]:
    """From (class, days, how many), by class; what nobody fixed says nothing and is not there."""
    by_class: dict[str, dict[int, int]] = {}
    for kind, days, many in counts:
        of = by_class.setdefault(kind, {})
        of[days] = of.get(days, 0) + many
    return tuple(_of(kind, found) for kind, found in sorted(by_class.items()) if sum(found.values()))


def _of(kind: str, found: dict[int, int]) -> Lasting:
    fixed = sum(found.values())
    total = sum(days * many for days, many in found.items())
    low, high = _at(found, (fixed - 1) // 2), _at(found, fixed // 2)
    return Lasting(kind=kind, fixed=fixed, mean=total / fixed, median=(low + high) / 2)


def _at(found: dict[int, int], place: int) -> int:
    """The days at that place of all in order."""
    for days in sorted(found):
        place -= found[days]
        if place < 0:
            return days
    return max(found)
