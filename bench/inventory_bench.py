"""The cost of a page of the inventory and of Today at a given district size: deep pages, filters, sorts and search.

`scale` is the number of people; there are a fifth as many devices. The figures are milliseconds per page: the median
and the 95th percentile of wall time, and the mean CPU time. `search_cpu_ms` is the mean for searches that nobody made
before, in one list and in all three. A generation's lists are materialized once, which is timed apart. `today_cpu_ms`
is the mean of the page Today after the first, over an assessment of all controls with a fifth as many open rows as
there are people; the request runs through all of the site, sessions and permissions included. No evidence is loaded,
so that it has neither a school week nor data freshness.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bench.support.assessed_inventory import AT, add_assessments
from bench.support.goals import Goal
from bench.support.inventory_rows import build_queries, create_inventory, move_cursor, write_list_files
from bench.support.medians import compute_medians
from bench.support.program import BenchmarkError
from homeroom.domain.platform.district import District

GOALS = {
    "p95_ms": Goal(at_most=150),
    "cpu_ms": Goal(at_most=30),
    "search_cpu_ms": Goal(at_most=30),
    "today_cpu_ms": Goal(at_most=30),
}
TODAY_REQUESTS = 20
ROOT = Path(__file__).resolve().parent.parent


def measure(*, runs: int = 1, scale: int = 1_000_000) -> dict[str, float]:
    """Return the figures for a district of `scale` people: medians of `runs` districts, each in its own process."""
    return compute_medians([_run_once(scale) for _ in range(runs)])


def _run_once(scale: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as folder:
        environment = {
            **os.environ,
            "HOMEROOM_DATA": folder,
            "DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "homeroom.config.settings",
        }
        process = subprocess.run(
            [sys.executable, "-m", "bench.inventory_bench", str(scale)],
            cwd=ROOT,
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    figures: dict[str, float] = json.loads(process.stdout.splitlines()[-1])
    return figures


def _measure_in_process(scale: int) -> dict[str, float]:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, skip_checks=True)
    district = create_inventory(scale)
    return {**_measure_pages(district), **_measure_today(district, scale)}


def _measure_today(district: District, scale: int) -> dict[str, float]:
    from django.conf import settings
    from django.test import Client

    from homeroom.apps.platform.districts.commands import create_user
    from homeroom.web.shared.warm_up import warm

    settings.ALLOWED_HOSTS = ["*"]
    settings.NOW = AT
    user = create_user(district=district, username="director", role="director", passphrase="seven quiet otters read")
    numbers = add_assessments(district, people=scale)
    client = Client()
    client.force_login(user)
    warm()  # as every web process does before its first page
    cpus, walls = [], []
    for _ in range(TODAY_REQUESTS + 1):
        response, wall, cpu = _measure_call(partial(client.get, "/"))
        if response.status_code != 200 or b"Open critical and high findings" not in response.content:
            raise BenchmarkError(f"Today answered {response.status_code}")
        cpus.append(cpu)
        walls.append(wall)
    return {
        **numbers,
        "today_cpu_ms": round(statistics.mean(cpus[1:]) * 1000, 2),
        "today_p95_ms": round(sorted(walls[1:])[int(TODAY_REQUESTS * 0.95) - 1] * 1000, 2),
        "today_first_cpu_ms": round(cpus[0] * 1000, 2),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def _measure_pages(district: District) -> dict[str, float]:
    from homeroom.apps.know.inventory.queries import search_all
    from homeroom.domain.platform.permissions.school_scope import EVERY_SCHOOL
    from homeroom.evidence.loads.store import EvidenceStore

    began = time.perf_counter()
    store = EvidenceStore(Path(os.environ["HOMEROOM_DATA"]) / "evidence", district=district.slug)
    write_list_files(district, store)
    write_seconds = time.perf_counter() - began
    walls: dict[str, list[float]] = {}
    cpus: list[float] = []
    search_cpus: list[float] = []
    for name, query in build_queries(district):
        pages = list(_measure_random_pages(district, query, count=6))
        walls[name] = [wall for wall, _ in pages]
        cpus += [cpu for _, cpu in pages]
        if query.search:
            search_cpus.append(pages[0][1])
            search_cpus.append(
                _measure_call(
                    partial(search_all, district=district, schools=EVERY_SCHOOL, text=query.search[:-1] or "e")
                )[2]
            )
    all_walls = sorted(wall for page_walls in walls.values() for wall in page_walls)
    for name, times in sorted(walls.items(), key=lambda item: -max(item[1]))[:12]:
        print(f"{max(times) * 1000:8.1f} ms  {name}", file=sys.stderr)
    return {
        "pages": float(len(all_walls)),
        "p50_ms": round(statistics.median(all_walls) * 1000, 2),
        "p95_ms": round(all_walls[int(len(all_walls) * 0.95)] * 1000, 2),
        "max_ms": round(all_walls[-1] * 1000, 2),
        "cpu_ms": round(statistics.mean(cpus) * 1000, 2),
        "search_cpu_ms": round(statistics.mean(search_cpus) * 1000, 2),
        "search_max_cpu_ms": round(max(search_cpus) * 1000, 2),
        "writing_a_generation_ms": round(write_seconds * 1000, 1),
    }


def _measure_random_pages(district: District, query: Any, *, count: int) -> Iterator[tuple[float, float]]:
    """Yield (wall, CPU) seconds of the first page, then of pages at random positions."""
    from dataclasses import replace

    from homeroom.apps.know.inventory.list_definitions import LISTINGS
    from homeroom.apps.know.inventory.queries import get_page

    columns = [column.name for column in LISTINGS[query.kind].columns if column.usual]
    for _ in range(count):
        page, wall, cpu = _measure_call(partial(get_page, district=district, query=query, columns=columns))
        yield wall, cpu
        if not page.after:
            return
        query = replace(query, cursor=move_cursor(district, query, page.after))


def _measure_call(call: Callable[[], Any]) -> tuple[Any, float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = call()
    return result, time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    print(json.dumps(_measure_in_process(int(sys.argv[1]))))
