"""Twenty people in the inventory of a large district while another district is loaded into the same database.

Each of 20 users thinks a second between pages: deep pages at random places, every filter, every sort, searches by prefix.
The server starts with nothing in memory and its database's pages dropped from the system's cache: the first half minute is
`cold`, the rest `warm`. Meanwhile the exports of 20,000 students go in again and again, and another process asks four times
a second to write a row. Figures: milliseconds of wall time as the user sees it, CPU of the server a page, and the wait of a write.
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

from bench.support.goals import Goal, exactly
from bench.support.inventory_urls import ROOT
from bench.support.program import held, homeroom
from bench.support.serving import served, signed_in
from bench.support.visiting import Seen, cpu_of, p95, visit, write

GOALS = {
    "p95_ms": Goal(at_most=150),
    "cold_p95_ms": Goal(at_most=150),
    "cpu_ms": Goal(at_most=30),
    "write_wait_p95_ms": Goal(at_most=300),
    "loads": Goal(at_least=1),
    "errors": exactly(0),
}
USERS = 20
COLD_SECONDS, WARM_SECONDS = 30.0, 90.0
STUDENTS = 20_000


def measure(*, runs: int = 1, scale: int = 1_000_000) -> dict[str, float]:
    """The figures for a district of `scale` people. One run tells: it holds over two thousand pages."""
    del runs
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        data = folder / "data"
        urls = _filled(data, scale)
        user = json.loads(held(homeroom("add-user", "director", "--district", "bench", "--json", data=data)).out)
        days = list(_exports(folder, data))
        _forgotten(data)
        with served(data) as server:
            return _used(server, user, urls, data=data, days=days)


def _filled(data: Path, scale: int) -> list[str]:
    """Fills the database in a process of its own; the addresses to ask."""
    environment = {**os.environ, "HOMEROOM_DATA": str(data), "DATABASE_URL": ""}
    command = [sys.executable, "-m", "bench.support.inventory_urls", str(scale)]
    ran = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    found: list[str] = json.loads(ran.stdout.splitlines()[-1])
    return found


def _exports(folder: Path, data: Path) -> Iterator[tuple[Path, str]]:
    """Two days of another district."""
    held(homeroom("name-district", "Loading", "--district", "loading", data=data))
    for day, today in (("first", "2026-03-03"), ("second", "2026-03-04")):
        made = ("sample", str(folder / day), "--students", str(STUDENTS), "--seed", "5", "--today", today)
        held(homeroom(*made, data=data))
        yield folder / day, today


def _forgotten(data: Path) -> None:
    """Drops the database and the lists that are laid out from the system's cache, where the system lets us."""
    if not hasattr(os, "posix_fadvise"):
        return
    for path in (*data.glob("*.sqlite3*"), *data.glob("evidence/*/listed/*/*.arrow")):
        with path.open("rb") as handle:
            os.fsync(handle.fileno())
            os.posix_fadvise(handle.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _used(
    server: tuple[str, int], user: dict[str, str], urls: list[str], *, data: Path, days: list[tuple[Path, str]]
) -> dict[str, float]:
    address, process = server
    seen, over = Seen(), threading.Event()
    openers = [signed_in(address, user) for _ in range(USERS)]
    _forgotten(data)
    cpu, began = cpu_of(process), time.perf_counter()
    threads = [
        *(threading.Thread(target=visit, args=(n, one, address, urls, seen, over)) for n, one in enumerate(openers)),
        threading.Thread(target=write, args=(data / "state.sqlite3", seen, over)),
        threading.Thread(target=_loader, args=(data, days, seen, over)),
    ]
    for thread in threads:
        thread.start()
    time.sleep(COLD_SECONDS + WARM_SECONDS)
    over.set()
    spent, pages = cpu_of(process) - cpu, len(seen.pages)
    for thread in threads:
        thread.join()
    for error in seen.errors[:5]:
        print(error, file=sys.stderr)
    return _figures(seen, began=began, cpu=spent, pages=pages)


def _figures(seen: Seen, *, began: float, cpu: float, pages: int) -> dict[str, float]:
    cold = sorted(wall for at, wall in seen.pages if at - began < COLD_SECONDS)
    warm = sorted(wall for at, wall in seen.pages if at - began >= COLD_SECONDS)
    writes = sorted(seen.writes)
    return {
        "pages": float(pages),
        "p50_ms": round(statistics.median(warm), 1),
        "p95_ms": round(p95(warm), 1),
        "cold_p95_ms": round(p95(cold), 1),
        "max_ms": round(max(warm), 1),
        "cpu_ms": round(cpu * 1000 / pages, 1),
        "writes": float(len(writes)),
        "write_wait_p95_ms": round(p95(writes), 1),
        "write_wait_max_ms": round(writes[-1], 1),
        "loads": float(seen.loads),
        "errors": float(len(seen.errors)),
    }


def _loader(data: Path, days: list[tuple[Path, str]], seen: Seen, over: threading.Event) -> None:
    turn = 0
    while not over.is_set():
        exports, today = days[turn % len(days)]
        words = ("assess", str(exports), "--district", "loading", "--today", today, "--approve", "--json")
        done = homeroom(*words, data=data)
        if done.code not in (0, 1):
            seen.errors.append(done.err[-500:])
        seen.loads += 1
        turn += 1
