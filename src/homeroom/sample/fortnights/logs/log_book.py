"""The log book: all records of a fortnight, in order of time, with the keys that name their events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

LogName = tuple[str, str]
"""(source, log): google and login; microsoft and signIns; windows and a computer with its channel."""


@dataclass(slots=True, kw_only=True, eq=False)
class LogEntry:
    """One record; `keys` name its events once the book is closed."""

    log: LogName
    time: datetime
    record: dict[str, Any]
    keys: tuple[str, ...] = ()


@dataclass(kw_only=True)
class LogBook:
    """All entries by log. `number_records` of a log is called with its entries in order when the book is closed."""

    end: datetime
    entries: defaultdict[LogName, list[LogEntry]] = field(default_factory=lambda: defaultdict(list))
    _numbering: dict[LogName, Callable[[list[LogEntry]], None]] = field(default_factory=dict)

    def add_record(
        self, log: LogName, time: datetime, record: dict[str, Any], *, keys: tuple[str, ...] = ()
    ) -> LogEntry:
        """Add a record."""
        entry = LogEntry(log=log, time=time, record=record, keys=keys)
        self.entries[log].append(entry)
        return entry

    def set_numbering(self, log: LogName, number_records: Callable[[list[LogEntry]], None]) -> None:
        """Set what numbers the records of a log by their order."""
        self._numbering.setdefault(log, number_records)

    def close(self) -> None:
        """Sort each log by time, drop what is after the end, and number the records of Windows."""
        for log, entries in self.entries.items():
            entries[:] = sorted((entry for entry in entries if entry.time < self.end), key=lambda entry: entry.time)
            if log in self._numbering:
                self._numbering[log](entries)

    def count_records(self) -> dict[str, int]:
        """Count the records by source and log."""
        return {"/".join(log): len(entries) for log, entries in sorted(self.entries.items())}


def format_millisecond(time: datetime) -> str:
    """Format a time as Google and Graph do, with milliseconds."""
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}Z"


def format_second(time: datetime) -> str:
    """Format a time without parts of seconds and without a zone, as the unified audit log does."""
    return f"{time:%Y-%m-%dT%H:%M:%S}"


def draw_guid(dice: Random) -> str:
    """Draw a GUID."""
    digits = f"{dice.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
