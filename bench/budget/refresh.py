"""A refresh plan of 150,000 devices through `homeroom refresh`: its gap and cost, and oldest-first beside it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from bench.budget.invented_fleet import FleetSize, write_invented_fleet
from bench.budget.oldest_first import OldestFirst
from bench.budget.refresh_judge import check_plan, count_figures, list_purchases, load_files
from bench.support.goals import Goal, require_exactly
from bench.support.program import require_exit_code, run_homeroom

SIZE = FleetSize(devices=150_000, schools=40)
SECONDS = 60
SEED = 20261128
GOALS = {
    "gap_percent": Goal(at_most=0.5),
    "cpu_seconds": Goal(at_most=60),
    "peak_mib": Goal(at_most=1024),
    "oldest_first_ratio": Goal(at_least=1.5),
    "broken_rules": require_exactly(0),
}


def measure(
    *, runs: int = 3, size: FleetSize = SIZE, seconds: float = SECONDS, seed: int = SEED
) -> dict[str, float | None]:
    """Return the gap of W above its bound, CPU-seconds and peak of the command, and W of oldest-first over W."""
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        path = write_invented_fleet(Path(name), size, seed=seed)
        files = load_files(path)
        results = []
        for _ in range(runs):
            arguments = ("refresh", str(path), "--json", "--seconds", str(seconds))
            cost = require_exit_code(run_homeroom(*arguments, data=Path(name) / "data"))
            results.append((cost, json.loads(cost.out)))
    oldest = OldestFirst(files).plan()
    broken = [check_plan(files, document) for _, document in results]
    return {
        "gap_percent": median(100 * document["gap"] for _, document in results),
        "cpu_seconds": median(cost.cpu for cost, _ in results),
        "wall_seconds": median(cost.seconds for cost, _ in results),
        "peak_mib": median(cost.peak for cost, _ in results),
        "weighted": median(document["weighted"] for _, document in results),
        "bound": median(document["bound"] for _, document in results),
        "oldest_first_ratio": find_weighted(files, oldest) / median(document["weighted"] for _, document in results),
        "broken_rules": sum(len(item) for item in broken),
    }


def find_weighted(files: dict[str, Any], plan: dict[str, Any]) -> float:
    """Return W of the rows of a plan."""
    return float(count_figures(files, plan, list_purchases(files, plan))["weighted"])
