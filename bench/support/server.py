"""A running Homeroom server for benchmarks, and clients that are signed in to it."""

from __future__ import annotations

import http.cookiejar
import os
import re
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.support.program import BIN, BenchmarkError


def sign_in(address: str, user: dict[str, str]) -> urllib.request.OpenerDirector:
    """Sign in and return the client; raise BenchmarkError if that is refused."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    with opener.open(f"{address}/sign-in", timeout=30) as response:
        page = response.read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    if token is None:
        raise BenchmarkError("the sign-in page has no form")
    form = {"csrfmiddlewaretoken": token[1], "username": user["username"], "password": user["passphrase"]}
    request = urllib.request.Request(f"{address}/sign-in", data=urllib.parse.urlencode(form).encode())
    with opener.open(request, timeout=30) as response:
        if response.geturl().rstrip("/").endswith("sign-in"):
            raise BenchmarkError("the sign-in was refused")
    return opener


@contextmanager
def serve_data(data: Path) -> Iterator[tuple[str, int]]:
    """Run `homeroom serve` over a data folder; yield its address and its process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(BIN / "homeroom"), "serve", "--no-worker", "--port", str(port)]
    process = subprocess.Popen(command, env={**os.environ, "HOMEROOM_DATA": str(data)}, stdout=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_until_ready(address)
        yield address, process.pid
    finally:
        process.terminate()
        process.wait()


def _wait_until_ready(address: str) -> None:
    for _ in range(100):
        try:
            with urllib.request.urlopen(f"{address}/sign-in", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise BenchmarkError("the server does not answer")
