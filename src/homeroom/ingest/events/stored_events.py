"""Stored events as the events that rules judge: the same fields as the reading of their file gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import polars as pl
import pyarrow as pa

from homeroom.domain.protect.detections.events import UNKNOWN_SOURCE, LogEvent
from homeroom.ingest.events.recognition import list_events
from homeroom.ingest.events.rejections import RecordRejected
from homeroom.ingest.events.shapes import EventParts
from homeroom.ingest.events.windows import find_windows_source

HOST_EVENTS = "host_events"


def build_log_events(table: str, rows: pa.RecordBatch) -> Iterator[LogEvent]:
    """Yield the event of each row of `audit_events` or `host_events`.

    `rows` have the table's columns and `source`. `file` is "source/log", `key` the row's key, and `record` 0.
    """
    return _iter_host_events(rows) if table == HOST_EVENTS else _iter_audit_events(rows)


def _iter_audit_events(rows: pa.RecordBatch) -> Iterator[LogEvent]:
    for number, (key, source, log, at, details) in enumerate(_iter_columns(rows, "log")):
        record = _decode_details(details)
        parts = _find_audit_parts(record)
        if parts is None:  # of an older version, or cut: its columns are what there is
            parts = _build_column_parts(rows.slice(number, 1).to_pylist()[0])
        yield LogEvent(
            file=f"{source}/{log or ''}",
            record=0,
            time=at if parts.time is None else parts.time,
            source=parts.source,
            host=parts.host,
            user=parts.user,
            fields=parts.fields,
            raw=record or rows.slice(number, 1).to_pylist()[0],
            key=key,
        )


def _iter_host_events(rows: pa.RecordBatch) -> Iterator[LogEvent]:
    columns = _iter_columns(rows, "channel", "computer", "user")
    for number, (key, source, channel, at, details, computer, user) in enumerate(columns):
        fields = _decode_details(details)
        yield LogEvent(
            file=f"{source}/{channel or ''}",
            record=0,
            time=at,
            source=find_windows_source(fields.get("Channel")),
            host=computer or "",
            user=user or "",
            fields=fields,
            raw=fields or rows.slice(number, 1).to_pylist()[0],
            key=key,
        )


def _iter_columns(rows: pa.RecordBatch, log: str, *others: str) -> Iterator[tuple[Any, ...]]:
    """Yield the key, source, log, time, details and other columns of each row; all columns would take far longer."""
    return pl.DataFrame(rows.select(["key", "source", log, "at", "details", *others])).iter_rows()


def _decode_details(text: str | None) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(text or "{}")
    except msgspec.DecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _find_audit_parts(record: Mapping[str, Any]) -> EventParts | None:
    """Return the parts of an entry; None if its record cannot be read, as that of an older version."""
    try:
        return next((parts for parts, _record in list_events(record)), None)
    except RecordRejected:
        return None


def _build_column_parts(row: Mapping[str, Any]) -> EventParts:
    columns = {name: value for name, value in row.items() if value is not None}
    return EventParts(time=row["at"], source=UNKNOWN_SOURCE, user=row["actor_email"] or "", fields=columns)
