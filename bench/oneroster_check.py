"""A OneRoster bundle with 1,000,000 users and 5,000,000 enrollments, checked against every rule; it breaks none."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from bench.support.goals import Goal, require_exactly
from bench.support.medians import compute_medians
from bench.support.program import require_exit_code, run_homeroom, run_module

USERS, ENROLLMENTS = 1_000_000, 5_000_000
GOALS = {
    "check_seconds": Goal(at_most=45),
    "check_peak_mib": Goal(at_most=2048),
    "rows_checked": Goal(at_least=USERS + ENROLLMENTS),
    "rules_broken": require_exactly(0),
}


def measure(*, runs: int) -> dict[str, float]:
    """Return medians over `runs` checks of the same bundle.

    Write about 480 MB into the temporary folder.
    """
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        run_module("bench.support.bundle", str(folder / "roster"), str(USERS), str(ENROLLMENTS))
        return compute_medians([_run_once(folder) for _ in range(runs)])


def _run_once(folder: Path) -> dict[str, float]:
    cost = require_exit_code(run_homeroom("check", "oneroster", str(folder / "roster"), "--json", data=folder / "data"))
    report = json.loads(cost.out)
    return {
        "check_seconds": cost.seconds,
        "check_cpu_seconds": cost.cpu,
        "check_peak_mib": cost.peak,
        "rows_checked": float(sum(file["rows"] for file in report["files"])),
        "rules_broken": float(sum(report["places"].values())),
    }
