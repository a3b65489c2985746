"""Runs `homeroom` in a process of its own, as somebody at a desk does, with state in the folder that it is given."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def started(*words: str, data: Path, **environment: str) -> subprocess.Popen[str]:
    """The running program; what it says is read from its standard output and standard error."""
    return subprocess.Popen(
        [sys.executable, "-m", "homeroom", *words],
        env={**os.environ, "HOMEROOM_DATA": str(data), "DATABASE_URL": "", "COLUMNS": "200", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def homeroom(*words: str, data: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The finished run, whatever its exit code."""
    with started(*words, data=data, **environment) as process:
        said, complained = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, said, complained)
