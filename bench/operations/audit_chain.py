"""The audit trail's chain: CPU time of adding an entry beside an unchained row, and of verifying entries."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.support.goals import Goal, require_exactly

ENTRIES = 5_000
GOALS = {
    "append_microseconds": Goal(at_most=3_000),
    "append_ratio": Goal(at_most=8),
    "verify_seconds_for_100k": Goal(at_most=20),
    "problems": require_exactly(0),
}
_ROOT = Path(__file__).resolve().parents[2]


def measure(*, runs: int) -> dict[str, float]:
    """Return the medians of runs, each in a process and a data folder of its own (SQLite)."""
    figures = [_measure_once() for _ in range(runs)]
    return {name: statistics.median(figure[name] for figure in figures) for name in figures[0]}


def _measure_once() -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as folder:
        environment = {**os.environ, "HOMEROOM_DATA": folder, "DATABASE_URL": ""}
        subprocess.run([sys.executable, "-m", "homeroom", "loads"], env=environment, check=True, capture_output=True)
        command = [sys.executable, "-m", "bench.support.audit_entries", str(ENTRIES)]
        done = subprocess.run(command, cwd=_ROOT, env=environment, check=True, capture_output=True, text=True)
        figures: dict[str, float] = json.loads(done.stdout)
        return figures
