"""The server and its worker as real processes: they start together and end together."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import ClassVar

import pytest

from homeroom.cli.platform.service.shutdown_signals import install_signal_handler
from tests.apps.program import run_homeroom, start_program
from tests.data_folders import prepare_data_folder
from tests.sample_server import serve_data

SECONDS = 60
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
@pytest.mark.parametrize(
    ("by", "arguments"),
    [(signal.SIGTERM, ()), (signal.SIGINT, ("--processes", "1"))],
    ids=["told to end", "Ctrl-C"],
)
def test_the_worker_ends_with_the_server(data: Path, by: signal.Signals, arguments: tuple[str, ...]) -> None:
    with run_server(data, *arguments, port=find_free_port()) as process:
        assert sum(" homeroom worker" in line for line in _list_processes(data)) == 1
        os.kill(process.pid, by)
        assert process.wait(timeout=SECONDS) == 0
        assert _list_processes(data) == []


@linux_only
def test_a_server_without_a_worker_starts_none(data: Path) -> None:
    with run_server(data, "--no-worker", "--processes", "1", port=find_free_port()) as process:
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
    with serve_data(data, worker=False) as address:
        assert address
    assert run_homeroom("assess", data=data).returncode == 2, "a verb that judges asks which is meant"


@linux_only
def test_a_demo_is_served_by_a_program_that_assessed_nothing(data: Path) -> None:
    port = find_free_port()
    code = f"from homeroom.cli.platform import serving; serving.serve_in_new_program({str(data)!r}, port={port})"
    environment = os.environ | {"HOMEROOM_DATA": str(data)}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, text=True) as process:
        try:
            _wait_until_answering(port, process)
            (served,) = [line for line in _list_processes(data) if " serve " in line][:1]
            assert f"-m homeroom serve --data {data} --port {port}" in served
        finally:
            process.kill()


def _find_children(process: subprocess.Popen[str], data: Path, *, worker: bool) -> list[int]:
    """Return the ids of the worker, or of the web processes, of a server that works with this data folder."""
    marker, process_ids = f"HOMEROOM_DATA={data}".encode(), []
    for folder in PROCESSES.glob("[0-9]*"):
        with suppress(OSError):
            if marker in (folder / "environ").read_bytes().split(b"\0") and int(folder.name) != process.pid:
                command = (folder / "cmdline").read_bytes()
                if b"\0verify\0" in command:  # the worker's nightly verification
                    continue
                is_worker = b"\0worker\0" in command
                is_dead = (folder / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
                process_ids += [int(folder.name)] if is_worker == worker and not is_dead else []
    return process_ids


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come back"
        time.sleep(0.05)


def _read_readiness(port: int) -> dict[str, bool]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as response:
            return dict(json.load(response)["parts"])
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return {}


@linux_only
def test_a_killed_worker_and_a_killed_web_process_come_back_and_the_log_says_why(data: Path) -> None:
    port = find_free_port()
    with run_server(data, "--processes", "1", port=port) as process:
        _wait_for(lambda: _read_readiness(port).get("worker", False))
        for worker in (True, False):
            (old,) = _find_children(process, data, worker=worker)
            os.kill(old, signal.SIGKILL)
            _wait_for(lambda old=old, worker=worker: _find_children(process, data, worker=worker) not in ([], [old]))
        _wait_until_answering(port, process)
        _wait_for(lambda: all(_read_readiness(port).values()) and bool(_read_readiness(port)))
        process.terminate()
        assert process.wait(timeout=SECONDS) == 0
    log = (data / "logs" / "events.log").read_text()
    assert "The background worker ended: killed by signal 9 (SIGKILL). It is started again in 0.2 s." in log
    assert "Web process 1 of 1 ended: killed by signal 9 (SIGKILL). It is started again in 0.2 s." in log
    _wait_for(lambda: _list_processes(data) == [])


@linux_only
def test_a_killed_supervisor_leaves_no_process_behind(data: Path) -> None:
    with run_server(data, "--processes", "1", port=find_free_port()) as process:
        _wait_for(lambda: len(_find_children(process, data, worker=True)) == 1)
        process.kill()
        process.wait(timeout=SECONDS)
        _wait_for(lambda: _list_processes(data) == [])


def test_a_web_process_heeds_one_signal_and_is_not_stopped_by_the_next() -> None:
    class Loop:
        handlers: ClassVar[dict[int, Callable[[], None]]] = {}

        def add_signal_handler(self, number: int, handler: Callable[[], None]) -> None:
            self.handlers[number] = handler

    install_signal_handler()
    from granian._signals import set_loop_signals

    set_loop_signals(Loop())
    for _ in range(5):  # granian's own handler waits forever at the second one, which nobody reads here
        Loop.handlers[signal.SIGTERM]()
    assert set(Loop.handlers) >= {signal.SIGINT, signal.SIGTERM}
