"""Run one program in a fresh process and measure its cost: CPU of it and its children, peak memory, wall time."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent
_MIB_IN_MAXRSS = 1024 * 1024 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, kw_only=True)
class ProcessCost:
    """The cost of one run.

    `cpu` is user and system seconds, `peak` MiB of the largest process, `code` the exit code.
    """

    seconds: float
    cpu: float
    peak: float
    code: int
    out: str
    err: str


class BenchmarkError(Exception):
    """A run did not do what the benchmark measures, so that its time would mean nothing."""


def run_command(command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> ProcessCost:
    """Run the command to its end and return its cost.

    The peak is right only while the calling process is small: import nothing big in it.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=err, env={**os.environ, **(environment or {})})
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - start
        out.seek(0)
        err.seek(0)
        return ProcessCost(
            seconds=seconds,
            cpu=usage.ru_utime + usage.ru_stime,
            peak=usage.ru_maxrss / _MIB_IN_MAXRSS,
            code=process.returncode,
            out=out.read().decode(errors="replace"),
            err=err.read().decode(errors="replace"),
        )


def start_cold(arguments: Sequence[str], *, environment: Mapping[str, str], module: str = "homeroom") -> ProcessCost:
    """Run the program, or a module that runs it, as a user does."""
    program = [str(BIN / "homeroom")] if module == "homeroom" else [sys.executable, "-m", module]
    return run_command([*program, *arguments], environment=environment)


runners = [start_cold]
"""What runs the program: the last of them. Tests, which measure nothing, add one that takes less of a processor."""


def run_homeroom(*arguments: str, data: Path, module: str = "homeroom", **environment: str) -> ProcessCost:
    """Run the program, or a module that runs it, on that data folder, in a process of its own."""
    return runners[-1](arguments, environment={"HOMEROOM_DATA": str(data), **environment}, module=module)


def run_module(module: str, *arguments: str) -> ProcessCost:
    """Run a module of the benchmarks in a process of its own; raise BenchmarkError if it failed."""
    cost = run_command([sys.executable, "-m", module, *arguments])
    if cost.code != 0:
        raise BenchmarkError(f"{module}: {cost.err.strip()[-2000:]}")
    return cost


def require_exit_code(cost: ProcessCost, *, codes: tuple[int, ...] = (0,)) -> ProcessCost:
    """Return the cost if the exit code is one of `codes`; else raise BenchmarkError with the program's output."""
    if cost.code not in codes:
        raise BenchmarkError(f"exit code {cost.code}: {(cost.err or cost.out).strip()[-2000:]}")
    return cost
