"""The share that broke by an age: the product-limit estimate with delayed entry, and its interval.

A list that began later hides what broke before: a device counts only from the age at which it was listed (Tsai, Jewell
and Wang 1987). The interval is the beta product of Fay, Brittain and Proschan (2013), which holds where few devices are
watched; as more may come under watch with age, the extra factor of its lower end is that of the harmonic mean watched.
"""

from __future__ import annotations

import numpy as np

from homeroom.domain.manage.estimates.breakage import BrokenShare
from homeroom.domain.manage.estimates.intervals import LEVEL, EstimateInterval
from homeroom.domain.manage.estimates.quantiles import compute_beta_quantile
from homeroom.engines.manage.breakage.watched_ages import Floats, WatchedAges

MIN_BROKEN = 10
DAYS_A_YEAR = 365.25
MAX_GAP = 31
"""Days of age on which no device was watched that do not matter."""


def estimate_broken_share(ages: WatchedAges, years: int) -> BrokenShare:
    """Estimate the share of a model that broke by the age of so many years, that day included."""
    days = int(years * DAYS_A_YEAR) + 1
    if (broken := int(ages.broken.sum())) < MIN_BROKEN:
        return BrokenShare(years=years, why=f"under {MIN_BROKEN} breakages: {broken}")
    if len(ages.watched) < days or not ages.watched[days - 1]:
        return BrokenShare(years=years, why="devices of that age were never watched")
    watched, events = ages.watched[:days], ages.broken[:days]
    if gap := find_gap(ages, days):
        return BrokenShare(years=years, why=f"devices of that age were never watched from day {gap[0]} to {gap[1]}")
    surviving = float(np.prod(1 - ages.hazard[:days]))
    next_watched = min(1 / float(np.mean(1 / np.maximum(watched, 1))), float(max(watched[-1] - events[-1], 1)))
    low, high = _find_ends(watched.astype(float)[events > 0], events.astype(float)[events > 0], next_watched)
    interval = EstimateInterval(low=min(1 - high, 1 - surviving), high=max(1 - low, 1 - surviving))
    return BrokenShare(years=years, share=1 - surviving, interval=interval)


def find_gap(ages: WatchedAges, days: int) -> tuple[int, int] | None:
    """Return the first and last day of the first long stretch of ages at which no device was watched."""
    watched = np.flatnonzero(ages.watched[:days] > 0)
    edges = np.concatenate([[-1], watched, [days]])
    gaps = np.diff(edges) - 1
    if not (gaps > MAX_GAP).any():
        return None
    place = int(np.argmax(gaps > MAX_GAP))
    return int(edges[place] + 1), int(edges[place + 1] - 1)


def _find_ends(watched: Floats, events: Floats, next_watched: float) -> tuple[float, float]:
    """Return the ends of the interval of the share that survives."""
    tail = (1 - LEVEL) / 2
    low = compute_beta_quantile(
        tail, *_match_beta(np.append(watched - events + 1, next_watched), np.append(events, 1.0))
    )
    if not len(events):
        return low, 1.0
    return low, compute_beta_quantile(1 - tail, *_match_beta(watched - events + 1, events))


def _match_beta(alphas: Floats, betas: Floats) -> tuple[float, float]:
    """Return the beta distribution with the mean and variance of a product of independent ones."""
    totals = alphas + betas
    mean = float(np.exp(np.log(alphas / totals).sum()))
    ratio = float(np.exp(np.log(alphas * (alphas + 1) / (totals * (totals + 1))).sum())) / mean
    size = (1 - ratio) / max(ratio - mean, 1e-15)
    return mean * size, (1 - mean) * size
