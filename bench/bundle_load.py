"""A whole OneRoster bundle of 1,000,000 users and 5,000,000 enrolments: loaded, resolved, and both again with 1 % changed.

What it should cost on two cores: reading and checking 480 MB of CSV strictly 10 s, Parquet included; resolving a million
people 60 s, most of it their rows in the state database. Of another day's export only the lines that changed are read and
written (decision 0034): hashing all of them 1 s, finding those that changed and what stands besides 1 s, the start 2 s.

Measured on 2026-11-26 on 2 cores and 24 GiB, one run each on a quiet machine, before and after decision 0038: resolving 120.6 and
89.8 s; the first load 18.5 and 17.3 s, 628 and 573 MiB; the second 25.5 % and 21.9 % of the CPU of the first. On a machine nearly twice
as fast, after decision 0040 and since a merge makes rows only of whom something changed: load 10.0 and resolving 40.1 s, the second
day 2.3 and 24.4 s, 20.0 % of the CPU of the first load and 67 % of its resolving: everything is matched anew.

`again_load_share` compares the second load with the first, which is what has a goal: evidence of a changed bundle must not cost as
much as that of a new one. `again_share` is the same with resolving, and how long a district waits for its changes; it has none.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from bench.support.goals import Goal, exactly
from bench.support.medians import medians
from bench.support.program import Cost, held, homeroom, python

USERS, ENROLLMENTS = 1_000_000, 5_000_000
ONE_IN = 100  # users and enrolments that are others on the second day
DAY = ("--today", "2026-11-24")
GOALS = {
    "load_seconds": Goal(at_most=25),
    "load_peak_mib": Goal(at_most=1024),
    "resolve_seconds": Goal(at_most=120),
    "again_load_share": Goal(at_most=0.25),
    "people": exactly(USERS),
    "enrolments": exactly(ENROLLMENTS),
    "changed_again": exactly(USERS // ONE_IN + ENROLLMENTS // ONE_IN),
}


def measure(*, runs: int) -> dict[str, float]:
    """Medians over `runs` into empty data folders. Writes about 1 GB of exports into the temporary folder.

    `times_plain_csv` compares the first load's CPU seconds with those of Python's csv over users and enrolments, so that
    it means the same on another machine.
    """
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        sizes = (str(USERS), str(ENROLLMENTS))
        python("bench.support.bundle", str(folder / "first"), *sizes)
        python("bench.support.bundle", str(folder / "second"), *sizes, str(ONE_IN))
        return medians([_once(folder, folder / f"data-{number}") for number in range(runs)])


def _once(folder: Path, data: Path) -> dict[str, float]:
    load, resolve = _day(folder / "first", data)
    again, resolved = _day(folder / "second", data)
    peer = [
        python("bench.support.plain_csv", str(folder / "first" / f"{name}.csv")) for name in ("users", "enrollments")
    ]
    first, second = (_changes(cost) for cost in (load, again))
    return {
        **_told("load", load),
        **_told("resolve", resolve),
        **_told("again_load", again),
        **_told("again_resolve", resolved),
        "again_share": (again.cpu + resolved.cpu) / (load.cpu + resolve.cpu),
        "again_load_share": again.cpu / load.cpu,
        "again_resolve_share": resolved.cpu / resolve.cpu,
        "people": float(json.loads(resolve.out)["people"]),
        "enrolments": float(first["enrollments"]["rows"]),
        "changed_again": float(second["person_records"]["changed"] + second["enrollments"]["changed"]),
        "plain_csv_cpu_seconds": sum(cost.cpu for cost in peer),
        "times_plain_csv": load.cpu / sum(cost.cpu for cost in peer),
    }


def _day(bundle: Path, data: Path) -> tuple[Cost, Cost]:
    load = held(homeroom("load", str(bundle), "--json", *DAY, data=data))
    return load, held(homeroom("resolve", "--json", *DAY, data=data))


def _changes(cost: Cost) -> dict[str, dict[str, int]]:
    (one,) = json.loads(cost.out)["loaded"]
    changes: dict[str, dict[str, int]] = one["load"]["changes"]
    return changes


def _told(name: str, cost: Cost) -> dict[str, float]:
    return {f"{name}_seconds": cost.seconds, f"{name}_cpu_seconds": cost.cpu, f"{name}_peak_mib": cost.peak}
