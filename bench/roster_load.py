"""OneRoster with 1,000,000 users, strictly validated and loaded; then the same files again."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from bench.support.goals import Goal, require_exactly
from bench.support.medians import compute_medians
from bench.support.program import BIN, require_exit_code, run_homeroom, run_module

USERS = 1_000_000
GOALS = {
    "load_cpu_seconds": Goal(at_most=8),
    "times_plain_csv": Goal(at_most=5),
    "load_peak_mib": Goal(at_most=600),
    "people_in_evidence": require_exactly(USERS),
    "files_changed_by_reload": require_exactly(0),
}


def measure(*, runs: int) -> dict[str, float]:
    """Return medians over `runs` loads into empty data folders.

    `times_plain_csv` compares the CPU of a load with that of Python's csv on the same file, so that it means the same
    on another machine.
    """
    assert (BIN / "homeroom").exists()
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        run_module("bench.support.roster", str(folder / "roster"), str(USERS))
        return compute_medians([_run_once(folder, number) for number in range(runs)])


def _run_once(folder: Path, number: int) -> dict[str, float]:
    data, roster = folder / f"data-{number}", folder / "roster"
    first = require_exit_code(run_homeroom("load", str(roster), "--json", data=data))
    before = _summarize_evidence(data)
    second = require_exit_code(run_homeroom("load", str(roster), "--json", data=data))
    after = _summarize_evidence(data)
    peer = run_module("bench.support.plain_csv", str(roster / "users.csv"))
    return {
        "load_cpu_seconds": first.cpu,
        "load_seconds": first.seconds,
        "load_peak_mib": first.peak,
        "people_in_evidence": float(before["people"]),
        "reload_cpu_seconds": second.cpu,
        "reload_peak_mib": second.peak,
        "files_changed_by_reload": float(len(before["files"].items() ^ after["files"].items())),
        "plain_csv_cpu_seconds": peer.cpu,
        "times_plain_csv": first.cpu / peer.cpu,
    }


def _summarize_evidence(data: Path) -> dict:
    return json.loads(run_module("bench.support.evidence_summary", str(data)).out)
