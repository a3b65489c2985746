"""A reader and a sign-in while a district is loaded, resolved and assessed: neither may wait over a second."""

from __future__ import annotations

import itertools
import json
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from bench.support.goals import Goal
from bench.support.program import require_exit_code, run_homeroom
from bench.support.server import serve_data, sign_in

STUDENTS = 20_000
PAUSE = 0.2
GOALS = {
    "longest_page_seconds": Goal(at_most=1),
    "longest_sign_in_seconds": Goal(at_most=1),
    "pages": Goal(at_least=20),
    "sign_ins": Goal(at_least=5),
}


def measure(*, runs: int = 1) -> dict[str, float]:
    """Return the longest waits while a second day's exports of 20,000 students are loaded over the first day's."""
    del runs
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        data = folder / "data"
        for day, today in (("first", "2026-03-03"), ("second", "2026-03-04")):
            arguments = ("sample", str(folder / day), "--students", str(STUDENTS), "--seed", "5", "--today", today)
            require_exit_code(run_homeroom(*arguments, data=data))
        require_exit_code(
            run_homeroom("assess", str(folder / "first"), "--today", "2026-03-03", "--json", data=data), codes=(0, 1)
        )
        user = json.loads(
            require_exit_code(run_homeroom("users", "add", "director", "--permanent", "--json", data=data)).out
        )
        with serve_data(data) as (address, _process):
            return _measure_waits(address, user, data=data, exports=folder / "second")


def _measure_waits(address: str, user: dict[str, str], *, data: Path, exports: Path) -> dict[str, float]:
    pages: list[float] = []
    sign_ins: list[float] = []
    stop = threading.Event()
    threads = [
        threading.Thread(target=_repeat, args=(stop, sign_ins, lambda: sign_in(address, user))),
        threading.Thread(target=_repeat, args=(stop, pages, _build_page_reader(address, user))),
    ]
    for thread in threads:
        thread.start()
    began = time.perf_counter()
    command = ("assess", str(exports), "--today", "2026-03-04", "--approve", "--json")
    require_exit_code(run_homeroom(*command, data=data), codes=(0, 1))
    seconds = time.perf_counter() - began
    stop.set()
    for thread in threads:
        thread.join()
    return {
        "load_seconds": seconds,
        "pages": float(len(pages)),
        "longest_page_seconds": max(pages),
        "sign_ins": float(len(sign_ins)),
        "longest_sign_in_seconds": max(sign_ins),
    }


def _repeat(stop: threading.Event, waits: list[float], action: Callable[[], object]) -> None:
    while not stop.is_set():
        began = time.perf_counter()
        action()
        waits.append(time.perf_counter() - began)
        stop.wait(PAUSE)


def _build_page_reader(address: str, user: dict[str, str]) -> Callable[[], object]:
    opener = sign_in(address, user)
    paths = itertools.cycle(("/", "/devices", "/posture", "/people"))

    def open_next_page() -> None:
        with opener.open(address + next(paths), timeout=30) as response:
            response.read()

    return open_next_page
