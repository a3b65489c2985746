"""Watch the memory of the processes that this one starts."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType

_PAUSE = 0.02


class PeakWatch:
    """The peak in MiB of the largest process that this one started while it watched; Linux only.

    It reads the high-water mark of each child. The system's own figure for ended children will not do: it holds
    every earlier child of this process, and the memory of this process at the moment of a fork. For the same reason a
    child is left out until it runs a program of its own.
    """

    def __init__(self) -> None:
        self.mib = 0.0
        self._earlier: frozenset[str] = frozenset()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> PeakWatch:
        self._earlier = frozenset(_list_children())
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        own = _read_command("self")
        while not self._ended.wait(_PAUSE):
            for number in set(_list_children()) - self._earlier:
                if _read_command(number) not in (own, ""):
                    self.mib = max(self.mib, _read_peak(number))


def _list_children() -> list[str]:
    numbers: list[str] = []
    for thread in Path("/proc/self/task").glob("*/children"):
        with suppress(OSError):
            numbers += thread.read_text(encoding="ascii").split()
    return numbers


def _read_command(number: str) -> str:
    """Return the command line of a process, which is that of its parent until it runs a program; empty if it ended."""
    with suppress(OSError):
        return Path(f"/proc/{number}/cmdline").read_bytes().decode(errors="replace")
    return ""


def _read_peak(number: str) -> float:
    with suppress(OSError, ValueError, IndexError):
        status = Path(f"/proc/{number}/status").read_text(encoding="ascii", errors="replace")
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    return 0.0
