"""Load and resolve the sample district, and again a day later with one row in a hundred of each export changed.

It runs as a person runs it: `homeroom load` and `homeroom resolve`, each in a process of its own. The goal is the ratio
of the second day's CPU seconds to those of the first; both contain what starting the program costs, which is shown.
`unchanged_to_first` is the ratio of a third run with the same files on the same day, which only finds out that nothing
changed: less is not possible (decision 0058).
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from bench.support.goals import Goal
from bench.support.medians import compute_medians
from bench.support.program import require_exit_code, run_homeroom, run_module

STUDENTS = 10_000
FOLDERS = ("first", "second")
DAYS = ("2026-03-03", "2026-03-04")
GOALS = {"second_to_first": Goal(at_most=0.35), "changed_rows": Goal(at_least=100)}


def measure(*, runs: int = 3, students: int = STUDENTS) -> dict[str, float]:
    """Return medians over `runs` into empty data folders."""
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        changed_rows = generate_days(folder, students=students)
        return compute_medians(
            [{**_run_once(folder, number), "changed_rows": float(changed_rows)} for number in range(runs)]
        )


def generate_days(folder: Path, *, students: int) -> int:
    """Write the exports of both days to `folder`/first and `folder`/second; return the number of rows that differ."""
    for day_folder, day in zip((folder / "first", folder / "tomorrow"), DAYS, strict=True):
        size = ("--students", str(students), "--today", day)
        require_exit_code(run_homeroom("sample", str(day_folder), *size, data=folder / "none"))
    written = run_module("bench.support.next_day", *(str(folder / name) for name in ("first", "tomorrow", "second")))
    shutil.rmtree(folder / "tomorrow")
    for day_folder in FOLDERS:
        (folder / day_folder / "truth.json").unlink()
    changed_rows = {path: rows for path, rows in json.loads(written.out).items() if path != "truth.json"}
    return sum(changed_rows.values())


def _run_once(folder: Path, number: int) -> dict[str, float]:
    data = folder / f"data-{number}"
    require_exit_code(run_homeroom("district", "set", "Bench", "--district", "bench", data=data))
    start = require_exit_code(run_homeroom("loads", data=data)).cpu
    figures = {"start_cpu_seconds": start}
    for exports, day in zip(FOLDERS, DAYS, strict=True):
        load = run_homeroom("load", str(folder / exports), "--approve", "--json", data=data)
        require_exit_code(load, codes=(0, 1))
        resolve = require_exit_code(run_homeroom("resolve", "--today", day, "--json", data=data))
        figures |= {f"{exports}_load_cpu_seconds": load.cpu, f"{exports}_resolve_cpu_seconds": resolve.cpu}
    again = run_homeroom("load", str(folder / FOLDERS[-1]), "--approve", "--json", data=data)
    require_exit_code(again, codes=(0, 1))
    unchanged = require_exit_code(run_homeroom("resolve", "--today", DAYS[-1], "--json", data=data))
    shutil.rmtree(data)
    totals = {name: sum(figures[f"{name}_{part}_cpu_seconds"] for part in ("load", "resolve")) for name in FOLDERS}
    return {
        **figures,
        "second_to_first": totals["second"] / totals["first"],
        "unchanged_to_first": (again.cpu + unchanged.cpu) / totals["first"],
        "without_start": (totals["second"] - 2 * start) / (totals["first"] - 2 * start),
    }
