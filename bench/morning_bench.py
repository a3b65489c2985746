"""A district's morning at full size, 250,000 students and 200,000 devices, from exports to a plan.

With 2,000,000 enrollments. Each verb is a process of its own, as a person runs it: load, resolve, assess, plan; then
all of it again over the same exports, which changes nothing. Generating the exports is not timed. `python -m
bench.morning_bench --students N --exports DIR` runs it smaller, and stores the generated exports in DIR for the next
time.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench.support.goals import Goal, require_exactly
from bench.support.large_exports import TODAY, ensure_exports
from bench.support.program import BenchmarkError, ProcessCost, require_exit_code, run_homeroom

STUDENTS = 250_000
HOURS = 18  # three technicians, six hours each
GOALS = {
    "seconds": Goal(at_most=180),
    "peak_mib": Goal(at_most=3 * 1024),
    "again_seconds": Goal(at_most=20),
    "changed_again": require_exactly(0),
    "students": Goal(at_least=STUDENTS),
    "enrollments": Goal(at_least=8 * STUDENTS),
    "devices": Goal(at_least=200_000),
}
_LOAD_EXIT_CODES = (0, 1)  # the sample carries rows that must be rejected

Figures = dict[str, float | None]


def measure(*, runs: int = 1, scale: int = STUDENTS, folder: Path | None = None) -> Figures:
    """Return medians over `runs` into empty data folders.

    A stage that the program does not have yet is null and meets no goal. `scale` is the number of students; `folder`
    stores the exports for the next time.
    """
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        exports_folder = ensure_exports(folder or Path(name), students=scale)
        results = [_run_once(Path(name) / f"data-{number}", exports_folder, scale) for number in range(runs)]
    return {name: _compute_median([result[name] for result in results]) for name in results[0]}


def _compute_median(values: Sequence[float | None]) -> float | None:
    measured = [value for value in values if value is not None]
    return median(measured) if len(measured) == len(values) else None


def _run_once(data: Path, exports_folder: Path, scale: int) -> Figures:
    stages = _build_stages(data, exports_folder)
    first = {name: _run_stage(stage, data) for name, stage in stages.items()}
    before = _read_published_state(first)
    again = {name: _run_stage(stage, data) for name, stage in stages.items()}
    counts = _read_counts(first, scale)
    return {
        "seconds": _sum_or_none(cost.seconds if cost else None for cost in first.values()),
        "cpu_seconds": _sum_or_none(cost.cpu if cost else None for cost in first.values()),
        "peak_mib": _find_peak(first),
        **{f"{name}_seconds": cost.seconds if cost else None for name, cost in first.items()},
        **{f"{name}_cpu_seconds": cost.cpu if cost else None for name, cost in first.items()},
        **{f"{name}_peak_mib": cost.peak if cost else None for name, cost in first.items()},
        "again_seconds": _sum_or_none(cost.seconds if cost else None for cost in again.values()),
        "again_cpu_seconds": _sum_or_none(cost.cpu if cost else None for cost in again.values()),
        "again_peak_mib": _find_peak(again),
        "changed_again": float(_count_changes(again) + (before != _read_published_state(again))),
        **counts,
        "state_mib": _measure_mib(data, "*.sqlite3*"),
        "evidence_mib": _measure_mib(data / "evidence", "**/*.parquet"),
    }


def _build_stages(data: Path, exports_folder: Path) -> dict[str, list[str] | None]:
    """Return the verbs in their order, each with its arguments; None for a verb that the program does not have."""
    day = ["--today", TODAY, "--json"]
    return {
        "load": ["load", str(exports_folder), "--json"],
        "resolve": ["resolve", *day],
        "assess": ["assess", *day],
        "plan": ["plan", "--hours", str(HOURS), *day] if _has_verb("plan", data) else None,
    }


def _has_verb(verb: str, data: Path) -> bool:
    return run_homeroom(verb, "--help", data=data).code == 0


def _run_stage(stage: list[str] | None, data: Path) -> ProcessCost | None:
    return (
        require_exit_code(run_homeroom(*stage, data=data), codes=_LOAD_EXIT_CODES if stage[0] == "load" else (0,))
        if stage
        else None
    )


def _sum_or_none(values: Any) -> float | None:
    measured = list(values)
    return None if None in measured else float(sum(measured))


def _find_peak(costs: dict[str, ProcessCost | None]) -> float:
    """Return the peak memory of the largest process: the stages run one after the other."""
    return max(cost.peak for cost in costs.values() if cost)


def _parse_output(cost: ProcessCost | None) -> dict[str, Any]:
    if cost is None:
        raise BenchmarkError("a stage that every figure needs did not run")
    output: dict[str, Any] = json.loads(cost.out)
    return output


def _read_published_state(costs: dict[str, ProcessCost | None]) -> tuple[Any, ...]:
    """Return what is published: the inventory's generation, the assessment's number, and what failed by control."""
    assessment = _parse_output(costs["assess"])
    failing = tuple((control["id"], control["failing"], control["cannot_tell"]) for control in assessment["controls"])
    return _parse_output(costs["resolve"])["generation"], assessment["assessment"], failing


def _count_changes(again: dict[str, ProcessCost | None]) -> int:
    """Return how many packages were loaded again plus how many rows of the inventory were written."""
    resolved = _parse_output(again["resolve"])
    loads = [package for package in _parse_output(again["load"])["loaded"] if package["outcome"] != "unchanged"]
    return len(loads) + int(resolved["opened"]) + int(resolved["closed"])


def _read_counts(first: dict[str, ProcessCost | None], scale: int) -> dict[str, float]:
    resolved = _parse_output(first["resolve"])
    loads = [package["load"]["changes"] for package in _parse_output(first["load"])["loaded"] if package["load"]]
    enrollments = sum(tables.get("enrollments", {}).get("rows", 0) for tables in loads)
    counts = {name: float(resolved[name]) for name in ("people", "accounts", "devices")}
    return {"students": float(scale), "enrollments": float(enrollments), **counts}


def _measure_mib(folder: Path, pattern: str) -> float:
    return sum(path.stat().st_size for path in folder.glob(pattern)) / 2**20


if __name__ == "__main__":
    from bench.__main__ import run_benchmark

    parser = argparse.ArgumentParser(description="A district's morning, at any size.")
    parser.add_argument("--students", type=int, default=STUDENTS)
    parser.add_argument("--exports", type=Path, help="where the exports are kept for the next time")
    parser.add_argument("--runs", type=int, default=1)
    chosen = parser.parse_args()
    sys.exit(0 if run_benchmark("morning_bench", runs=chosen.runs, scale=chosen.students, folder=chosen.exports) else 1)
