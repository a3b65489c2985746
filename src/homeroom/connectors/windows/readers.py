"""Windows events into host events: the forms are read by `homeroom.ingest.events.windows`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.events.event_rows import (
    HOST_COLUMNS,
    EventRows,
    find_address,
    find_number,
    find_text,
    hash_record,
)
from homeroom.ingest.events.shapes import EventParts

PRODUCT = "windows"
ADDRESSES = ("IpAddress", "SourceIp", "SourceAddress", "ClientAddress", "SourceNetworkAddress", "Address")
_NO_ADDRESSES = frozenset(("-", "LOCAL", "::1", "127.0.0.1"))


def read_events(records: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read events of any form into `host_events`; one without a record number gets a hash of its content."""
    rows = EventRows("host_events", columns=HOST_COLUMNS)
    rows.add_records(records, first, build_row=lambda parts, event, _index: _build_row(parts, event, rows=rows))
    return rows.build_reading()


def _build_row(parts: EventParts, event: Mapping[str, Any], *, rows: EventRows) -> dict[str, Any] | None:
    if parts.source.product != PRODUCT:
        return None
    fields = parts.fields
    computer, channel = find_text(fields, "Computer"), find_text(fields, "Channel")
    number = find_text(fields, "EventRecordID")
    address = find_address(fields, *ADDRESSES)
    return {
        "key": f"{computer or ''}/{channel or ''}/{number}" if number and (computer or channel) else hash_record(event),
        "at": parts.time,
        "computer": computer,
        "channel": channel,
        "event_id": fields["EventID"],
        "provider": find_text(fields, "Provider_Name"),
        "level": find_number(fields, "Level"),
        "user": parts.user or None,
        "address": None if address in _NO_ADDRESSES else address,
        "details": rows.build_details(fields),
    }
