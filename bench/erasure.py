"""What erasing one person costs in evidence: 35 daily and 53 weekly snapshots of 100,000 people and their accounts."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from bench.support.goals import exactly
from bench.support.medians import medians
from bench.support.program import python

LAYOUTS = {"one_file": 1, "sixteen_files": 16, "hundred_files": 100}
GOALS = {f"{layout}_files_that_still_hold_the_person": exactly(0) for layout in LAYOUTS}


def measure(*, runs: int) -> dict[str, float]:
    """Medians over runs, for a table kept as one file a snapshot and for tables cut by their sorted key."""
    return medians([_once() for _ in range(runs)])


def _once() -> dict[str, float]:
    figures: dict[str, float] = {}
    for layout, parts in LAYOUTS.items():
        with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
            cost = python("bench.support.erasing", str(Path(name) / "blobs"), str(parts))
        figures |= {f"{layout}_{key}": float(value) for key, value in json.loads(cost.out).items()}
        figures[f"{layout}_peak_mib"] = cost.peak
    return figures
