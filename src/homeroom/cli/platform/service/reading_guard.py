"""A process that reads files for a command, and one that starts it again without the file that broke it.

A native crash ends a whole process. So the command forks before anything is imported that has threads: the child
reads, the parent waits. If the child is killed while it reads, the journal has what it was reading, and the next
child goes on with the rest. Where there is no fork, as on Windows, the next run of the command does that.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from homeroom.cli.startup.ended_process import EndedProcess, record_ended_process

GUARDED_COMMANDS = (("load",), ("assess",), ("agents", "collect"))
"""Commands that load files, by their first words."""
MAX_ENDS = 50
"""Each end but the first has one suspect more, so that a folder of crashing files comes to an end."""


def guard_command(arguments: Sequence[str], *, data: Path) -> int | None:
    """Run the rest of a command that reads files in a child; return its exit code, or None in the child itself.

    Return None at once for any other command.
    """
    is_guarded = any(tuple(arguments[: len(words)]) == words for words in GUARDED_COMMANDS)
    if not hasattr(os, "fork") or not is_guarded or "--help" in arguments:
        return None
    for _ in range(MAX_ENDS):
        sys.stdout.flush()
        sys.stderr.flush()
        parent_id, child_id = os.getpid(), os.fork()
        if child_id == 0:
            _end_with_parent(parent_id)
            return None
        code = _wait_for_child(child_id)
        if code >= 0 or not _was_reading(data, child_id):
            break
        record_ended_process(EndedProcess(pid=child_id, exit_code=code))
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)  # end as the child did
    return code


def _wait_for_child(child_id: int) -> int:
    """Wait for a child, pass signals to end on to it, and return its exit code, negative for a signal."""

    def pass_on(number: int, _frame: object) -> None:
        os.kill(child_id, number)

    previous = {number: signal.signal(number, pass_on) for number in (signal.SIGTERM, signal.SIGHUP)}
    previous[signal.SIGINT] = signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to both
    try:
        _, status = os.waitpid(child_id, 0)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    return os.waitstatus_to_exitcode(status)


def _end_with_parent(parent_id: int) -> None:
    from homeroom.cli.platform.service.orphans import end_with_process

    end_with_process(parent_id)


def _was_reading(data: Path, process_id: int) -> bool:
    from homeroom.evidence.files.reading_journal import is_reading

    return is_reading(data, process_id=process_id)
