"""The process whose work this one does again, and how it ended, if anybody saw it end."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class EndedProcess:
    """A process that ended: its id, and its exit code, negative for a signal; `pid` is 0 if there was none."""

    pid: int = 0
    exit_code: int = 0


_ended = [EndedProcess()]


def record_ended_process(process: EndedProcess) -> None:
    """Record which process ended before this one."""
    _ended[0] = process


def get_ended_process() -> EndedProcess:
    """Return the process that ended before this one."""
    return _ended[0]
