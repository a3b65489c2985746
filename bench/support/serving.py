"""A served house for benchmarks, and clients that are signed in to it."""

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

from bench.support.program import BIN, Broken


def signed_in(address: str, user: dict[str, str]) -> urllib.request.OpenerDirector:
    """A client that is signed in; raises Broken where that is refused."""
    opened = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    with opened.open(f"{address}/sign-in", timeout=30) as answer:
        page = answer.read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    if token is None:
        raise Broken("the sign-in page has no form")
    form = {"csrfmiddlewaretoken": token[1], "username": user["username"], "password": user["passphrase"]}
    request = urllib.request.Request(f"{address}/sign-in", data=urllib.parse.urlencode(form).encode())
    with opened.open(request, timeout=30) as answer:
        if answer.geturl().rstrip("/").endswith("sign-in"):
            raise Broken("the sign-in was refused")
    return opened


@contextmanager
def served(data: Path) -> Iterator[tuple[str, int]]:
    """`homeroom serve` over a data folder: its address, and the number of its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(BIN / "homeroom"), "serve", "--no-worker", "--port", str(port)]
    process = subprocess.Popen(command, env={**os.environ, "HOMEROOM_DATA": str(data)}, stdout=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        _answering(address)
        yield address, process.pid
    finally:
        process.terminate()
        process.wait()


def _answering(address: str) -> None:
    for _ in range(100):
        try:
            with urllib.request.urlopen(f"{address}/sign-in", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise Broken("the server does not answer")
