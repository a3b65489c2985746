"""Twenty people in the inventory of a large district while another district is loaded into the same database.

Each of 20 users thinks a second between pages: deep pages at random positions, every filter, every sort, searches by
prefix. The server starts with nothing in memory and its database's pages dropped from the system's cache: the first
half minute is `cold`, the rest `warm`. Meanwhile the exports of 20,000 students are loaded again and again, and another
process writes a row four times a second. Figures: milliseconds of wall time as the user sees it, CPU of the server per
page, and the wait of a write.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from bench.support.goals import Goal, require_exactly
from bench.support.inventory_urls import ROOT
from bench.support.page_visits import VisitLog, compute_p95, read_cpu_seconds, visit_pages, write_rows
from bench.support.program import require_exit_code, run_homeroom
from bench.support.server import serve_data, sign_in

GOALS = {
    "p95_ms": Goal(at_most=150),
    "cold_p95_ms": Goal(at_most=150),
    "cpu_ms": Goal(at_most=30),
    "write_wait_p95_ms": Goal(at_most=300),
    "loads": Goal(at_least=1),
    "errors": require_exactly(0),
}
USERS = 20
COLD_SECONDS, WARM_SECONDS = 30.0, 90.0
STUDENTS = 20_000


def measure(*, runs: int = 1, scale: int = 1_000_000) -> dict[str, float]:
    """Return the figures for a district of `scale` people.

    One run is enough: it measures more than two thousand pages.
    """
    del runs
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        data = folder / "data"
        urls = _fill_database(data, scale)
        user = json.loads(
            require_exit_code(
                run_homeroom("users", "add", "director", "--permanent", "--district", "bench", "--json", data=data)
            ).out
        )
        days = list(_generate_exports(folder, data))
        _drop_file_cache(data)
        with serve_data(data) as server:
            return _run_users(server, user, urls, data=data, days=days)


def _fill_database(data: Path, scale: int) -> list[str]:
    """Fill the database in a separate process and return the page addresses to request."""
    environment = {**os.environ, "HOMEROOM_DATA": str(data), "DATABASE_URL": ""}
    command = [sys.executable, "-m", "bench.support.inventory_urls", str(scale)]
    process = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    urls: list[str] = json.loads(process.stdout.splitlines()[-1])
    return urls


def _generate_exports(folder: Path, data: Path) -> Iterator[tuple[Path, str]]:
    """Yield the exports and the date of two days of another district."""
    require_exit_code(run_homeroom("district", "set", "Loading", "--district", "loading", data=data))
    for day, today in (("first", "2026-03-03"), ("second", "2026-03-04")):
        arguments = ("sample", str(folder / day), "--students", str(STUDENTS), "--seed", "5", "--today", today)
        require_exit_code(run_homeroom(*arguments, data=data))
        yield folder / day, today


def _drop_file_cache(data: Path) -> None:
    """Drop the database and the materialized lists from the system's file cache, if the system allows it."""
    if not hasattr(os, "posix_fadvise"):
        return
    for path in (*data.glob("*.sqlite3*"), *data.glob("evidence/*/listed/*/*.arrow")):
        with path.open("rb") as handle:
            os.fsync(handle.fileno())
            os.posix_fadvise(handle.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _run_users(
    server: tuple[str, int], user: dict[str, str], urls: list[str], *, data: Path, days: list[tuple[Path, str]]
) -> dict[str, float]:
    address, process = server
    log, stop = VisitLog(), threading.Event()
    openers = [sign_in(address, user) for _ in range(USERS)]
    _drop_file_cache(data)
    cpu, began = read_cpu_seconds(process), time.perf_counter()
    threads = [
        *(
            threading.Thread(target=visit_pages, args=(n, opener, address, urls, log, stop))
            for n, opener in enumerate(openers)
        ),
        threading.Thread(target=write_rows, args=(data / "state.sqlite3", log, stop)),
        threading.Thread(target=_load_repeatedly, args=(data, days, log, stop)),
    ]
    for thread in threads:
        thread.start()
    time.sleep(COLD_SECONDS + WARM_SECONDS)
    stop.set()
    spent, pages = read_cpu_seconds(process) - cpu, len(log.pages)
    for thread in threads:
        thread.join()
    for error in log.errors[:5]:
        print(error, file=sys.stderr)
    return _build_figures(log, began=began, cpu=spent, pages=pages)


def _build_figures(log: VisitLog, *, began: float, cpu: float, pages: int) -> dict[str, float]:
    cold = sorted(wall for moment, wall in log.pages if moment - began < COLD_SECONDS)
    warm = sorted(wall for moment, wall in log.pages if moment - began >= COLD_SECONDS)
    writes = sorted(log.writes)
    return {
        "pages": float(pages),
        "p50_ms": round(statistics.median(warm), 1),
        "p95_ms": round(compute_p95(warm), 1),
        "cold_p95_ms": round(compute_p95(cold), 1),
        "max_ms": round(max(warm), 1),
        "cpu_ms": round(cpu * 1000 / pages, 1),
        "writes": float(len(writes)),
        "write_wait_p95_ms": round(compute_p95(writes), 1),
        "write_wait_max_ms": round(writes[-1], 1),
        "loads": float(log.loads),
        "errors": float(len(log.errors)),
    }


def _load_repeatedly(data: Path, days: list[tuple[Path, str]], log: VisitLog, stop: threading.Event) -> None:
    turn = 0
    while not stop.is_set():
        exports, today = days[turn % len(days)]
        arguments = ("assess", str(exports), "--district", "loading", "--today", today, "--approve", "--json")
        cost = run_homeroom(*arguments, data=data)
        if cost.code not in (0, 1):
            log.errors.append(cost.err[-500:])
        log.loads += 1
        turn += 1
