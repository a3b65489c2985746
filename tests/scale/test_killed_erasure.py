"""An erasure that is killed while it writes is seen as not begun or as done, and the next start ends it."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from bench.kill_points import choose_seed
from bench.support.erasure_kills import measure_kills
from tests.amounts import choose_amount
from tests.prepared_erasure import prepare_erasure_district

POINTS, SEED = choose_amount(brief=(4, 11), thorough=(50, 0))
"""How many runs are killed, and the seed of the points; 0 draws new ones."""


@pytest.mark.scale
@pytest.mark.fault(area="erasure", fault="killed at a random write")
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX's")
def test_a_killed_erasure_is_seen_before_or_after_and_the_next_start_ends_it(
    record_property: Callable[[str, object], None],
) -> None:
    seed = choose_seed(SEED)
    record_property("seed", seed)
    figures = measure_kills(points=POINTS, seed=seed, before=prepare_erasure_district())
    assert figures.pop("points") == POINTS
    killed = figures.pop("killed")
    record_property("tried", int(killed))
    record_property("lost", int(sum(figures.values())))
    assert killed > 0
    assert figures == {
        "neither_before_nor_after": 0,
        "half_written": 0,
        "remaining_places": 0,
        "not_well": 0,
        "unsound": 0,
    }
