"""Resolving a district beside 1,000,000 stored drill events, and the same district without any."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.support.erasure_district import fill_district
from bench.support.goals import Goal
from bench.support.medians import compute_medians
from bench.support.program import require_exit_code, run_homeroom, run_module

EVENTS, SEED = 1_000_000, 20261128
GOALS = {
    "more_cpu_seconds": Goal(at_most=25),
    "peak_mib": Goal(at_most=2_000),
}


def measure(*, runs: int, events: int = EVENTS) -> dict[str, float | None]:
    """Return CPU-seconds and peaks of resolving without and with events, and of loading the events once."""
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        data, log = folder / "data", folder / "drill.jsonl"
        fill_district(data, folder / "exports")
        run_module("bench.drills.large_log", str(log), str(events), str(SEED))
        without = _resolve(data, day=1)
        loading = run_homeroom("load", str(log), "--json", data=data)
        require_exit_code(loading, codes=(0, 1))
        figures = [_compare(data, day=day, cpu_without=without["cpu_seconds"]) for day in range(2, 2 + runs)]
        base = {f"{key}_without": value for key, value in without.items()}
        load = {"load_cpu_seconds": loading.cpu, "load_peak_mib": loading.peak}
        return dict(base | load) | dict(compute_medians(figures))


def _compare(data: Path, *, day: int, cpu_without: float) -> dict[str, float]:
    figures = _resolve(data, day=day)
    return figures | {"more_cpu_seconds": figures["cpu_seconds"] - cpu_without}


def _resolve(data: Path, *, day: int) -> dict[str, float]:
    cost = run_homeroom("resolve", "--today", f"2026-12-{day:02}", "--json", data=data)
    require_exit_code(cost)
    return {"cpu_seconds": cost.cpu, "peak_mib": cost.peak}
