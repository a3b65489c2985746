"""One step of the checks: a command, how long it took, and its output if it failed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
BIN = Path(PYTHON).parent


@dataclass(frozen=True, kw_only=True)
class CheckStep:
    """A command with a name; `is_streamed` prints its output at once instead of storing it for a failure."""

    name: str
    command: Sequence[str]
    is_streamed: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class StepOutcome:
    """The result of a step."""

    name: str
    code: int
    seconds: float
    cpu_seconds: float
    output: str


def build_tool_command(name: str, *arguments: str) -> list[str]:
    """Return the command line of a program of this environment."""
    return [str(BIN / name), *arguments]


MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108 (asked only for room; what lies there is in a folder of our own)
MIN_FREE_BYTES = 8 << 30
OMITTED_VARIABLES = ("DATABASE_URL", "PYTHONDONTWRITEBYTECODE")


def find_memory_folder() -> str | None:
    """Return a memory folder for temporary files, since no test data has to survive; None if space is short."""
    try:
        memory_info = dict(
            line.split(":", 1) for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        )
        free = min(int(memory_info["MemAvailable"].split()[0]) << 10, shutil.disk_usage(MEMORY_FOLDER).free)
    except (OSError, KeyError, ValueError):
        return None
    return str(MEMORY_FOLDER) if free > MIN_FREE_BYTES and os.access(MEMORY_FOLDER, os.W_OK | os.X_OK) else None


@contextmanager
def create_isolated_environment() -> Iterator[dict[str, str]]:
    """Create an environment with its own folder for data, shared test data and temporary files, removed afterwards.

    It omits the caller's database, which a check never touches. It lets Python keep what it compiled, also where the
    caller's Python may not: else each process of each step compiles all tests again.
    """
    inherited = {key: value for key, value in os.environ.items() if key not in OMITTED_VARIABLES}
    parent = find_memory_folder()
    with tempfile.TemporaryDirectory(prefix="homeroom-check-", dir=parent, ignore_cleanup_errors=True) as folder:
        overrides = {
            "HOMEROOM_DATA": str(Path(folder) / "data"),
            "HOMEROOM_PREPARED": str(Path(folder) / "prepared"),
            "PYTHONUTF8": "1",
        }
        yield {**inherited, **overrides, **({"TMPDIR": folder} if parent else {})}


def run_step(step: CheckStep, *, environment: Mapping[str, str]) -> StepOutcome:
    """Run one step to its end in the root of the repository."""
    started = time.perf_counter()
    process = subprocess.Popen(
        list(step.command),
        cwd=ROOT,
        env={**environment, **step.environment},
        stdout=None if step.is_streamed else subprocess.PIPE,
        stderr=None if step.is_streamed else subprocess.STDOUT,
    )
    with process:
        output = process.stdout.read() if process.stdout else b""
        cpu_seconds = _await_process(process)
    return StepOutcome(
        name=step.name,
        code=process.returncode,
        seconds=time.perf_counter() - started,
        cpu_seconds=cpu_seconds,
        output=output.decode(errors="replace"),
    )


def _await_process(process: subprocess.Popen[bytes]) -> float:
    """Wait for the end of the process; return its CPU-seconds with those of its children; 0 on Windows."""
    if sys.platform == "win32":
        process.wait()
        return 0.0
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime


def measure_child_cpu() -> float:
    """Return the CPU-seconds of all processes that ended so far: unlike seconds, comparable on a busy machine."""
    times = os.times()
    return times.children_user + times.children_system


def print_outcome(outcome: StepOutcome) -> bool:
    """Print one line for the outcome, and its output if it failed; return True if it passed."""
    passed = outcome.code == 0
    print(f"{'ok  ' if passed else 'FAIL'} {outcome.seconds:6.1f} s  {outcome.name}", flush=True)
    if not passed:
        print(f"{outcome.output.rstrip()}\n     (exit code {outcome.code})", flush=True)
    return passed
