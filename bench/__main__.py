"""Run `./run bench [NAME] [--runs N] [--json]`: list the benchmarks, or run one and end with one JSON line."""

from __future__ import annotations

import argparse
import compileall
import importlib
import json
import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from bench.support.goals import Goal, are_all_met

HERE = Path(__file__).resolve().parent


def list_benchmarks() -> list[str]:
    """Return the names of the benchmarks: every module of this folder, and those with GOALS of its packages."""
    return sorted(_list_modules())


def import_benchmark(name: str) -> ModuleType:
    """Import the module of a benchmark. Raise KeyError if there is none of that name."""
    return importlib.import_module(_list_modules()[name])


def _list_modules() -> dict[str, str]:
    """Return the modules by the names of their benchmarks."""
    packaged = [path for path in HERE.glob("*/*.py") if "\nGOALS" in path.read_text(encoding="utf-8")]
    files = [*HERE.glob("*.py"), *packaged]
    return {
        path.stem: ".".join((HERE.name, *path.relative_to(HERE).with_suffix("").parts))
        for path in files
        if not path.stem.startswith("_")
    }


def describe_machine() -> str:
    """Describe the machine: cores, memory if the system reports it, processor family and Python."""
    memory = ""
    if hasattr(os, "sysconf"):
        memory = f", {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
    return f"{os.cpu_count()} cores{memory}, {platform.machine()}, Python {platform.python_version()}"


def format_table(figures: dict[str, float | None], goals: dict[str, Goal]) -> str:
    """Format one line per figure, with its goal and whether it is met."""
    lines = [f"{'figure':<36} {'median':>14}  goal"]
    for name, value in figures.items():
        goal = goals.get(name)
        bound_text = (
            ""
            if goal is None
            else ", ".join(
                f"{bound_name.replace('_', ' ')} {bound_text:g}"
                for bound_name, bound_text in goal.describe_bounds().items()
            )
        )
        verdict = "" if goal is None else ("  holds" if goal.is_met_by(value) else "  DOES NOT HOLD")
        formatted = "not measured" if value is None else f"{value:,.3f}"
        lines.append(f"{name:<36} {formatted:>14}  {bound_text}{verdict}")
    missing = [f"{name:<36} {'not measured':>14}  DOES NOT HOLD" for name in goals if name not in figures]
    return "\n".join([*lines, *missing])


def run_benchmark(name: str, *, runs: int, quiet: bool = False, **settings: Any) -> bool:
    """Measure one benchmark and print it; return True if every goal is met.

    `settings` are further arguments of its `measure`.
    """
    compileall.compile_dir(
        HERE.parent / "src", quiet=1
    )  # as any second start finds it, also where Python may not keep it
    bench = import_benchmark(name)
    goals: dict[str, Goal] = bench.GOALS
    figures: dict[str, float | None] = bench.measure(runs=runs, **settings)
    holds = are_all_met(goals, figures)
    if not quiet:
        print(f"{name}: {(bench.__doc__ or '').strip().splitlines()[0]}")
        print(f"{datetime.now(UTC).date()}, {describe_machine()}, medians of {runs} runs\n")
        print(format_table(figures, goals) + "\n")
    bounds = {key: goal.describe_bounds() for key, goal in goals.items()}
    print(json.dumps({"name": name, "figures": figures, "goals": bounds, "holds": holds}), flush=True)
    return holds


def main() -> int:
    """Return 0 if the goals are met, 1 if they are not, 2 if there is no such benchmark."""
    parser = argparse.ArgumentParser(prog="./run bench", description="List the benchmarks, or run one.")
    parser.add_argument("name", nargs="?", help="which one to run")
    parser.add_argument("--runs", type=int, default=3, help="how many runs the medians are over (3)")
    parser.add_argument("--json", action="store_true", help="only the JSON line")
    options = parser.parse_args()
    if options.name is None:
        print(json.dumps({"benches": list_benchmarks()}) if options.json else "\n".join(list_benchmarks()))
        return 0
    if options.name not in list_benchmarks():
        print(f"no benchmark {options.name!r}; there are {', '.join(list_benchmarks())}", file=sys.stderr)
        return 2
    return 0 if run_benchmark(options.name, runs=options.runs, quiet=options.json) else 1


if __name__ == "__main__":
    sys.exit(main())
