"""A running sample district for tests: its exports, a data folder with them assessed, and its processes.

Everything runs as its own process, as at a district: `homeroom …` with the given data folder. `serve_data` and
`run_process` fork it from a process that has its modules loaded (`tests.warm_program`); `start_process` does not.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from homeroom.sample import generate_sample
from tests.data_folders import prepare_data_folder
from tests.prepared_folders import prepare_folder
from tests.warm_program import KillableProgram, kill_group, run_program

ROOT = Path(__file__).resolve().parent.parent
TODAY = date(2026, 1, 6)
LEASE_SECONDS = 3


def generate_exports(folder: Path) -> Path:
    """Generate the sample district's exports in a new folder."""
    generate_sample(folder, students=500, seed=1, today=TODAY)
    return folder


def prepare_assessed_sample() -> Path:
    """Return a folder with the sample's exports in `sample` and them assessed in `data`, built once per run.

    A test that writes must copy it.
    """
    return prepare_folder("assessed-sample", _assess_sample)


def _assess_sample(folder: Path) -> None:
    data = folder / "data"
    run_process("assess", str(generate_exports(folder / "sample")), "--today", TODAY.isoformat(), data=data)


def start_process(
    *arguments: str, data: Path, module: str = "homeroom", **extra_environment: str
) -> subprocess.Popen[bytes]:
    """Start a process of Homeroom in its own process group, so that none of its children outlives a test."""
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=_build_environment(data, extra_environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=os.name == "posix",
    )


def _build_environment(data: Path, extra: Mapping[str, str]) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "homeroom.config.settings",
        "HOMEROOM_DATA": str(prepare_data_folder(data)),
        "HOMEROOM_LEASE_SECONDS": str(LEASE_SECONDS),
        **extra,
    }


def start_to_kill(*arguments: str, data: Path, **extra_environment: str) -> KillableProgram:
    """Start a process of Homeroom, warm where that is possible, in its own process group; its output is not read."""
    return KillableProgram(*arguments, environment=_build_environment(data, extra_environment), folder=ROOT)


def run_to_end(*arguments: str, data: Path, module: str = "homeroom") -> subprocess.CompletedProcess[str]:
    """Run a process of Homeroom to its end, whatever its exit code."""
    return run_program(*arguments, environment=_build_environment(data, {}), folder=ROOT, module=module)


def run_process(*arguments: str, data: Path, module: str = "homeroom") -> bytes:
    """Run a process of Homeroom and return its output; fail the test if its exit code is not 0."""
    done = run_to_end(*arguments, data=data, module=module)
    assert done.returncode == 0, (arguments, done.stderr)
    return done.stdout.encode()


def kill_process(child: subprocess.Popen[bytes]) -> None:
    """Kill a process and its children, as a power cut would."""
    kill_group(child)
    child.communicate()


def wait_until(condition: Callable[[], object], *, seconds: float = 60) -> None:
    """Wait until the condition is true; fail the test after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never was so"
        time.sleep(0.05)


def find_free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serve_data(data: Path, *, worker: bool = True, **extra_environment: str) -> Iterator[str]:
    """Run `homeroom serve` over a data folder, with `extra_environment`; yield its address."""
    port = find_free_port()
    address = f"http://127.0.0.1:{port}"
    arguments = ("serve", "--port", str(port), "--worker" if worker else "--no-worker")
    service = start_to_kill(*arguments, data=data, **extra_environment)
    try:
        wait_until(lambda: service.is_running() and _is_answering(f"{address}/sign-in"))
        yield address
    finally:
        service.kill()


def _is_answering(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=1) as response:
            return bool(response.status == 200)
    except OSError:
        return False
