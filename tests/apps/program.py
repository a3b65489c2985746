"""Run `homeroom` in a process of its own, as a person would, with state in the given folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.warm_program import KillableProgram, run_program

TIMEOUT_SECONDS = 900
"""Ends a program that hangs; on a busy machine a load takes minutes, as it gives way to everything else."""


def start_program(*arguments: str, data: Path, **environment: str) -> subprocess.Popen[str]:
    """Start the program and return its process, with pipes for standard output and standard error."""
    return subprocess.Popen(
        [sys.executable, "-m", "homeroom", *arguments],
        env=_build_environment(data, environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def start_to_kill(*arguments: str, data: Path, **environment: str) -> KillableProgram:
    """Start the program, warm where that is possible, and return its process."""
    return KillableProgram(*arguments, environment=_build_environment(data, environment))


def run_homeroom(*arguments: str, data: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program to its end and return the result, whatever its exit code."""
    return run_program(*arguments, environment=_build_environment(data, environment), timeout=TIMEOUT_SECONDS)


def _build_environment(data: Path, environment: dict[str, str]) -> dict[str, str]:
    return {**os.environ, "HOMEROOM_DATA": str(data), "DATABASE_URL": "", "COLUMNS": "200", **environment}
