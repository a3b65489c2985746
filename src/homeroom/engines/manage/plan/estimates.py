"""Estimates learned from the actual minutes of finished work, for the team as a group: outcomes name no person.

ratio = 1 + (median(actual / estimated) - 1) x n / (n + prior_weight), limited to `least` and `most`; n is the number of
outcomes of the job. One unusual day changes little, and many similar ones move the estimate to the actual minutes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from homeroom.domain.manage.planning import EstimateLearning


@dataclass(frozen=True, kw_only=True)
class WorkOutcome:
    """One finished piece of work: its job, the estimated minutes, and the actual ones."""

    job: str
    estimated: int
    actual: int


def compute_ratios(outcomes: Iterable[WorkOutcome], *, learning: EstimateLearning) -> dict[str, float]:
    """Return the factor for each job's estimate; a job without outcomes is left out."""
    ratios_by_job: dict[str, list[float]] = {}
    for outcome in outcomes:
        if outcome.estimated > 0 and outcome.actual > 0:
            ratios_by_job.setdefault(outcome.job, []).append(outcome.actual / outcome.estimated)
    return {job: _shrink_ratio(sorted(job_ratios), learning) for job, job_ratios in ratios_by_job.items()}


def _shrink_ratio(job_ratios: list[float], learning: EstimateLearning) -> float:
    weight = len(job_ratios) / (len(job_ratios) + learning.prior_weight)
    return min(learning.most, max(learning.least, 1 + (median(job_ratios) - 1) * weight))
