"""Killed while it writes, the program ends in the same rows after a rerun, and nothing half-done is seen."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench.kill_points import draw_chance, kill_runs
from bench.support import erasure_district
from bench.support.killed_operations import PREPARATIONS, SAMPLE_DAYS, Day, PreparedRuns
from tests.amounts import choose_amount
from tests.data_folders import prepare_data_folder
from tests.prepared_erasure import prepare_erasure_district

POINTS, SEED = choose_amount(brief=(1, 3), thorough=(30, 0))
"""How many runs of each operation are killed, and the seed of the points; 0 draws new ones."""

pytestmark = [pytest.mark.scale, pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX's")]


def write_second_day_again(folder: Path) -> None:
    """Write exports in which those who were gone on the third day are back."""
    _, second, _ = erasure_district.write_days(folder.with_name("days"))
    second.rename(folder)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> PreparedRuns:
    """In brief, a fourth day of a small district that other tests prepare as well; else two days of a sample."""
    folder = tmp_path_factory.mktemp("kill-points")
    brief = (prepare_erasure_district(), (Day(today="2026-11-23", write=write_second_day_again),))
    start, days = choose_amount(brief=brief, thorough=(prepare_data_folder(folder / "initialized"), SAMPLE_DAYS))
    return PreparedRuns(folder, start=start, days=days)


@pytest.mark.parametrize("operation", PREPARATIONS)
def test_a_killed_run_leaves_nothing_half_done_and_a_rerun_ends_as_if_undisturbed(
    operation: str, prepared: PreparedRuns, tmp_path: Path
) -> None:
    runs = list(kill_runs(prepared.list_runs(operation), tmp_path / "struck", POINTS, draw_chance(SEED)))
    assert len(runs) == POINTS
    assert any(run.was_killed for run in runs)
    assert [run for run in runs if run.is_lost] == []
