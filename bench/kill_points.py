"""`kill -9` at random points inside load, resolve, assess, audit and migration: reruns end as undisturbed runs do."""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.support.goals import Goal, require_exactly
from bench.support.killed_operations import PREPARATIONS, PreparedRuns
from bench.support.killed_runs import DIFFERS, HALF_WRITTEN, MIXED, UNSOUND, KilledRun, UndisturbedRun, kill_and_rerun

POINTS = 120
MAX_DRAWS = 6
GOALS = {
    "points": Goal(at_least=POINTS),
    "killed": Goal(at_least=POINTS * 0.9),
    "killed_inside": Goal(at_least=POINTS * 0.2),
    "runs_that_differ": require_exactly(0),
    "half_written_seen": require_exactly(0),
    "mixed_states_seen": require_exactly(0),
    "unsound_seen": require_exactly(0),
}


def measure(*, runs: int = 1, points: int = POINTS, seed: int = 0) -> dict[str, float]:
    """Kill at `points` points, shared equally by the operations, and return the counts.

    `runs` is for the runner's sake; each point is a run. `seed` 0 draws new points.
    """
    with tempfile.TemporaryDirectory(prefix="homeroom-kill-") as name:
        chance, share = random.Random(choose_seed(seed)), -(-points // len(PREPARATIONS))
        prepared = PreparedRuns(Path(name))
        killed = [
            run
            for operation in PREPARATIONS
            for run in kill_runs(prepared.list_runs(operation), Path(name) / "struck", share, chance)
        ]
    return count_runs(killed)


def choose_seed(seed: int) -> int:
    """Return the seed, or a new one if it is 0; it is printed, so that its points can be tried again."""
    chosen = seed or random.SystemRandom().getrandbits(32)
    print(f"points of seed {chosen}", file=sys.stderr)
    return chosen


def kill_runs(
    prepared: Sequence[UndisturbedRun],
    data: Path,
    points: int,
    chance: random.Random,
    *,
    has_power_loss: bool = False,
) -> Iterator[KilledRun]:
    """Kill at so many points, in turn in each of the prepared runs, the last of them first; or with the power.

    A point that a run does not reach is drawn again: threads do not make as many writes of a kind each time.
    """
    for number in range(points):
        prepared_run = prepared[-1 - number % len(prepared)]
        for _ in range(MAX_DRAWS):
            run = kill_and_rerun(prepared_run, data, chance, has_power_loss=has_power_loss)
            if run.was_killed or run.problems:
                break
        yield run


def count_runs(killed: Sequence[KilledRun]) -> dict[str, float]:
    """Return the counts of killed runs by what became of them."""
    return {
        "points": float(len(killed)),
        "killed": float(sum(run.was_killed for run in killed)),
        "killed_inside": float(sum(run.was_inside for run in killed)),
        "runs_that_differ": float(sum(DIFFERS in run.problems for run in killed)),
        "half_written_seen": float(sum(HALF_WRITTEN in run.problems for run in killed)),
        "mixed_states_seen": float(sum(MIXED in run.problems for run in killed)),
        "unsound_seen": float(sum(UNSOUND in run.problems for run in killed)),
    }
