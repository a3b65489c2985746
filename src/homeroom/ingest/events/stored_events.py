"""Stored events as the events that rules judge: the same fields as the reading of their file gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import pyarrow as pa

from homeroom.domain.detections.events import UNKNOWN_SOURCE, LogEvent
from homeroom.ingest.events.recognition import list_events
from homeroom.ingest.events.rejections import RecordRejected
from homeroom.ingest.events.shapes import EventParts
from homeroom.ingest.events.windows import find_windows_source

HOST_EVENTS = "host_events"


def build_log_events(table: str, rows: pa.RecordBatch) -> Iterator[LogEvent]:
    """Yield the event of each row of `audit_events` or `host_events`.

    `rows` have the table's columns and `source`. `file` is "source/log", `key` the row's key, and `record` 0.
    """
    build_parts = _build_host_parts if table == HOST_EVENTS else _build_audit_parts
    log = "channel" if table == HOST_EVENTS else "log"
    for row in rows.to_pylist():
        record = _decode_details(row["details"])
        parts = build_parts(row, record)
        yield LogEvent(
            file=f"{row['source']}/{row[log] or ''}",
            record=0,
            time=row["at"] if parts.time is None else parts.time,
            source=parts.source,
            host=parts.host,
            user=parts.user,
            fields=parts.fields,
            raw=record or row,
            key=row["key"],
        )


def _decode_details(text: str | None) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(text or "{}")
    except msgspec.DecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _build_audit_parts(row: Mapping[str, Any], record: Mapping[str, Any]) -> EventParts:
    """Return the parts of an entry; of one whose record cannot be read, as those of an older version, its columns."""
    try:
        parts = next(iter(list_events(record)), None)
    except RecordRejected:
        parts = None
    if parts is not None:
        return parts[0]
    columns = {name: value for name, value in row.items() if value is not None}
    return EventParts(time=row["at"], source=UNKNOWN_SOURCE, user=row["actor_email"] or "", fields=columns)


def _build_host_parts(row: Mapping[str, Any], fields: Mapping[str, Any]) -> EventParts:
    return EventParts(
        time=row["at"],
        source=find_windows_source(fields.get("Channel")),
        host=row["computer"] or "",
        user=row["user"] or "",
        fields=fields,
    )
