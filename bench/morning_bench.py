"""A district's morning at full size: 250,000 students, 2,000,000 enrolments and 200,000 devices, from exports to a plan.

Each verb is a process of its own, as a person runs it: load, resolve, assess, plan; then all of it again over the same
exports, which changes nothing. Making the exports is not timed. `python -m bench.morning_bench --students N
--exports DIR` runs it smaller, and keeps what it invents in DIR for the next time.
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

from bench.support.goals import Goal, exactly
from bench.support.morning import TODAY, exports
from bench.support.program import Broken, Cost, held, homeroom

STUDENTS = 250_000
HOURS = 18  # three technicians, six hours each
GOALS = {
    "seconds": Goal(at_most=180),
    "peak_mib": Goal(at_most=3 * 1024),
    "again_seconds": Goal(at_most=20),
    "changed_again": exactly(0),
    "students": Goal(at_least=STUDENTS),
    "enrolments": Goal(at_least=8 * STUDENTS),
    "devices": Goal(at_least=200_000),
}
_LOADED = (0, 1)  # the sample carries rows that must be rejected

Figures = dict[str, float | None]


def measure(*, runs: int = 1, scale: int = STUDENTS, folder: Path | None = None) -> Figures:
    """Medians over `runs` into empty data folders. A stage that the program does not have yet is null and holds nothing.

    `scale` is the number of students; `folder` keeps the exports for the next time.
    """
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        made = exports(folder or Path(name), students=scale)
        found = [_once(Path(name) / f"data-{number}", made, scale) for number in range(runs)]
    return {name: _median([one[name] for one in found]) for name in found[0]}


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if len(known) == len(values) else None


def _once(data: Path, made: Path, scale: int) -> Figures:
    stages = _stages(data, made)
    first = {name: _run(stage, data) for name, stage in stages.items()}
    before = _state(first)
    again = {name: _run(stage, data) for name, stage in stages.items()}
    counts = _counts(first, scale)
    return {
        "seconds": _sum(cost.seconds if cost else None for cost in first.values()),
        "cpu_seconds": _sum(cost.cpu if cost else None for cost in first.values()),
        "peak_mib": _most(first),
        **{f"{name}_seconds": cost.seconds if cost else None for name, cost in first.items()},
        **{f"{name}_cpu_seconds": cost.cpu if cost else None for name, cost in first.items()},
        **{f"{name}_peak_mib": cost.peak if cost else None for name, cost in first.items()},
        "again_seconds": _sum(cost.seconds if cost else None for cost in again.values()),
        "again_cpu_seconds": _sum(cost.cpu if cost else None for cost in again.values()),
        "again_peak_mib": _most(again),
        "changed_again": float(_changed(again) + (before != _state(again))),
        **counts,
        "state_mib": _mib(data, "*.sqlite3*"),
        "evidence_mib": _mib(data / "evidence", "**/*.parquet"),
    }


def _stages(data: Path, made: Path) -> dict[str, list[str] | None]:
    """The verbs in their order, each with its arguments; None for a verb that the program does not have."""
    day = ["--today", TODAY, "--json"]
    return {
        "load": ["load", str(made), "--json"],
        "resolve": ["resolve", *day],
        "assess": ["assess", *day],
        "plan": ["plan", "--hours", str(HOURS), *day] if _has("plan", data) else None,
    }


def _has(verb: str, data: Path) -> bool:
    return homeroom(verb, "--help", data=data).code == 0


def _run(stage: list[str] | None, data: Path) -> Cost | None:
    return held(homeroom(*stage, data=data), codes=_LOADED if stage[0] == "load" else (0,)) if stage else None


def _sum(values: Any) -> float | None:
    known = list(values)
    return None if None in known else float(sum(known))


def _most(costs: dict[str, Cost | None]) -> float:
    """The largest process of all: the stages run one after the other."""
    return max(cost.peak for cost in costs.values() if cost)


def _told(cost: Cost | None) -> dict[str, Any]:
    if cost is None:
        raise Broken("a stage that every figure needs did not run")
    told: dict[str, Any] = json.loads(cost.out)
    return told


def _state(costs: dict[str, Cost | None]) -> tuple[Any, ...]:
    """What is published: the generation of the inventory, the number of the judgement, and what failed by control."""
    judged = _told(costs["assess"])
    failing = tuple((one["id"], one["failing"], one["cannot_tell"]) for one in judged["controls"])
    return _told(costs["resolve"])["generation"], judged["assessment"], failing


def _changed(again: dict[str, Cost | None]) -> int:
    """How many packages were loaded anew, and how many rows of the inventory were written."""
    resolved = _told(again["resolve"])
    loads = [one for one in _told(again["load"])["loaded"] if one["outcome"] != "unchanged"]
    return len(loads) + int(resolved["opened"]) + int(resolved["closed"])


def _counts(first: dict[str, Cost | None], scale: int) -> dict[str, float]:
    resolved = _told(first["resolve"])
    loads = [one["load"]["changes"] for one in _told(first["load"])["loaded"] if one["load"]]
    enrolments = sum(tables.get("enrollments", {}).get("rows", 0) for tables in loads)
    counts = {name: float(resolved[name]) for name in ("people", "accounts", "devices")}
    return {"students": float(scale), "enrolments": float(enrolments), **counts}


def _mib(folder: Path, pattern: str) -> float:
    return sum(path.stat().st_size for path in folder.glob(pattern)) / 2**20


if __name__ == "__main__":
    from bench.__main__ import run

    parser = argparse.ArgumentParser(description="A district's morning, at any size.")
    parser.add_argument("--students", type=int, default=STUDENTS)
    parser.add_argument("--exports", type=Path, help="where the exports are kept for the next time")
    parser.add_argument("--runs", type=int, default=1)
    chosen = parser.parse_args()
    sys.exit(0 if run("morning_bench", runs=chosen.runs, scale=chosen.students, folder=chosen.exports) else 1)
