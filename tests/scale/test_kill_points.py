"""Killed while it writes, the program ends in the same rows after a rerun, and nothing half-done is seen."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench.kill_points import measure
from tests.amounts import choose_amount
from tests.data_folders import prepare_data_folder

POINTS, SEED = choose_amount(brief=(2, 3), thorough=(50, 0))
"""How many runs are killed, and the seed of the points; 0 draws new ones."""


@pytest.mark.scale
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX's")
def test_a_killed_run_leaves_nothing_half_done_and_a_rerun_ends_as_if_undisturbed(tmp_path: Path) -> None:
    figures = measure(points=POINTS, seed=SEED, initialized=prepare_data_folder(tmp_path / "data"))
    assert (figures["points"], figures["killed"] > 0) == (POINTS, True)
    problems = {name: figures[name] for name in ("runs_that_differ", "half_written_seen", "mixed_states_seen")}
    assert problems == {"runs_that_differ": 0, "half_written_seen": 0, "mixed_states_seen": 0}
