"""Time to fix: the days from the day on which a device was first known to lack a remedy to the day it had it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class TimeToFix:
    """The remedies that arrived on one class of device: their number, and the mean and median of their days."""

    kind: str
    fixed: int
    mean: float
    median: float


def compute_time_to_fix(counts: Iterable[tuple[str, int, int]]) -> tuple[TimeToFix, ...]:
    """Compute the time to fix of each class from (class, days, count).

    A class without fixed vulnerabilities is left out.
    """
    by_class: dict[str, dict[int, int]] = {}
    for kind, days, count in counts:
        class_counts = by_class.setdefault(kind, {})
        class_counts[days] = class_counts.get(days, 0) + count
    return tuple(
        _summarize_days(kind, day_counts) for kind, day_counts in sorted(by_class.items()) if sum(day_counts.values())
    )


def _summarize_days(kind: str, day_counts: dict[int, int]) -> TimeToFix:
    fixed = sum(day_counts.values())
    total = sum(days * count for days, count in day_counts.items())
    low, high = _find_nth_days(day_counts, (fixed - 1) // 2), _find_nth_days(day_counts, fixed // 2)
    return TimeToFix(kind=kind, fixed=fixed, mean=total / fixed, median=(low + high) / 2)


def _find_nth_days(day_counts: dict[int, int], position: int) -> int:
    """Return the days at a position in ascending order."""
    for days in sorted(day_counts):
        position -= day_counts[days]
        if position < 0:
            return days
    return max(day_counts)
