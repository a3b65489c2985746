"""Twenty people in the posture of a district of 130,000 devices with 3,000,000 rows of software, on SQLite.

Each thinks a second between pages: posture by area, framework, school and over time, controls, the rows of every state, findings,
exceptions, attestations, vulnerabilities. The district is made as in `judge_district`. Figures: milliseconds of wall time as
the user sees it from the first page on, and CPU of the server a page.
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
from bench.support.goals import Goal, exactly
from bench.support.program import held, homeroom, python
from bench.support.serving import served, signed_in
from bench.support.visiting import Seen, cpu_of, p95, visit

GOALS = {
    "p95_ms": Goal(at_most=300),
    "errors": exactly(0),
    "pages": Goal(at_least=500),
    "devices": Goal(at_least=DEVICES),
}
USERS = 20
SECONDS = 90.0
_SLUG = ("--district", "bench")
_VIEWS = ("/posture", "/by-school", "/over-time", "/frameworks", "/exceptions", "/attestations", "/vulnerabilities")
_FRAMEWORKS = ("cisa-cpg-2.0", "nist-csf-2.0", "cis-8.1")


def measure(*, runs: int = 1, scale: float = 1.0) -> dict[str, float]:
    """The figures at `scale` times the size of the goals. One run tells: it holds over a thousand pages."""
    del runs
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder, data = Path(name), Path(name) / "data"
        held(homeroom("sample", str(folder / "day"), "--students", str(STUDENTS), "--today", DAYS[0], data=data))
        held(homeroom("name-district", "Bench", *_SLUG, data=data))
        held(homeroom("load", str(folder / "day"), *_SLUG, "--approve", data=data), codes=(0, 1))
        held(homeroom("resolve", *_SLUG, "--today", DAYS[0], data=data))
        sizes = [str(int(size * scale)) for size in (ACCOUNTS, DEVICES, SOFTWARE)]
        rows = json.loads(python("bench.support.wide", str(data), "bench", *sizes).out)
        judged = json.loads(held(homeroom("assess", *_SLUG, "--today", DAYS[0], "--json", data=data)).out)
        user = json.loads(held(homeroom("add-user", "director", *_SLUG, "--json", data=data)).out)
        with served(data) as server:
            return {"devices": float(rows["devices"]), **_used(server, user, sorted(_addresses(judged)))}


def _addresses(judged: dict[str, Any]) -> Iterator[str]:
    yield from _VIEWS
    yield f"/by-school?{urllib.parse.urlencode({'school': 'Aspen Elementary-3'})}"
    yield from (f"/frameworks/{one}" for one in _FRAMEWORKS)
    for one in judged["controls"]:
        yield f"/posture/{one['id']}"
        states = (("fail", "failing"), ("cannot_tell", "cannot_tell"), ("pass", "passing"))
        yield from (f"/posture/{one['id']}/{state}" for state, number in states if one[number])
    yield from (f"/findings/{one['id']}" for one in judged["findings"])


def _used(server: tuple[str, int], user: dict[str, str], urls: list[str]) -> dict[str, float]:
    address, process = server
    seen, over = Seen(), threading.Event()
    openers = [signed_in(address, user) for _ in range(USERS)]
    spent = cpu_of(process)
    threads = [
        threading.Thread(target=visit, args=(n, one, address, urls, seen, over)) for n, one in enumerate(openers)
    ]
    for thread in threads:
        thread.start()
    time.sleep(SECONDS)
    over.set()
    for thread in threads:
        thread.join()
    spent = cpu_of(process) - spent
    for error in seen.errors[:5]:
        print(error, file=sys.stderr)
    walls = sorted(wall for _, wall in seen.pages)
    return {
        "addresses": float(len(urls)),
        "pages": float(len(walls)),
        "p50_ms": round(statistics.median(walls), 1),
        "p95_ms": round(p95(walls), 1),
        "max_ms": round(walls[-1], 1),
        "cpu_ms": round(spent * 1000 / len(walls), 1),
        "errors": float(len(seen.errors)),
    }
