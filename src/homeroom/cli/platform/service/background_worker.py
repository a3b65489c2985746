"""The background worker of `homeroom serve`, a process of its own so that a load never takes a page's time."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from homeroom.cli.platform.service.orphans import GRACE_SECONDS
from homeroom.cli.startup.ended_process import EndedProcess


@dataclass(kw_only=True)
class BackgroundWorker:
    """The worker's process. `on_end` is called, in a thread, when it ended."""

    on_end: Callable[[], None]
    process: subprocess.Popen[bytes] | None = None
    ended: EndedProcess = field(default_factory=EndedProcess)

    def start(self) -> int:
        """Start the worker and return its process id.

        It hears which worker ended before it, so that the job of that one is run again at once.
        """
        options = ["--supervised", f"--ended-process={self.ended.pid}", f"--ended-by={self.ended.exit_code}"]
        command = [sys.executable, "-m", "homeroom", "worker", *options]
        process = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603  (numbers are all that varies)
        self.process = process
        threading.Thread(target=self._wait, args=(process,), name="background-worker", daemon=True).start()
        return process.pid

    def take_exit_code(self) -> int | None:
        """Return the exit code of a worker that ended, once; None while it runs."""
        if self.process is None or (code := self.process.poll()) is None:
            return None
        self.ended = EndedProcess(pid=self.process.pid, exit_code=code)
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process = None
        return code

    def stop(self) -> None:
        """Stop the worker, and kill it if it is busy with a long job; the next worker repeats that job."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        self.on_end()
