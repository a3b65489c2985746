"""The server and its worker, as real processes: they begin together and end together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.apps.program import homeroom, started
from tests.begun import begun

SECONDS = 15
PROCESSES = Path("/proc")


@pytest.fixture(name="data")
def _data(tmp_path: Path) -> Path:
    return begun(tmp_path / "data")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(data: Path, *words: str, port: int) -> Iterator[subprocess.Popen[str]]:
    with started("serve", "--port", str(port), *words, data=data) as process:
        try:
            _answers(port, process)
            yield process
        finally:
            with suppress(ProcessLookupError):
                process.kill()


def _answers(port: int, process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=5) as answer:
                assert answer.status == 200
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise AssertionError("the server does not answer")


def _with(data: Path) -> list[str]:
    """The command lines of the processes that work with this data folder."""
    wanted, found = f"HOMEROOM_DATA={data}".encode(), []
    for place in PROCESSES.glob("[0-9]*"):
        with suppress(OSError):
            if wanted in (place / "environ").read_bytes().split(b"\0"):
                found.append((place / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


linux = pytest.mark.skipif(not (PROCESSES / "self" / "environ").exists(), reason="looks for processes in /proc")


@linux
@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT], ids=["told to end", "Ctrl-C"])
def test_the_worker_ends_with_the_server(data: Path, by: signal.Signals) -> None:
    with serving(data, port=free_port()) as process:
        assert sum(" homeroom worker" in line for line in _with(data)) == 1
        os.kill(process.pid, by)
        assert process.wait(timeout=SECONDS) == 0
        assert _with(data) == []


@linux
def test_a_server_without_a_worker_starts_none(data: Path) -> None:
    with serving(data, "--no-worker", port=free_port()) as process:
        assert [line for line in _with(data) if " homeroom worker" in line] == []
        process.terminate()
        process.wait(timeout=SECONDS)


def test_a_port_that_somebody_has_is_refused_rather_than_shared(data: Path) -> None:
    with socket.socket() as other:
        if sys.platform != "win32":
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        port = other.getsockname()[1]
        refused = homeroom("serve", "--port", str(port), data=data)
    assert refused.returncode == 2
    assert f"cannot listen on 127.0.0.1:{port}" in refused.stderr


def test_a_folder_of_several_districts_is_served_without_naming_one(data: Path) -> None:
    for slug in ("cedar", "maple"):
        assert homeroom("name-district", slug.title(), "--district", slug, data=data).returncode == 0
    with serving(data, port=free_port()) as process:
        assert process.poll() is None
    assert homeroom("assess", data=data).returncode == 2, "a verb that judges asks which is meant"
