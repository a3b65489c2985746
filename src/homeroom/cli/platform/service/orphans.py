"""End a process whose supervisor is gone, however that ended, so that none of them is left behind."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable

GRACE_SECONDS = 5.0
"""Seconds in which an orphan may end its work; a job that takes longer is run again by the next worker."""
_POLL_SECONDS = 1.0
_PR_SET_PDEATHSIG = 1


def end_with_supervisor() -> None:
    """End this worker process when its supervisor is gone, with which its standard input ends."""
    _request_signal_at_parent_death()
    _watch(_wait_for_end_of_input)


def end_with_process(parent_id: int) -> None:
    """End this forked process when its parent, of that id, is gone."""

    def wait_for_end() -> None:
        while os.getppid() == parent_id:
            time.sleep(_POLL_SECONDS)

    _request_signal_at_parent_death()
    _watch(wait_for_end)


def end_with_parent() -> None:
    """End this process of `multiprocessing` when the process that started it is gone."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    parent_id = parent.pid
    _request_signal_at_parent_death()

    def wait_for_end() -> None:
        # Younger siblings hold a copy of the pipe by which multiprocessing tells, so the parent's id is compared too.
        while os.name == "nt" or os.getppid() == parent_id:
            parent.join(_POLL_SECONDS)
            if not parent.is_alive():
                return

    _watch(wait_for_end)


def _wait_for_end_of_input() -> None:
    # Not through sys.stdin: a thread that waits with its lock makes the interpreter abort at shutdown.
    while os.read(sys.stdin.fileno(), 1024):
        pass


def _watch(wait_for_end: Callable[[], object]) -> None:
    def run() -> None:
        wait_for_end()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE_SECONDS)
        os._exit(1)  # it is busy, or was still starting and did not hear the signal

    threading.Thread(target=run, name="end-with-supervisor", daemon=True).start()


def _request_signal_at_parent_death() -> None:
    """Ask Linux for a signal at once; elsewhere, and if that is refused, the thread above notices within a second."""
    if sys.platform.startswith("linux"):
        try:
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        except (OSError, AttributeError):
            return
