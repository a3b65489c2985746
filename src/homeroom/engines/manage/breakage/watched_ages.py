"""How many devices of a model were watched at each day of their age, and how many broke on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from homeroom.domain.manage.estimates.breakage import Departure, WatchedDevice

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class WatchedAges:
    """Devices `watched` and `broken` by age in days from 0, and the ages of those that are there today."""

    watched: Numbers
    broken: Numbers
    ages_today: Numbers

    @property
    def hazard(self) -> Floats:
        """Share of the watched devices that broke on each day of age, 0 where none was watched."""
        hazard: Floats = self.broken / np.maximum(self.watched, 1)
        return hazard


def count_watched_ages(devices: Sequence[WatchedDevice], *, today: date) -> WatchedAges:
    """Count the devices at each day of age, from the first listed to the last day, both included."""
    first = np.array([max(0, (item.listed_since - item.in_service).days) for item in devices], dtype=np.int64)
    last = np.array([((item.left_on or today) - item.in_service).days for item in devices], dtype=np.int64)
    is_broken = np.array([item.departure is Departure.BROKEN for item in devices])
    is_there = np.array([item.left_on is None for item in devices])
    days = int(last.max()) + 1
    changes = np.bincount(first, minlength=days + 1) - np.bincount(last + 1, minlength=days + 1)
    return WatchedAges(
        watched=np.cumsum(changes)[:days],
        broken=np.bincount(last[is_broken], minlength=days),
        ages_today=last[is_there],
    )
