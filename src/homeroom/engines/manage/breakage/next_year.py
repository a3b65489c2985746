"""How many of the devices that are there break within the next year, and how many that may be.

The interval is for the number that will be counted: what is unknown of the shares, and chance. Source: the gamma
interval of weighted counts, Fay and Feuer (1997).
"""

from __future__ import annotations

import numpy as np

from homeroom.domain.manage.estimates.intervals import LEVEL, EstimateInterval
from homeroom.domain.manage.estimates.quantiles import estimate_gamma_quantile
from homeroom.engines.manage.breakage.watched_ages import Floats, WatchedAges

YEAR = 365
MAX_UNWATCHED = 0.5
"""The largest share of the next year's days of age that no device has reached before."""


def predict_next_year(ages: WatchedAges) -> tuple[float, EstimateInterval] | None:
    """Return how many break within a year, and the interval; None if most reach ages that were never watched.

    At an age that was never watched, devices break as in the last year of age that was.
    """
    reached = _count_reached(ages)
    days = len(reached)
    watched = np.zeros(days)
    watched[: len(ages.watched)] = ages.watched
    if not reached.sum():
        return 0.0, EstimateInterval(low=0.0, high=0.0)
    if reached[watched == 0].sum() > MAX_UNWATCHED * reached.sum():
        return None
    events = np.zeros(days)
    events[: len(ages.broken)] = ages.broken
    watched, events, reached = _fill_unwatched(watched, events, reached)
    counted = watched > 0
    weights = reached[counted] / watched[counted]
    # A device that breaks cannot break again: of those that reach a day, some are gone.
    expected = float((weights * events[counted]).sum())
    expected = len(ages.ages_today) * (1 - float(np.exp(-expected / len(ages.ages_today))))
    unknown = float((weights**2 * events[counted]).sum())
    usual = float((weights * reached[counted]).sum() / reached[counted].sum())
    tail = (1 - LEVEL) / 2
    low = estimate_gamma_quantile(tail, expected, unknown + expected)
    high = estimate_gamma_quantile(1 - tail, expected + usual, unknown + usual**2 + expected + usual)
    return expected, EstimateInterval(low=low, high=min(max(high, expected), float(len(ages.ages_today))))


def _count_reached(ages: WatchedAges) -> Floats:
    """Return how many of the devices of today pass each day of age within a year."""
    starts = np.bincount(ages.ages_today + 1, minlength=len(ages.watched) + YEAR + 2)
    ends = np.bincount(ages.ages_today + 1 + YEAR, minlength=len(starts))
    reached: Floats = np.cumsum(starts - ends).astype(float)
    return reached


def _fill_unwatched(watched: Floats, events: Floats, reached: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the days of age with those that nobody watched counted as the last watched year, on average."""
    missing = (watched == 0) & (reached > 0)
    if not missing.any():
        return watched, events, reached
    last = np.flatnonzero(watched > 0)[-YEAR:]
    extra = np.zeros_like(reached)
    extra[last] = float(reached[missing].sum()) * watched[last] / float(watched[last].sum())
    return watched, events, np.where(missing, 0.0, reached) + extra
