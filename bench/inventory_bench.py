"""What one page of the inventory costs: deep pages, every filter, every sort and search, in a district of a given size.

`scale` is the number of people; there are a fifth as many devices. The figures are milliseconds: the median and the 95th
percentile of wall time, and the mean CPU time, a page. A generation's lists are laid out once, which is timed apart.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bench.support.goals import Goal
from bench.support.inventory_rows import GENERATION, SNAPSHOT, deeper, filled, questions
from bench.support.medians import medians

GOALS = {"p95_ms": Goal(at_most=150), "cpu_ms": Goal(at_most=30)}
ROOT = Path(__file__).resolve().parent.parent


def measure(*, runs: int = 1, scale: int = 1_000_000) -> dict[str, float]:
    """The figures for a district of `scale` people: medians of `runs` districts, each in a process of its own."""
    return medians([_once(scale) for _ in range(runs)])


def _once(scale: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as folder:
        environment = {
            **os.environ,
            "HOMEROOM_DATA": folder,
            "DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "homeroom.config.settings",
        }
        ran = subprocess.run(
            [sys.executable, "-m", "bench.inventory_bench", str(scale)],
            cwd=ROOT,
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    figures: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return figures


def _inside(scale: int) -> dict[str, float]:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, skip_checks=True)
    district = filled(scale)
    return _timed(district)


def _timed(district: Any) -> dict[str, float]:

    from homeroom.apps.inventory.listed import from_rows, put
    from homeroom.apps.inventory.listings import LISTINGS
    from homeroom.evidence.store import Store

    began = time.perf_counter()
    store = Store(Path(os.environ["HOMEROOM_DATA"]) / "evidence", district=district.slug)
    for kind in LISTINGS:
        table = from_rows(district=district, kind=kind, generation=GENERATION)
        put(store=store, kind=kind, derived=SNAPSHOT, table=table)
    laying = time.perf_counter() - began
    walls: dict[str, list[float]] = {}
    cpus: list[float] = []
    for name, ask in questions(district):
        pages = list(_pages(district, ask, many=6))
        walls[name] = [wall for wall, _ in pages]
        cpus += [cpu for _, cpu in pages]
    everything = sorted(wall for wall_of in walls.values() for wall in wall_of)
    for name, times in sorted(walls.items(), key=lambda item: -max(item[1]))[:12]:
        print(f"{max(times) * 1000:8.1f} ms  {name}", file=sys.stderr)
    return {
        "pages": float(len(everything)),
        "p50_ms": round(statistics.median(everything) * 1000, 2),
        "p95_ms": round(everything[int(len(everything) * 0.95)] * 1000, 2),
        "max_ms": round(everything[-1] * 1000, 2),
        "cpu_ms": round(statistics.mean(cpus) * 1000, 2),
        "laying_a_generation_out_ms": round(laying * 1000, 1),
    }


def _pages(district: Any, ask: Any, *, many: int) -> Iterator[tuple[float, float]]:
    """The first page, then pages at random places: a cursor is moved to a random row."""
    from dataclasses import replace

    from homeroom.apps.inventory.listings import LISTINGS
    from homeroom.apps.inventory.queries import page_of

    columns = [column.name for column in LISTINGS[ask.kind].shown if column.usual]
    for _ in range(many):
        page, wall, cpu = _clocked(partial(page_of, district=district, ask=ask, columns=columns))
        yield wall, cpu
        if not page.after:
            return
        ask = replace(ask, cursor=deeper(district, ask, page.after))


def _clocked(call: Callable[[], Any]) -> tuple[Any, float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = call()
    return result, time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    print(json.dumps(_inside(int(sys.argv[1]))))
