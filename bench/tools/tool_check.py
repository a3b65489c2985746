"""The check before a tool is adopted, in a district with 3,000 tools, 400,000 permissions and 1,200,000 rows of use.

Tools of all sizes are checked by name in one session, as a page does it for a name that it did not check before: paid
ones, those that only lists of use and permissions have, names that are nearly one, and names that are none. Counts by
school are compared with those that the rows give.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import date
from typing import Any

from bench.support.goals import Goal, require_exactly
from bench.support.medians import compute_medians
from bench.support.page_visits import compute_p95

TODAY = date(2026, 11, 28)
TOOLS, GRANTS, USE = 3_000, 400_000, 1_200_000
CHECKED = 30
GOALS = {
    "check_cpu_p95_ms": Goal(at_most=300),
    "cannot_be_found": require_exactly(0),
    "taken_for_another": require_exactly(0),
    "users_wrong": require_exactly(0),
}


def measure(*, runs: int = 1) -> dict[str, float]:
    """Return the medians of the figures."""
    return compute_medians([_run_apart() for _ in range(runs)])


def _run_apart() -> dict[str, float]:
    command = [sys.executable, "-m", "bench.tools.tool_check"]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(result.stdout)
    return figures


def check_large() -> dict[str, float]:
    """Check tools of the large district in this process, and return the figures."""
    from bench.tools.large_portfolio import MONTHS, build_large_portfolio
    from homeroom.engines.manage.tools.check_tool import check_tool
    from homeroom.engines.manage.tools.finding_tables import build_finding_tables
    from homeroom.engines.manage.tools.portfolio import ToolContent, build_portfolio
    from homeroom.engines.manage.tools.tables import build_tools_table
    from homeroom.evidence.query.session import open_session_over
    from homeroom.library.manage.tools.capability_files import load_capabilities
    from homeroom.library.manage.tools.product_files import load_tool_products

    district = build_large_portfolio(tools=TOOLS, grants=GRANTS, use=USE)
    content = ToolContent(
        products=load_tool_products(), capabilities={entry.id: entry for entry in load_capabilities()}
    )
    with open_session_over(district.tables) as session:
        portfolio = build_portfolio(session, content=content, today=TODAY)
    derived = {"tools": build_tools_table(portfolio), **build_finding_tables(portfolio)}
    names = [tool.name for tool in portfolio.tools][:: TOOLS // CHECKED]
    costs, checks, others = [], [], []
    with open_session_over({**district.tables, **derived}) as session:
        expected = _count_users(session, names, MONTHS[-1])
        for name in names:
            for text, into in ((name, checks), (f"{name}q", others), ("Quokka Ledger", others)):
                start = time.process_time()
                into.append(check_tool(session, content=content, text=text, today=TODAY))
                costs.append((time.process_time() - start) * 1000)
    pairs = list(zip(names, checks, strict=True))
    return {
        "check_cpu_p95_ms": compute_p95(sorted(costs)),
        "cannot_be_found": sum(check.tool is None or check.tool.name != name for name, check in pairs),
        "taken_for_another": sum(check.tool is not None for check in others),
        "users_wrong": sum((check.reach.users or 0) != expected.get(name, 0) for name, check in pairs),
    }


def _count_users(session: Any, names: Sequence[str], month: tuple[date, date]) -> dict[str, int]:
    """Count the people of the newest month by app, from the rows themselves; counts under ten are hidden."""
    rows = session.execute(
        """SELECT app, count(DISTINCT email) FILTER (email <> '') FROM app_use_records
        WHERE until = ? AND list_contains(?::VARCHAR[], app) GROUP BY app""",
        [month[1], list(names)],
    ).fetchall()
    return {app: users for app, users in rows if users >= 10}


if __name__ == "__main__":
    print(json.dumps(check_large()))
