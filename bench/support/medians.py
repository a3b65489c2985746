"""Medians over runs, figure by figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median


def compute_medians(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the median of each figure that the first run has; every run must have it."""
    return {name: median(run[name] for run in runs) for name in runs[0]}
