"""Twenty people in the posture of a district of 130,000 devices with 3,000,000 rows of software, on SQLite.

Each thinks a second between pages: posture by area, framework, school and over time, controls, the rows of every state,
findings, exceptions, attestations, vulnerabilities. The district is generated as in `judge_district`. Figures:
milliseconds of wall time as the user sees it from the first page on, and CPU of the server per page.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.judge_district import ACCOUNTS, DAYS, DEVICES, SOFTWARE, STUDENTS
from bench.support.goals import Goal, require_exactly
from bench.support.page_visits import VisitLog, compute_p95, read_cpu_seconds, visit_pages
from bench.support.program import require_exit_code, run_homeroom, run_module
from bench.support.server import serve_data, sign_in

GOALS = {
    "p95_ms": Goal(at_most=300),
    "errors": require_exactly(0),
    "pages": Goal(at_least=500),
    "devices": Goal(at_least=DEVICES),
}
USERS = 20
SECONDS = 90.0
_SLUG = ("--district", "bench")
_VIEWS = ("/posture", "/by-school", "/over-time", "/frameworks", "/exceptions", "/attestations", "/vulnerabilities")
_FRAMEWORKS = ("cisa-cpg-2.0", "nist-csf-2.0", "cis-8.1")


def measure(*, runs: int = 1, scale: float = 1.0) -> dict[str, float]:
    """Return the figures at `scale` times the size of the goals.

    One run is enough: it measures more than a thousand pages.
    """
    del runs
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder, data = Path(name), Path(name) / "data"
        require_exit_code(
            run_homeroom("sample", str(folder / "day"), "--students", str(STUDENTS), "--today", DAYS[0], data=data)
        )
        require_exit_code(run_homeroom("district", "set", "Bench", *_SLUG, data=data))
        require_exit_code(run_homeroom("load", str(folder / "day"), *_SLUG, "--approve", data=data), codes=(0, 1))
        require_exit_code(run_homeroom("resolve", *_SLUG, "--today", DAYS[0], data=data))
        sizes = [str(int(size * scale)) for size in (ACCOUNTS, DEVICES, SOFTWARE)]
        rows = json.loads(run_module("bench.support.widen_district", str(data), "bench", *sizes).out)
        assessment = json.loads(
            require_exit_code(run_homeroom("assess", *_SLUG, "--today", DAYS[0], "--json", data=data)).out
        )
        user = json.loads(
            require_exit_code(run_homeroom("users", "add", "director", "--permanent", *_SLUG, "--json", data=data)).out
        )
        with serve_data(data) as server:
            return {"devices": float(rows["devices"]), **_run_users(server, user, sorted(_list_urls(assessment)))}


def _list_urls(assessment: dict[str, Any]) -> Iterator[str]:
    yield from _VIEWS
    yield f"/by-school?{urllib.parse.urlencode({'school': 'Aspen Elementary-3'})}"
    yield from (f"/frameworks/{item}" for item in _FRAMEWORKS)
    for item in assessment["controls"]:
        yield f"/posture/{item['id']}"
        states = (("fail", "failing"), ("cannot_tell", "cannot_tell"), ("pass", "passing"))
        yield from (f"/posture/{item['id']}/{state}" for state, number in states if item[number])
    yield from (f"/findings/{item['id']}" for item in assessment["findings"])


def _run_users(server: tuple[str, int], user: dict[str, str], urls: list[str]) -> dict[str, float]:
    address, process = server
    log, stop = VisitLog(), threading.Event()
    openers = [sign_in(address, user) for _ in range(USERS)]
    spent = read_cpu_seconds(process)
    threads = [
        threading.Thread(target=visit_pages, args=(n, opener, address, urls, log, stop))
        for n, opener in enumerate(openers)
    ]
    for thread in threads:
        thread.start()
    time.sleep(SECONDS)
    stop.set()
    for thread in threads:
        thread.join()
    spent = read_cpu_seconds(process) - spent
    for error in log.errors[:5]:
        print(error, file=sys.stderr)
    walls = sorted(wall for _, wall in log.pages)
    return {
        "addresses": float(len(urls)),
        "pages": float(len(walls)),
        "p50_ms": round(statistics.median(walls), 1),
        "p95_ms": round(compute_p95(walls), 1),
        "max_ms": round(walls[-1], 1),
        "cpu_ms": round(spent * 1000 / len(walls), 1),
        "errors": float(len(log.errors)),
    }
