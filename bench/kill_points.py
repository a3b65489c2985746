"""`kill -9` at random points inside load, resolve, assess, audit and migration: reruns end as undisturbed runs do."""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.support.goals import Goal, require_exactly
from bench.support.killed_operations import PREPARATIONS, PreparedRuns
from bench.support.killed_runs import KilledRun, UndisturbedRun, kill_and_rerun

POINTS = 120
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
        prepared, chance, share = PreparedRuns(Path(name)), draw_chance(seed), -(-points // len(PREPARATIONS))
        killed = [
            run
            for operation in PREPARATIONS
            for run in kill_runs(prepared.list_runs(operation), Path(name) / "struck", share, chance)
        ]
    return count_runs(killed)


def draw_chance(seed: int) -> random.Random:
    """Return a source of chance of this seed, or of a new seed, which is printed, if it is 0."""
    chosen = seed or random.SystemRandom().getrandbits(32)
    print(f"points of seed {chosen}", file=sys.stderr)
    return random.Random(chosen)


def kill_runs(
    prepared: Sequence[UndisturbedRun], data: Path, points: int, chance: random.Random
) -> Iterator[KilledRun]:
    """Kill at so many points, in turn in each of the prepared runs, the last of them first."""
    for number in range(points):
        yield kill_and_rerun(prepared[-1 - number % len(prepared)], data, chance)


def count_runs(killed: Sequence[KilledRun]) -> dict[str, float]:
    """Return the counts of killed runs by what became of them."""
    return {
        "points": float(len(killed)),
        "killed": float(sum(run.was_killed for run in killed)),
        "killed_inside": float(sum(run.was_inside for run in killed)),
        "runs_that_differ": float(sum(run.differs for run in killed)),
        "half_written_seen": float(sum(run.half_written for run in killed)),
        "mixed_states_seen": float(sum(run.mixed for run in killed)),
        "unsound_seen": float(sum(run.unsound for run in killed)),
    }
