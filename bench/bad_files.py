"""Bad files: each is loaded exactly or refused, within 10 seconds and 512 MiB, and leaves nothing where it must not."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.support.goals import Goal, require_exactly
from bench.support.medians import compute_medians
from bench.support.program import ProcessCost, run_homeroom, run_module

GOALS = {
    "files": Goal(at_least=40),
    "read_wrongly": require_exactly(0),
    "kept_though_broken": require_exactly(0),
    "lost_without_a_word": require_exactly(0),
    "crashes": require_exactly(0),
    "slowest_seconds": Goal(at_most=10),
    "peak_mib": Goal(at_most=512),
}
ALLOWED_EXIT_CODES = (0, 1, 2)


def measure(*, runs: int) -> dict[str, float]:
    """Return counts over all files, and the figures of the slowest and the largest of them."""
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        cases = json.loads(run_module("bench.support.bad_bundles", str(folder / "bad")).out)
        return compute_medians([_run_once(cases, folder / f"run-{number}") for number in range(runs)])


def _run_once(cases: list[dict[str, Any]], folder: Path) -> dict[str, float]:
    figures = dict.fromkeys(GOALS, 0.0) | {"loaded": 0.0, "refused": 0.0, "most_cpu_seconds": 0.0}
    slowest = ""
    for number, case in enumerate(cases):
        data = folder / f"{number}"
        cost = run_homeroom("load", case["path"], "--json", data=data)
        loaded_names = _read_loaded_names(data)
        verdict = classify_outcome(case, cost, loaded_names)
        if verdict not in ("loaded", "refused"):
            print(f"  {case['name']}: {verdict}; exit code {cost.code}; kept {len(loaded_names)}", file=sys.stderr)
        figures[verdict] += 1
        figures["files"] += 1
        slowest = case["name"] if cost.seconds > figures["slowest_seconds"] else slowest
        figures["slowest_seconds"] = max(figures["slowest_seconds"], cost.seconds)
        figures["most_cpu_seconds"] = max(figures["most_cpu_seconds"], cost.cpu)
        figures["peak_mib"] = max(figures["peak_mib"], cost.peak)
    print(f"  slowest: {slowest}", file=sys.stderr)
    return figures


def classify_outcome(case: dict[str, Any], cost: ProcessCost, loaded_names: dict[str, list[str]]) -> str:
    """Return the one word for what became of a file."""
    if cost.code not in ALLOWED_EXIT_CODES or "Traceback" in cost.err:
        return "crashes"
    if case["never"]:
        return "kept_though_broken" if loaded_names else ("refused" if cost.code else "lost_without_a_word")
    if any(names != case["expect"].get(key) for key, names in loaded_names.items()):
        return "read_wrongly"
    complete = len(loaded_names) == len(case["expect"])
    if not complete and cost.code == 0:
        return "lost_without_a_word"
    return "loaded" if loaded_names or cost.code == 0 else "refused"


def _read_loaded_names(data: Path) -> dict[str, list[str]]:
    names: dict[str, list[str]] = json.loads(run_module("bench.support.evidence_summary", str(data), "--names").out)
    return names
