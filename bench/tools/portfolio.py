"""The portfolio: planted tools in the sample district, and 3,000 tools with 1,200,000 rows of use in 40 schools.

In the sample district each planted overlap, gap and hollow tool is found, and no near miss with them. The large
district has 400,000 permissions too and is judged from memory: every paid pair that meets in a school is an overlap,
every tool that nobody uses is hollow, and nothing else is. Its memory is that of a process of its own, without what its
tables take.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from bench.support.goals import Goal, require_exactly
from bench.support.medians import compute_medians
from bench.support.program import require_exit_code, run_homeroom
from bench.tools.planted_portfolio import compare_portfolio

TODAY = date(2026, 11, 28)
TOOLS, GRANTS, USE = 3_000, 400_000, 1_200_000
GOALS = {
    "engine_cpu_seconds": Goal(at_most=6),
    "engine_mib": Goal(at_most=700),
    "tools": Goal(at_least=TOOLS),
    "overlaps_wrong": require_exactly(0),
    "hollow_wrong": require_exactly(0),
    "planted": Goal(at_least=25),
    "planted_missed": require_exactly(0),
    "planted_besides": require_exactly(0),
    "near_misses": Goal(at_least=20),
    "near_misses_reported": require_exactly(0),
}


def measure(*, runs: int) -> dict[str, float]:
    """Return the medians of the figures."""
    return compute_medians([{**_judge_sample(), **_run_apart()} for _ in range(runs)])


def _judge_sample() -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        sample, data = Path(name) / "sample", Path(name) / "data"
        today = ("--today", TODAY.isoformat())
        require_exit_code(run_homeroom("sample", str(sample), "--students", "500", "--seed", "3", *today, data=data))
        truth = json.loads((sample / "truth.json").read_text(encoding="utf-8"))
        cost = require_exit_code(run_homeroom("tools", str(sample), "--json", *today, data=data), codes=(0, 1))
    return compare_portfolio(json.loads(cost.out), truth["tools"])


def _run_apart() -> dict[str, float]:
    command = [sys.executable, "-m", "bench.tools.portfolio"]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(result.stdout)
    return figures


def judge_large() -> dict[str, float]:
    """Judge the large district in this process, and return the figures."""
    from bench.tools.large_portfolio import build_large_portfolio
    from homeroom.engines.manage.tools.portfolio import ToolContent, build_portfolio
    from homeroom.evidence.query.session import open_session_over
    from homeroom.library.manage.tools.capability_files import load_capabilities
    from homeroom.library.manage.tools.product_files import load_tool_products

    district = build_large_portfolio(tools=TOOLS, grants=GRANTS, use=USE)
    content = ToolContent(
        products=load_tool_products(), capabilities={entry.id: entry for entry in load_capabilities()}
    )
    with open_session_over(district.tables) as session:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.process_time()
        portfolio = build_portfolio(session, content=content, today=TODAY)
        seconds = time.process_time() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    names = {tool.id: tool.name for tool in portfolio.tools}
    pairs = {(names[entry.tools[0]], names[entry.tools[1]]) for entry in portfolio.overlaps}
    hollow = {names[entry.tool] for entry in portfolio.hollow}
    return {
        "engine_cpu_seconds": seconds,
        "engine_mib": (peak - before) / 1024,
        "tools": len(portfolio.tools),
        "overlaps_wrong": len(pairs ^ district.meeting),
        "hollow_wrong": len(hollow ^ district.unused),
    }


if __name__ == "__main__":
    print(json.dumps(judge_large()))
