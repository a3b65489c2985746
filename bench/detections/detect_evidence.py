"""Judging loaded logs compared with loading them: CPU of both over an invented fortnight of a district.

The lists are loaded and resolved before, so that only logs are measured. `students` of 10,000 is the size that the goal
is about; the share is the same for fewer, and the default takes a tenth of the time.
"""

from __future__ import annotations

import json
import statistics
import tempfile
from pathlib import Path

from bench.support.goals import Goal
from bench.support.program import require_exit_code, run_homeroom, run_module

STAFF_SHARE = 0.1
GOALS = {"judging_share_of_loading": Goal(at_most=0.4)}


def measure(*, runs: int = 1, students: int = 1_000, seed: int = 1) -> dict[str, float]:
    """Return the medians over runs: CPU seconds of loading and judging, events, and the share."""
    figures = [_measure_once(students=students, seed=seed + number) for number in range(runs)]
    return {name: statistics.median(figure[name] for figure in figures) for name in figures[0]}


def _measure_once(*, students: int, seed: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder, data = Path(name) / "fortnight", Path(name) / "data"
        sizes = ("--staff", str(max(50, round(students * STAFF_SHARE))), "--students", str(students))
        run_module("homeroom.sample.fortnights", "--seed", str(seed), "--folder", str(folder), *sizes)
        truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        common = ("--approve", "--today", truth["until"][:10], "--json")
        require_exit_code(run_homeroom("load", str(folder / "lists"), *common, data=data))
        require_exit_code(run_homeroom("detect", "--json", data=data))
        load = run_homeroom("load", str(folder / "logs"), *common, data=data)
        detect = run_homeroom("detect", "--json", data=data)
        for cost in (load, detect):
            require_exit_code(cost)
        events = json.loads(detect.out)["events"]
    return {
        "events": events,
        "load_cpu_seconds": round(load.cpu, 2),
        "judge_cpu_seconds": round(detect.cpu, 2),
        "judge_cpu_microseconds_an_event": round(1e6 * detect.cpu / events, 1),
        "judging_share_of_loading": round(detect.cpu / load.cpu, 3),
    }


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1))
