"""A drill log of 1,000,000 events through `homeroom awareness judge`, against decoding its lines with msgspec."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.support.goals import Goal
from bench.support.medians import compute_medians
from bench.support.program import require_exit_code, run_homeroom, run_module

EVENTS, SEED = 1_000_000, 20261128
GOALS = {
    "times_msgspec": Goal(at_most=6),
    "peak_mib": Goal(at_most=600),
}


def measure(*, runs: int, events: int = EVENTS) -> dict[str, float | None]:
    """Return CPU-seconds of judging and of decoding, each with the start of its process, their ratio, and the peak.

    Those of judging are None while this Homeroom has no such command.
    """
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        log = folder / "drill.jsonl"
        drills = int(run_module("bench.drills.large_log", str(log), str(events), str(SEED)).out)
        figures = [_measure_once(folder, log) for _ in range(runs)]
        size = log.stat().st_size / 2**20
        measured = [run for run in figures if run is not None]
        log_figures: dict[str, float | None] = {"drills": drills, "mib": size}
        if not measured:
            decoding = run_module("bench.drills.decoded_lines", str(log)).cpu
            return log_figures | {"msgspec_cpu_seconds": decoding, "times_msgspec": None, "peak_mib": None}
        return log_figures | dict(compute_medians(measured))


def _measure_once(folder: Path, log: Path) -> dict[str, float] | None:
    """Return the figures of one run, or None if the command is missing."""
    cost = run_homeroom("awareness", "judge", str(log), "--json", data=folder / "data")
    if cost.code == 2 and "No such command" in cost.err:
        return None
    require_exit_code(cost, codes=(0, 1))
    decoding = run_module("bench.drills.decoded_lines", str(log))
    return {
        "cpu_seconds": cost.cpu,
        "msgspec_cpu_seconds": decoding.cpu,
        "times_msgspec": cost.cpu / decoding.cpu,
        "peak_mib": cost.peak,
    }
