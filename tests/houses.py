"""A whole house for tests that need one: a sample district's exports, a data folder made of them, and what works in it.

Everything runs as its own process, as at a district: `python -m homeroom …` with the data folder that it is given.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from homeroom.sample import make
from tests.begun import begun

ROOT = Path(__file__).resolve().parent.parent
TODAY = date(2026, 1, 6)
LEASE_SECONDS = 3


def exports(folder: Path) -> Path:
    """The sample district's exports, in a new folder."""
    make(folder, students=500, seed=1, today=TODAY)
    return folder


def started(*words: str, data: Path, module: str = "homeroom", **more: str) -> subprocess.Popen[bytes]:
    """A process of Homeroom, of its own group so that nothing of it outlives a test."""
    environment = {
        **os.environ,
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "homeroom.config.settings",
        "HOMEROOM_DATA": str(begun(data)),
        "HOMEROOM_LEASE_SECONDS": str(LEASE_SECONDS),
        **more,
    }
    return subprocess.Popen(
        [sys.executable, "-m", module, *words],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=os.name == "posix",
    )


def said(*words: str, data: Path, module: str = "homeroom") -> bytes:
    """What a process of Homeroom prints, once it has ended well."""
    child = started(*words, data=data, module=module)
    out, _ = child.communicate()
    assert child.returncode == 0, words
    return out


def killed(child: subprocess.Popen[bytes]) -> None:
    """Ends a process and whatever it started, as a power cut would."""
    if os.name == "posix":
        with_group = child.poll() is None
        if with_group:
            os.killpg(child.pid, signal.SIGKILL)
    child.kill()
    child.communicate()


def awaited(is_so: Callable[[], object], *, seconds: float = 60) -> None:
    """Waits until something is so."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it never was so"
        time.sleep(0.05)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def served(data: Path, *, worker: bool = True, **more: str) -> Iterator[str]:
    """`homeroom serve` over a data folder, with `more` in its environment; its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    child = started("serve", "--port", str(port), "--worker" if worker else "--no-worker", data=data, **more)
    try:
        awaited(lambda: child.poll() is None and _answers(f"{address}/sign-in"))
        yield address
    finally:
        killed(child)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
