"""OneRoster with 1,000,000 users, strictly validated and in evidence; then the same files again, which changes nothing."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from bench.support.goals import Goal, exactly
from bench.support.medians import medians
from bench.support.program import BIN, held, homeroom, python

USERS = 1_000_000
GOALS = {
    "load_cpu_seconds": Goal(at_most=8),
    "load_peak_mib": Goal(at_most=600),
    "people_in_evidence": exactly(USERS),
    "files_changed_by_reload": exactly(0),
}


def measure(*, runs: int) -> dict[str, float]:
    """Medians over `runs` loads into empty data folders. `times_plain_csv` compares with Python's csv on the same file."""
    assert (BIN / "homeroom").exists()
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        python("bench.support.roster", str(folder / "roster"), str(USERS))
        return medians([_once(folder, number) for number in range(runs)])


def _once(folder: Path, number: int) -> dict[str, float]:
    data, roster = folder / f"data-{number}", folder / "roster"
    first = held(homeroom("load", str(roster), "--json", data=data))
    before = _kept(data)
    second = held(homeroom("load", str(roster), "--json", data=data))
    after = _kept(data)
    peer = python("bench.support.plain_csv", str(roster / "users.csv"))
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


def _kept(data: Path) -> dict:
    return json.loads(python("bench.support.kept", str(data)).out)
