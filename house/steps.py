"""One step of checking the house: a command, how long it took, and what it said where it failed."""

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
class Step:
    """A command with a name; `shown` streams its output instead of keeping it for a failure."""

    name: str
    command: Sequence[str]
    shown: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a step came to."""

    name: str
    code: int
    seconds: float
    output: str


def tool(name: str, *arguments: str) -> list[str]:
    """The command line of a program of this environment."""
    return [str(BIN / name), *arguments]


MEMORY = Path("/dev/shm")  # noqa: S108 (asked only for room; what lies there is in a folder of our own)
ROOM = 8 << 30


def in_memory() -> str | None:
    """Where temporary files wait for no disk, which nothing that a test writes has to outlive; None where room is short."""
    try:
        facts = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines())
        free = min(int(facts["MemAvailable"].split()[0]) << 10, shutil.disk_usage(MEMORY).free)
    except (OSError, KeyError, ValueError):
        return None
    return str(MEMORY) if free > ROOM and os.access(MEMORY, os.W_OK | os.X_OK) else None


@contextmanager
def own_folder() -> Iterator[dict[str, str]]:
    """The environment with a folder for data and temporary files that nobody else uses and that is removed afterwards.

    The database that the person who calls may have set is left out: a check never touches it.
    """
    kept = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    place = in_memory()
    with tempfile.TemporaryDirectory(prefix="homeroom-check-", dir=place, ignore_cleanup_errors=True) as folder:
        own = {"HOMEROOM_DATA": str(Path(folder) / "data"), "PYTHONUTF8": "1"}
        yield {**kept, **own, **({"TMPDIR": folder} if place else {})}


def run(step: Step, *, environment: Mapping[str, str]) -> Outcome:
    """Runs one step to its end in the root of the clone."""
    began = time.perf_counter()
    done = subprocess.run(
        list(step.command),
        cwd=ROOT,
        env={**environment, **step.environment},
        stdout=None if step.shown else subprocess.PIPE,
        stderr=None if step.shown else subprocess.STDOUT,
        check=False,
    )
    said = (done.stdout or b"").decode(errors="replace")
    return Outcome(name=step.name, code=done.returncode, seconds=time.perf_counter() - began, output=said)


def told(outcome: Outcome) -> bool:
    """Prints one line for the outcome, and all that it said where it failed; true where it held."""
    held = outcome.code == 0
    print(f"{'ok  ' if held else 'FAIL'} {outcome.seconds:6.1f} s  {outcome.name}", flush=True)
    if not held:
        print(f"{outcome.output.rstrip()}\n     (exit code {outcome.code})", flush=True)
    return held
