"""`./run bench [NAME] [--runs N] [--json]`: lists the benchmarks, or runs one and ends with one JSON line."""

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
from typing import Any

from bench.support.goals import Goal, all_hold

HERE = Path(__file__).resolve().parent


def names() -> list[str]:
    """The benchmarks: every module of this folder that is not private."""
    return sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_"))


def machine() -> str:
    """The machine's size in words: cores, memory where the system says it, processor family, Python."""
    memory = ""
    if hasattr(os, "sysconf"):
        memory = f", {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
    return f"{os.cpu_count()} cores{memory}, {platform.machine()}, Python {platform.python_version()}"


def table(figures: dict[str, float | None], goals: dict[str, Goal]) -> str:
    """One line a figure, with its goal and whether it holds."""
    lines = [f"{'figure':<36} {'median':>14}  goal"]
    for name, value in figures.items():
        goal = goals.get(name)
        bound = (
            ""
            if goal is None
            else ", ".join(f"{end.replace('_', ' ')} {bound:g}" for end, bound in goal.told().items())
        )
        verdict = "" if goal is None else ("  holds" if goal.holds(value) else "  DOES NOT HOLD")
        shown = "not measured" if value is None else f"{value:,.3f}"
        lines.append(f"{name:<36} {shown:>14}  {bound}{verdict}")
    missing = [f"{name:<36} {'not measured':>14}  DOES NOT HOLD" for name in goals if name not in figures]
    return "\n".join([*lines, *missing])


def run(name: str, *, runs: int, quiet: bool = False, **settings: Any) -> bool:
    """Measures one benchmark and prints it; true where every goal holds. `settings` are further ones of its `measure`."""
    compileall.compile_dir(
        HERE.parent / "src", quiet=1
    )  # as any second start finds it, also where Python may not keep it
    bench = importlib.import_module(f"bench.{name}")
    goals: dict[str, Goal] = bench.GOALS
    figures: dict[str, float | None] = bench.measure(runs=runs, **settings)
    holds = all_hold(goals, figures)
    if not quiet:
        print(f"{name}: {(bench.__doc__ or '').strip().splitlines()[0]}")
        print(f"{datetime.now(UTC).date()}, {machine()}, medians of {runs} runs\n")
        print(table(figures, goals) + "\n")
    told = {key: goal.told() for key, goal in goals.items()}
    print(json.dumps({"name": name, "figures": figures, "goals": told, "holds": holds}), flush=True)
    return holds


def main() -> int:
    """0 done and the goals hold, 1 they do not, 2 there is no such benchmark."""
    parser = argparse.ArgumentParser(prog="./run bench", description="List the benchmarks, or run one.")
    parser.add_argument("name", nargs="?", help="which one to run")
    parser.add_argument("--runs", type=int, default=3, help="how many runs the medians are over (3)")
    parser.add_argument("--json", action="store_true", help="only the JSON line")
    chosen = parser.parse_args()
    if chosen.name is None:
        print(json.dumps({"benches": names()}) if chosen.json else "\n".join(names()))
        return 0
    if chosen.name not in names():
        print(f"no benchmark {chosen.name!r}; there are {', '.join(names())}", file=sys.stderr)
        return 2
    return 0 if run(chosen.name, runs=chosen.runs, quiet=chosen.json) else 1


if __name__ == "__main__":
    sys.exit(main())
