"""Judging loaded logs compared with loading them, in CPU, and a day of a log on a year of it compared with on none.

A school day of an invented district is loaded onto the days before it and judged, by the commands that a district runs;
the whole fortnight, at once, has a figure of its own. The lists are loaded and resolved before, so that only logs are
measured.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path

from bench.support.goals import Goal
from bench.support.program import ProcessCost, require_exit_code, run_homeroom, run_module

STAFF_SHARE = 0.1
SCHOOL_DAY = 9
"""The second Wednesday, counted from 0: no fortnight has a break on it."""
GOALS = {
    "judging_share_of_loading": Goal(at_most=0.4),
    "fortnight_judging_share": Goal(at_most=0.4),
    "day_on_a_year_ratio": Goal(at_most=1.3),
}


def measure(*, runs: int = 1, students: int = 10_000, seed: int = 1) -> dict[str, float]:
    """Return the medians over runs: CPU seconds of loading and judging, events, the shares and the ratio."""
    figures = [_measure_once(students=students, seed=seed + number) for number in range(runs)]
    return {name: statistics.median(figure[name] for figure in figures) for name in figures[0]}


def _measure_once(*, students: int, seed: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name) / "fortnight"
        sizes = ("--staff", str(max(50, round(students * STAFF_SHARE))), "--students", str(students))
        run_module("homeroom.sample.fortnights", "--seed", str(seed), "--folder", str(folder), "--by-day", *sizes)
        days = sorted((folder / "logs").iterdir())
        until = json.loads((folder / "truth.json").read_text(encoding="utf-8"))["until"][:10]
        day = _measure_logs(Path(name) / "day", folder / "lists", until, days[:SCHOOL_DAY], days[SCHOOL_DAY:][:1])
        fortnight = _measure_logs(Path(name) / "fortnight-data", folder / "lists", until, [], days)
    year = run_module("bench.detections.year_of_logs", "--json")
    return {
        **day,
        **{f"fortnight_{name}": value for name, value in fortnight.items() if name != "judging_share_of_loading"},
        "fortnight_judging_share": fortnight["judging_share_of_loading"],
        "day_on_a_year_ratio": json.loads(year.out)["ratio"],
    }


def _measure_logs(data: Path, lists: Path, until: str, before: list[Path], measured: list[Path]) -> dict[str, float]:
    """Load the lists and the days before, then measure the loading of folders of logs and what judges them."""

    def load(paths: list[Path]) -> ProcessCost:
        arguments = ("load", *map(str, paths), "--approve", "--today", until, "--json")
        return require_exit_code(run_homeroom(*arguments, data=data))

    def detect() -> ProcessCost:
        return require_exit_code(run_homeroom("detect", "--json", data=data))

    load([lists])
    if before:
        load(before)
    detect()
    loading, judging = load(measured), detect()
    events = json.loads(judging.out)["events"]
    return {
        "events": events,
        "load_cpu_seconds": round(loading.cpu, 2),
        "judge_cpu_seconds": round(judging.cpu, 2),
        "judge_cpu_microseconds_an_event": round(1e6 * judging.cpu / events, 1),
        "judging_share_of_loading": round(judging.cpu / loading.cpu, 3),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=10_000, help="size of the district (10,000)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(json.dumps(measure(students=options.students, seed=options.seed), indent=1))
