"""What the bench of effects measures holds at a small size each time, and at its own size in a thorough run."""

from __future__ import annotations

import pytest

from bench.estimates.effect import GOALS, ROLLOUTS, UNTOLD_ROLLOUTS, measure

TIMED = {"cpu_seconds", "times_peer_found"}
"""Goals that the bench alone judges: time decides no test, and the peer is not installed here."""
WIDER = {"covered_percent": (91, 100), "false_claims_percent": (0, 8)}
"""Bounds of shares that a small sample moves."""


@pytest.mark.parametrize(
    ("rollouts", "untold"), [(120, 20), pytest.param(ROLLOUTS, UNTOLD_ROLLOUTS, marks=pytest.mark.thorough)]
)
def test_intervals_cover_and_nothing_is_claimed_that_cannot_be_judged(rollouts: int, untold: int):
    figures = measure(rollouts=rollouts, untold=untold)
    missed = {
        name: figures[name]
        for name, goal in GOALS.items()
        if name not in TIMED | set(WIDER) and not goal.is_met_by(figures[name])
    }
    for name, (low, high) in WIDER.items():
        if not low <= (figures[name] or 0) <= high:
            missed[name] = figures[name]
    assert missed == {}
    assert (figures["found_percent"] or 0) > 70
