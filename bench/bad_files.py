"""Bad files: each is loaded exactly or refused, within 10 seconds and 512 MiB, and leaves nothing where it must not."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.support.goals import Goal, exactly
from bench.support.medians import medians
from bench.support.program import Cost, homeroom, python

GOALS = {
    "files": Goal(at_least=40),
    "read_wrongly": exactly(0),
    "kept_though_broken": exactly(0),
    "lost_without_a_word": exactly(0),
    "crashes": exactly(0),
    "slowest_seconds": Goal(at_most=10),
    "peak_mib": Goal(at_most=512),
}
SAID = (0, 1, 2)


def measure(*, runs: int) -> dict[str, float]:
    """Counts over all files, and the slowest and the largest of them."""
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        cases = json.loads(python("bench.support.bad", str(folder / "bad")).out)
        return medians([_once(cases, folder / f"run-{number}") for number in range(runs)])


def _once(cases: list[dict[str, Any]], folder: Path) -> dict[str, float]:
    figures = dict.fromkeys(GOALS, 0.0) | {"loaded": 0.0, "refused": 0.0, "most_cpu_seconds": 0.0}
    slowest = ""
    for number, case in enumerate(cases):
        data = folder / f"{number}"
        cost = homeroom("load", case["path"], "--json", data=data)
        kept = _kept(data)
        verdict = judged(case, cost, kept)
        if verdict not in ("loaded", "refused"):
            print(f"  {case['name']}: {verdict}; exit code {cost.code}; kept {len(kept)}", file=sys.stderr)
        figures[verdict] += 1
        figures["files"] += 1
        slowest = case["name"] if cost.seconds > figures["slowest_seconds"] else slowest
        figures["slowest_seconds"] = max(figures["slowest_seconds"], cost.seconds)
        figures["most_cpu_seconds"] = max(figures["most_cpu_seconds"], cost.cpu)
        figures["peak_mib"] = max(figures["peak_mib"], cost.peak)
    print(f"  slowest: {slowest}", file=sys.stderr)
    return figures


def judged(case: dict[str, Any], cost: Cost, kept: dict[str, list[str]]) -> str:
    """The one word for what became of a file."""
    if cost.code not in SAID or "Traceback" in cost.err:
        return "crashes"
    if case["never"]:
        return "kept_though_broken" if kept else ("refused" if cost.code else "lost_without_a_word")
    if any(names != case["expect"].get(key) for key, names in kept.items()):
        return "read_wrongly"
    complete = len(kept) == len(case["expect"])
    if not complete and cost.code == 0:
        return "lost_without_a_word"
    return "loaded" if kept or cost.code == 0 else "refused"


def _kept(data: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(python("bench.support.kept", str(data), "--names").out)
    return found
