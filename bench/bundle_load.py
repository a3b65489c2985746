"""A OneRoster bundle of 1,000,000 users and 5,000,000 enrollments, loaded, resolved, and both again.

The second time 1 % is changed. What it should cost on two cores: reading and checking 480 MB of CSV strictly 10 s,
Parquet included; resolving a million people 60 s, most of it for their rows in the state database. Of the next day's
export only the changed lines are read and written (decision 0034): hashing all lines 1 s, finding the changed and the
current ones 1 s, the start 2 s.

Measured on 2026-11-26 on 2 cores and 24 GiB, one run each on a quiet machine, before and after decision 0038: resolving
120.6 and 89.8 s; the first load 18.5 and 17.3 s, 628 and 573 MiB; the second 25.5 % and 21.9 % of the CPU of the first.
On a machine nearly twice as fast, after decision 0040 and since a merge writes only the rows of people with a change:
load 10.0 and resolving 40.1 s, the second day 2.3 and 24.4 s, 20.0 % of the CPU of the first load and 67 % of its
resolving: everything is matched again.

`again_load_share` compares the second load with the first, and has a goal: evidence of a changed bundle must not cost
as much as that of a new one. `again_share` includes resolving and is how long a district waits for its changes; it has
no goal.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from bench.support.goals import Goal, require_exactly
from bench.support.medians import compute_medians
from bench.support.program import ProcessCost, require_exit_code, run_homeroom, run_module

USERS, ENROLLMENTS = 1_000_000, 5_000_000
CHANGED_ONE_IN = 100  # users and enrollments that are others on the second day
DAY = ("--today", "2026-11-24")
GOALS = {
    "load_seconds": Goal(at_most=25),
    "times_plain_csv": Goal(at_most=3.3),
    "load_peak_mib": Goal(at_most=1024),
    "resolve_seconds": Goal(at_most=120),
    "again_load_share": Goal(at_most=0.25),
    "people": require_exactly(USERS),
    "enrollments": require_exactly(ENROLLMENTS),
    "changed_again": require_exactly(USERS // CHANGED_ONE_IN + ENROLLMENTS // CHANGED_ONE_IN),
}


def measure(*, runs: int) -> dict[str, float]:
    """Return medians over `runs` into empty data folders.

    Write about 1 GB of exports into the temporary folder. `times_plain_csv` compares the first load's CPU seconds with
    those of Python's csv over users and enrollments, so that it means the same on another machine.
    """
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        sizes = (str(USERS), str(ENROLLMENTS))
        run_module("bench.support.bundle", str(folder / "first"), *sizes)
        run_module("bench.support.bundle", str(folder / "second"), *sizes, str(CHANGED_ONE_IN))
        return compute_medians([_run_once(folder, folder / f"data-{number}") for number in range(runs)])


def _run_once(folder: Path, data: Path) -> dict[str, float]:
    first_load, first_resolve = _load_and_resolve(folder / "first", data)
    second_load, second_resolve = _load_and_resolve(folder / "second", data)
    peer = [
        run_module("bench.support.plain_csv", str(folder / "first" / f"{name}.csv"))
        for name in ("users", "enrollments")
    ]
    first, second = (_read_changes(cost) for cost in (first_load, second_load))
    return {
        **_build_cost_figures("load", first_load),
        **_build_cost_figures("resolve", first_resolve),
        **_build_cost_figures("again_load", second_load),
        **_build_cost_figures("again_resolve", second_resolve),
        "again_share": (second_load.cpu + second_resolve.cpu) / (first_load.cpu + first_resolve.cpu),
        "again_load_share": second_load.cpu / first_load.cpu,
        "again_resolve_share": second_resolve.cpu / first_resolve.cpu,
        "people": float(json.loads(first_resolve.out)["people"]),
        "enrollments": float(first["enrollments"]["rows"]),
        "changed_again": float(second["person_records"]["changed"] + second["enrollments"]["changed"]),
        "plain_csv_cpu_seconds": sum(cost.cpu for cost in peer),
        "times_plain_csv": first_load.cpu / sum(cost.cpu for cost in peer),
    }


def _load_and_resolve(bundle: Path, data: Path) -> tuple[ProcessCost, ProcessCost]:
    load = require_exit_code(run_homeroom("load", str(bundle), "--json", *DAY, data=data))
    return load, require_exit_code(run_homeroom("resolve", "--json", *DAY, data=data))


def _read_changes(cost: ProcessCost) -> dict[str, dict[str, int]]:
    (loaded,) = json.loads(cost.out)["loaded"]
    changes: dict[str, dict[str, int]] = loaded["load"]["changes"]
    return changes


def _build_cost_figures(name: str, cost: ProcessCost) -> dict[str, float]:
    return {f"{name}_seconds": cost.seconds, f"{name}_cpu_seconds": cost.cpu, f"{name}_peak_mib": cost.peak}
