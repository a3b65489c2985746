"""What the bench of breakage measures holds at a small size each time, and at its own size in a thorough run."""

from __future__ import annotations

import pytest

from bench.estimates.breakage import DEVICES, GOALS, MODELS, measure

TIMED = {"cpu_seconds"}
"""Goals that the bench alone judges: time decides no test."""


@pytest.mark.parametrize(
    ("models", "devices"), [(30, 9_000), pytest.param(MODELS, DEVICES, marks=pytest.mark.thorough)]
)
def test_intervals_cover_the_shares_that_devices_were_made_from(models: int, devices: int):
    figures = measure(runs=1, models=models, devices=devices)
    missed = {
        name: figures[name] for name, goal in GOALS.items() if name not in TIMED and not goal.is_met_by(figures[name])
    }
    assert missed == {}
    assert (figures["shares"] or 0) > 50
    assert (figures["plain_division_covers_percent"] or 100) < 60
