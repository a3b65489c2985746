"""A reader and a sign-in while a district is loaded, resolved and judged: neither may wait over a second."""

from __future__ import annotations

import itertools
import json
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from bench.support.goals import Goal
from bench.support.program import held, homeroom
from bench.support.serving import served, signed_in

STUDENTS = 20_000
PAUSE = 0.2
GOALS = {
    "longest_page_seconds": Goal(at_most=1),
    "longest_sign_in_seconds": Goal(at_most=1),
    "pages": Goal(at_least=20),
    "sign_ins": Goal(at_least=5),
}


def measure(*, runs: int = 1) -> dict[str, float]:
    """The longest waits over all runs, while a second day's exports of 20,000 students go in beside the first day's."""
    del runs
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        data = folder / "data"
        for day, today in (("first", "2026-03-03"), ("second", "2026-03-04")):
            made = ("sample", str(folder / day), "--students", str(STUDENTS), "--seed", "5", "--today", today)
            held(homeroom(*made, data=data))
        held(homeroom("assess", str(folder / "first"), "--today", "2026-03-03", "--json", data=data), codes=(0, 1))
        user = json.loads(held(homeroom("add-user", "director", "--json", data=data)).out)
        with served(data) as (address, _process):
            return _waits(address, user, data=data, exports=folder / "second")


def _waits(address: str, user: dict[str, str], *, data: Path, exports: Path) -> dict[str, float]:
    pages: list[float] = []
    sign_ins: list[float] = []
    over = threading.Event()
    threads = [
        threading.Thread(target=_again, args=(over, sign_ins, lambda: signed_in(address, user))),
        threading.Thread(target=_again, args=(over, pages, _reader(address, user))),
    ]
    for thread in threads:
        thread.start()
    began = time.perf_counter()
    command = ("assess", str(exports), "--today", "2026-03-04", "--approve", "--json")
    held(homeroom(*command, data=data), codes=(0, 1))
    seconds = time.perf_counter() - began
    over.set()
    for thread in threads:
        thread.join()
    return {
        "load_seconds": seconds,
        "pages": float(len(pages)),
        "longest_page_seconds": max(pages),
        "sign_ins": float(len(sign_ins)),
        "longest_sign_in_seconds": max(sign_ins),
    }


def _again(over: threading.Event, waits: list[float], once: Callable[[], object]) -> None:
    while not over.is_set():
        began = time.perf_counter()
        once()
        waits.append(time.perf_counter() - began)
        over.wait(PAUSE)


def _reader(address: str, user: dict[str, str]) -> Callable[[], object]:
    opened = signed_in(address, user)
    paths = itertools.cycle(("/", "/devices", "/posture", "/people"))

    def read() -> None:
        with opened.open(address + next(paths), timeout=30) as answer:
            answer.read()

    return read
