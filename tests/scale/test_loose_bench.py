"""What the bench of loose data measures holds at a small size each time, and at its own size in a thorough run."""

from __future__ import annotations

import pytest

from bench.loose_data.loose import DOCUMENTS, GOALS, measure

pytestmark = pytest.mark.scale
TIMED = {
    *("megabytes_a_cpu_second", "broken_files_seconds", "large_cpu_seconds_for_2_gb", "times_presidio"),
    "dense_megabytes_a_cpu_second",
}
"""Goals that the bench alone judges: time decides no test."""


@pytest.mark.parametrize(
    ("documents", "large_mib"), [(150, 2), pytest.param(DOCUMENTS, 64, marks=pytest.mark.thorough)]
)
def test_the_goals_of_loose_data_are_met(documents: int, large_mib: int):
    figures = measure(runs=1, documents=documents, large_mib=large_mib)
    missed = {
        name: figures.get(name)
        for name, goal in GOALS.items()
        if name not in TIMED and not goal.is_met_by(figures[name])
    }
    assert missed == {}
