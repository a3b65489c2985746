"""Estimates learn from what work really took, for the team as a whole: no outcome says whose it is.

ratio = 1 + (median(actual / estimated) - 1) x n / (n + prior_weight), kept between `least` and `most`; n is the number of
outcomes of the job. One odd day moves little, and many alike move the estimate to what they took.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from homeroom.domain.work import Learning


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One piece of done work: its job, the minutes that content estimates for it, and those that it took."""

    job: str
    estimated: int
    actual: int


def ratios(outcomes: Iterable[Outcome], *, learning: Learning) -> dict[str, float]:
    """By what each job's estimate is multiplied; a job without outcomes is not there."""
    seen: dict[str, list[float]] = {}
    for one in outcomes:
        if one.estimated > 0 and one.actual > 0:
            seen.setdefault(one.job, []).append(one.actual / one.estimated)
    return {job: _shrunken(sorted(found), learning) for job, found in seen.items()}


def _shrunken(found: list[float], learning: Learning) -> float:
    trust = len(found) / (len(found) + learning.prior_weight)
    return min(learning.most, max(learning.least, 1 + (median(found) - 1) * trust))
