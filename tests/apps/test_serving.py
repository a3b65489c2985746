"""The server and its worker as real processes: they start together and end together."""

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

from tests.apps.program import run_homeroom, start_program
from tests.data_folders import prepare_data_folder

SECONDS = 15
PROCESSES = Path("/proc")


@pytest.fixture(name="data")
def _prepare_data_folder(tmp_path: Path) -> Path:
    return prepare_data_folder(tmp_path / "data")


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def run_server(data: Path, *arguments: str, port: int) -> Iterator[subprocess.Popen[str]]:
    with start_program("serve", "--port", str(port), *arguments, data=data) as process:
        try:
            _wait_until_answering(port, process)
            yield process
        finally:
            with suppress(ProcessLookupError):
                process.kill()


def _wait_until_answering(port: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=5) as response:
                assert response.status == 200
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise AssertionError("the server does not answer")


def _list_processes(data: Path) -> list[str]:
    """Return the command lines of the processes that work with this data folder."""
    marker, command_lines = f"HOMEROOM_DATA={data}".encode(), []
    for process_folder in PROCESSES.glob("[0-9]*"):
        with suppress(OSError):
            if marker in (process_folder / "environ").read_bytes().split(b"\0"):
                command_lines.append((process_folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return command_lines


linux_only = pytest.mark.skipif(not (PROCESSES / "self" / "environ").exists(), reason="looks for processes in /proc")


@linux_only
@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT], ids=["told to end", "Ctrl-C"])
def test_the_worker_ends_with_the_server(data: Path, by: signal.Signals) -> None:
    with run_server(data, port=find_free_port()) as process:
        assert sum(" homeroom worker" in line for line in _list_processes(data)) == 1
        os.kill(process.pid, by)
        assert process.wait(timeout=SECONDS) == 0
        assert _list_processes(data) == []


@linux_only
def test_a_server_without_a_worker_starts_none(data: Path) -> None:
    with run_server(data, "--no-worker", port=find_free_port()) as process:
        assert [line for line in _list_processes(data) if " homeroom worker" in line] == []
        process.terminate()
        process.wait(timeout=SECONDS)


def test_a_port_that_somebody_has_is_refused_rather_than_shared(data: Path) -> None:
    with socket.socket() as listener:
        if sys.platform != "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        port = listener.getsockname()[1]
        refused = run_homeroom("serve", "--port", str(port), data=data)
    assert refused.returncode == 2
    assert f"cannot listen on 127.0.0.1:{port}" in refused.stderr


def test_a_folder_of_several_districts_is_served_without_naming_one(data: Path) -> None:
    for slug in ("cedar", "maple"):
        assert run_homeroom("district", "set", slug.title(), "--district", slug, data=data).returncode == 0
    with run_server(data, port=find_free_port()) as process:
        assert process.poll() is None
    assert run_homeroom("assess", data=data).returncode == 2, "a verb that judges asks which is meant"
