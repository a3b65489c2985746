"""Starting a command of Homeroom from the background worker, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from typing import Protocol

from django.conf import settings


class StartedProgram(Protocol):
    """A process that was started."""

    def poll(self) -> int | None:
        """Return its exit code; None while it runs."""


def start_own_program(arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a command over the data folder of the settings; what it prints goes nowhere."""
    command = [sys.executable, "-m", "homeroom", *arguments, "--data", str(settings.DATA)]
    return subprocess.Popen(  # noqa: S603  (this program, with fixed arguments)
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
