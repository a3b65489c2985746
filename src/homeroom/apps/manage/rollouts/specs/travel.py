"""Minutes between schools, as a rollout's rules have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from homeroom.domain.manage.rollouts.spec import TravelTimes


def build_travel_times(rules: Mapping[str, Any]) -> TravelTimes:
    """Return the minutes between schools of a rollout's rules: the default, and those of pairs of schools."""
    travel = rules.get("travel", {})
    pairs = {
        frozenset((start, end)): minutes
        for start, others in travel.items()
        if isinstance(others, Mapping)
        for end, minutes in others.items()
    }
    return TravelTimes(default=travel.get("default", 0), pairs=pairs)
