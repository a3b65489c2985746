"""Where judging reads events from: the evidence's event store, or a list of rows in a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from homeroom.domain.protect.detections.events import LogEvent

AUDIT_TABLE, HOST_TABLE = "audit_events", "host_events"
LOG_COLUMNS = {AUDIT_TABLE: "log", HOST_TABLE: "channel"}
"""The tables of events, and the column of each that names the log."""

type EventBuilder = Callable[[str, pa.RecordBatch], Iterator[LogEvent]]
"""Builds the events of rows of a table."""


class EventSource(Protocol):
    """A store of events that are numbered by the loads that brought them."""

    def get_position(self) -> int:
        """Return the number of the newest load of events."""

    def iter_new_rows(self, table: str, *, after: int, columns: Sequence[str] = ()) -> Iterator[pa.RecordBatch]:
        """Yield the rows that came with loads above a number, all columns or some."""

    def iter_rows(self, table: str, *, since: datetime, until: datetime) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a time."""
