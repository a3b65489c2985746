"""Pages while strangers hold connections that owe bytes, and while they guess passphrases.

Quiet rounds and busy ones alternate, so that both see the same machine. `slow_16` and `slow_200` are the 95th
percentile of a page while so many connections owe a body and as many a header, divided by the quiet one; `guessed` is
the same while 24 strangers post sign-ins as fast as they are answered.
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from bench.support.goals import Goal
from bench.support.program import require_exit_code, run_homeroom
from bench.support.server import serve_data, sign_in

ROUNDS, PAGES, GUESSERS = 4, 60, 24
OWED_BODY = b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 500\r\n\r\nusername="
OWED_HEADER = b"GET / HTTP/1.1\r\nHost: 127"
GOALS = {
    "slow_16": Goal(at_most=2),
    "slow_200": Goal(at_most=2),
    "guessed_p95_seconds": Goal(at_most=0.5),
    "failed": Goal(at_most=0),
}


def measure(*, runs: int = ROUNDS) -> dict[str, float]:
    """Return the ratios over so many rounds, and the quiet 95th percentile in seconds."""
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        data = Path(name) / "data"
        user = json.loads(
            require_exit_code(run_homeroom("users", "add", "director", "--permanent", "--json", data=data)).out
        )
        with serve_data(data) as (address, _process):
            opener = sign_in(address, user)
            times: dict[str, list[float]] = {kind: [] for kind in ("quiet", "slow_16", "slow_200", "guessed")}
            failed = 0
            for _ in range(runs):
                for kind, load in (
                    ("quiet", lambda: _hold_nothing(address)),
                    ("slow_16", lambda: _hold_connections(address, 16)),
                    ("quiet", lambda: _hold_nothing(address)),
                    ("slow_200", lambda: _hold_connections(address, 200)),
                    ("quiet", lambda: _hold_nothing(address)),
                    ("guessed", lambda: _guess(address)),
                ):
                    with load():
                        failed += _measure_pages(lambda: opener.open(f"{address}/", timeout=30), times[kind])
    quiet = _compute_p95(times.pop("quiet"))
    figures = {kind: _compute_p95(seconds) / quiet for kind, seconds in times.items()}
    return {**figures, "guessed_p95_seconds": _compute_p95(times["guessed"]), "quiet_p95": quiet, "failed": failed}


def _measure_pages(fetch: Callable[[], http.client.HTTPResponse], times: list[float]) -> int:
    failed = 0
    for _ in range(PAGES):
        start = time.perf_counter()
        try:
            with fetch() as response:
                response.read()
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            failed += 1
        times.append(time.perf_counter() - start)
    return failed


@contextmanager
def _hold_nothing(address: str) -> Iterator[None]:
    del address
    yield


@contextmanager
def _hold_connections(address: str, count: int) -> Iterator[None]:
    parts = urlsplit(address)
    with ExitStack() as stack:
        for start in (OWED_BODY, OWED_HEADER) * count:
            place = (parts.hostname or "", parts.port or 0)
            connection = stack.enter_context(socket.create_connection(place, timeout=30))
            connection.sendall(start)
        yield


@contextmanager
def _guess(address: str) -> Iterator[None]:
    stop = threading.Event()
    threads = [threading.Thread(target=_post_guesses, args=(address, number, stop)) for number in range(GUESSERS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _post_guesses(address: str, number: int, stop: threading.Event) -> None:
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with opener.open(f"{address}/sign-in", timeout=30) as response:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', response.read().decode())
    form = {"csrfmiddlewaretoken": token[1] if token else "", "password": "wrong passphrase here"}
    for attempt in range(10_000):
        if stop.is_set():
            return
        body = urllib.parse.urlencode(form | {"username": f"name-{number}-{attempt}"}).encode()
        try:
            opener.open(f"{address}/sign-in", data=body, timeout=30).close()
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            continue


def _compute_p95(seconds: list[float]) -> float:
    return sorted(seconds)[int(0.95 * (len(seconds) - 1))]
