"""Starting a command of Homeroom from the background worker, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Protocol

ENDS_WITH_INPUT = "HOMEROOM_ENDS_WITH_INPUT"
"""Environment variable of a command that must end with the process that started it, however that ends."""


class StartedProgram(Protocol):
    """A process that was started."""

    def poll(self) -> int | None:
        """Return its exit code; None while it runs."""


def start_own_program(arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a command over the data folder of the settings, which ends when this process does; drop what it prints."""
    from django.conf import settings  # not for the command line, which names a variable of this module before help

    return subprocess.Popen(  # noqa: S603  (this program, with fixed arguments)
        [sys.executable, "-m", "homeroom", *arguments, "--data", str(settings.DATA)],
        stdin=subprocess.PIPE,  # closed by the system when this process ends
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, ENDS_WITH_INPUT: "1"},
    )
