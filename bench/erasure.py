"""Erase one person from evidence: 35 daily and 53 weekly snapshots of 100,000 people and their accounts."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from bench.support.goals import require_exactly
from bench.support.medians import compute_medians
from bench.support.program import run_module

LAYOUTS = {"one_file": 1, "sixteen_files": 16, "hundred_files": 100}
GOALS = {f"{layout}_files_that_still_hold_the_person": require_exactly(0) for layout in LAYOUTS}


def measure(*, runs: int) -> dict[str, float]:
    """Return medians over `runs`, for a table in one file per snapshot and for tables split by their sorted key."""
    return compute_medians([_run_once() for _ in range(runs)])


def _run_once() -> dict[str, float]:
    figures: dict[str, float] = {}
    for layout, parts in LAYOUTS.items():
        with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
            cost = run_module("bench.support.erase_person", str(Path(name) / "blobs"), str(parts))
        figures |= {f"{layout}_{key}": float(value) for key, value in json.loads(cost.out).items()}
        figures[f"{layout}_peak_mib"] = cost.peak
    return figures
