"""Evaluate a district of 100,000 students with every control, and write the changes to its findings.

It runs as a person runs it. The sample is generated, loaded and resolved as it is; then each of its subjects is
duplicated until there are 110,000 accounts, 130,000 devices and 3,000,000 rows of software, so that the share that
fails remains the same. `homeroom assess` evaluates that into an empty database, again without change, and after the
next day's exports, when one in twenty fails that did not before. Then all of it with twice as much.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

from bench.support.goals import Goal
from bench.support.program import ProcessCost, require_exit_code, run_homeroom, run_module

STUDENTS, ACCOUNTS, DEVICES, SOFTWARE = 4_000, 110_000, 130_000, 3_000_000
DAYS = ("2026-03-03", "2026-03-04")
GOALS = {
    "judging_seconds": Goal(at_most=10),
    "writing_seconds": Goal(at_most=20),
    "next_day_judging_seconds": Goal(at_most=10),
    "next_day_writing_seconds": Goal(at_most=20),
    "peak_mib": Goal(at_most=2 * 1024),
    "twice_ratio": Goal(at_most=2.2),
    "accounts": Goal(at_least=ACCOUNTS),
    "devices": Goal(at_least=DEVICES),
    "software_rows": Goal(at_least=SOFTWARE),
    "members": Goal(at_least=15_000),
    "next_day_opened": Goal(at_least=500),
    "next_day_closed": Goal(at_least=500),
}
_SLUG = ("--district", "bench")


def measure(*, runs: int = 3, scale: float = 1.0) -> dict[str, float]:
    """Return medians over `runs` into empty data folders, at `scale` times the size of the goals and at twice that."""
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        exports = [folder / "first", folder / "second"]
        for day_folder, day in zip(exports, DAYS, strict=True):
            require_exit_code(
                run_homeroom(
                    "sample", str(day_folder), "--students", str(STUDENTS), "--today", day, data=folder / "none"
                )
            )
        narrow = folder / "narrow"
        require_exit_code(run_homeroom("district", "set", "Bench", *_SLUG, data=narrow))
        _load_and_resolve(narrow, exports[0], DAYS[0])
        results = [_run_once(folder / f"data-{n}", narrow, exports[1], scale) for n in range(runs)]
    figures = {name: float(median(result[name] for result in results)) for name in results[0]}
    return figures | {"twice_ratio": figures["twice_judging_seconds"] / figures["judging_seconds"]}


def _run_once(data: Path, narrow: Path, second: Path, scale: float) -> dict[str, float]:
    shutil.copytree(narrow, data)
    rows = _expand_district(data, scale)
    first, again = _assess(data, DAYS[0]), _assess(data, DAYS[0])
    mib = sum(path.stat().st_size for path in data.glob("state.sqlite3*")) / 2**20
    members = _count_open_members(data)
    run_module("bench.support.widen_district", str(data), "bench", "narrow")
    _load_and_resolve(data, second, DAYS[1])
    _expand_district(data, scale, "next-day")
    next_day = _assess(data, DAYS[1])
    shutil.rmtree(data)
    shutil.copytree(narrow, data)
    _expand_district(data, 2 * scale)
    twice = _assess(data, DAYS[0])
    shutil.rmtree(data)
    costs = {"": first, "again_": again, "next_day_": next_day, "twice_": twice}
    return {
        **{
            f"{prefix}{name}": figure
            for prefix, figures in costs.items()
            for name, figure in figures.items()
            if name != "peak_mib"
        },
        "peak_mib": max(first["peak_mib"], again["peak_mib"], next_day["peak_mib"]),
        "twice_peak_mib": twice["peak_mib"],
        "members": float(members),
        "state_mib": mib,
        **{
            f"{table}_rows" if table == "software" else table: float(rows[table])
            for table in ("accounts", "devices", "software")
        },
    }


def _load_and_resolve(data: Path, exports: Path, day: str) -> None:
    require_exit_code(
        run_homeroom("load", str(exports), *_SLUG, "--approve", data=data), codes=(0, 1)
    )  # it carries rows to be rejected
    require_exit_code(run_homeroom("resolve", *_SLUG, "--today", day, data=data))


def _expand_district(data: Path, scale: float, *options: str) -> Mapping[str, int]:
    sizes = [str(int(size * scale)) for size in (ACCOUNTS, DEVICES, SOFTWARE)]
    rows: Mapping[str, int] = json.loads(
        run_module("bench.support.widen_district", str(data), "bench", *sizes, *options).out
    )
    return rows


def _assess(data: Path, day: str) -> dict[str, float]:
    cost: ProcessCost = require_exit_code(run_homeroom("assess", *_SLUG, "--today", day, "--json", data=data))
    summary: dict[str, Any] = json.loads(cost.out)
    return {
        "judging_seconds": summary["judging_seconds"],
        "writing_seconds": summary["writing_seconds"],
        "seconds": cost.seconds,
        "cpu_seconds": cost.cpu,
        "peak_mib": cost.peak,
        "controls": float(len(summary["controls"])),
        "opened": float(summary["opened"]),
        "closed": float(summary["closed"]),
    }


def _count_open_members(data: Path) -> int:
    with closing(sqlite3.connect(data / "state.sqlite3")) as connection:
        count: int = connection.execute("SELECT count(*) FROM posture_member WHERE closed IS NULL").fetchone()[0]
    return count
