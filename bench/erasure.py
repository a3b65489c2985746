"""Erase people with the program itself: 88 snapshots of 100,000 students, searched byte by byte, and killed runs."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

from bench.support.erasure_district import NUMBER, UNIQUE_VALUES
from bench.support.erasure_kills import measure_kills
from bench.support.goals import Goal, require_exactly
from bench.support.medians import compute_medians
from bench.support.program import require_exit_code, run_homeroom, run_module

PEOPLE, SNAPSHOTS, KILLS = 100_000, 88, 50
FIVE = (NUMBER, "8800001", "8800002", "8800003", "8800004")
GOALS = {
    "one_cpu_seconds": Goal(at_most=60),
    "five_to_one": Goal(at_most=1.2),
    "places_that_still_hold_the_person": require_exactly(0),
    "checks_that_are_not_well": require_exactly(0),
    "kills_neither_before_nor_after": require_exactly(0),
    "kills_half_written": require_exactly(0),
    "kills_remaining_places": require_exactly(0),
    "kills_not_well": require_exactly(0),
    "kills_unsound": require_exactly(0),
}


def measure(*, runs: int, people: int = PEOPLE, snapshots: int = SNAPSHOTS, kills: int = KILLS) -> dict[str, float]:
    """Return medians over `runs` of the cost of one and of five people, and the counts of killed runs."""
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        arguments = (str(folder / "data"), str(folder / "exports"), str(people), str(snapshots))
        size = json.loads(run_module("bench.support.erasure_snapshots", *arguments).out)
        print(f"history: {size}", file=sys.stderr)
        shutil.rmtree(folder / "exports")
        figures = compute_medians([_run_once(folder) for _ in range(runs)])
    counts = measure_kills(points=kills) if kills else {}
    return {**figures, **{f"history_{key}": float(value) for key, value in size.items()}} | {
        f"kills_{key}": value for key, value in counts.items()
    }


def _run_once(folder: Path) -> dict[str, float]:
    single = _erase(folder, NUMBER)
    erased = folder / "erased"
    search = run_module("bench.support.byte_search", "--count", str(erased), *UNIQUE_VALUES)
    places = json.loads(search.out)
    print(search.err, end="", file=sys.stderr)
    checks = json.loads(run_homeroom("doctor", "--deep", "--json", data=erased).out)
    bad = [check for check in checks if not check["well"] and check["name"] not in ("room", "worker")]
    five = _erase(folder, *FIVE)
    return {
        "one_cpu_seconds": single["cpu"],
        "one_seconds": single["seconds"],
        "one_peak_mib": single["peak"],
        "five_cpu_seconds": five["cpu"],
        "five_to_one": five["cpu"] / single["cpu"],
        "places_that_still_hold_the_person": float(places),
        "checks_that_are_not_well": float(len(bad)),
    }


def _erase(folder: Path, *people: str) -> dict[str, float]:
    data = folder / "erased"
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(folder / "data", data)
    reason = ("--why", "Asked for by the family.", "--by", "privacy officer", "--though-listed", "--json")
    cost = require_exit_code(run_homeroom("erase", *people, *reason, data=data))
    return {"cpu": cost.cpu, "seconds": cost.seconds, "peak": cost.peak}
