"""Rows of a table of events, collected record by record, with what cannot be read and the secrets left out."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import polars as pl

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.contract.reject_frames import REJECT_SCHEMA
from homeroom.ingest.events.recognition import list_events
from homeroom.ingest.events.rejections import RecordRejected
from homeroom.ingest.events.secrets import mask_secrets, may_hold_secret
from homeroom.ingest.events.shapes import EventParts

SECRETS = "secrets"
"""The name under which secrets in records are counted."""
BuildRow = Callable[[EventParts, Mapping[str, Any], int], "Mapping[str, Any] | None"]
"""Makes the row of one event of a record, with its index in the record; None if it is no event of the table."""
_LINE = "_line"
_ALERT_NAMES = frozenset(("rule", "agent", "timestamp"))
_TYPES = {str: pl.String(), int: pl.Int64(), datetime: pl.Datetime("us", "UTC")}


class EventRows:
    """The rows of one table of events, read from one part of a file."""

    def __init__(self, table: str, *, columns: Mapping[str, type]) -> None:
        self._table, self._columns = table, columns
        self._rows: list[Mapping[str, Any]] = []
        self._lines: list[int] = []
        self._rejects: list[tuple[int, str]] = []
        self.dropped: Counter[str] = Counter()

    def add_records(self, records: Iterable[Mapping[str, Any]], first: int, *, build_row: BuildRow) -> None:
        """Add the events of records, which are numbered from `first`; one that cannot be read costs itself."""
        for line, record in enumerate(records, start=first):
            if is_plain_alert(record):
                continue
            try:
                for index, (parts, event) in enumerate(list_events(record)):
                    row = build_row(parts, event, index)
                    if row is None:
                        raise RecordRejected("is a record of another log")
                    self._rows.append(row)
                    self._lines.append(line)
            except RecordRejected as rejection:
                self._rejects.append((line, str(rejection)))
            except (TypeError, ValueError, AttributeError, KeyError, RecursionError) as error:
                self._rejects.append((line, f"has a value of a kind that is not expected: {error}"))

    def build_details(self, record: Mapping[str, Any], *, drops: Sequence[str] = ()) -> str:
        """Return a record as JSON, without its secrets, and without the values of the dotted names `drops`."""
        for path in drops:
            record = drop_value(record, path)
        text = serialize(record)
        if may_hold_secret(text):
            masked, count = mask_secrets(record)
            if count:
                self.dropped[SECRETS] += count
                text = serialize(masked)
        return text

    def build_reading(self) -> Reading:
        """Return what was read."""
        frame = pl.DataFrame(
            {
                **{
                    name: pl.Series(name, [row.get(name) for row in self._rows], dtype=_TYPES[kind], strict=False)
                    for name, kind in self._columns.items()
                },
                _LINE: pl.Series(_LINE, self._lines, dtype=pl.Int64()),
            }
        )
        rejects = [
            {"line": line, "field": "record", "value": None, "reason": reason, "row_lost": True}
            for line, reason in self._rejects
        ]
        return Reading(
            tables={self._table: frame},
            rejects=pl.DataFrame(rejects, schema=REJECT_SCHEMA),
            dropped=dict(self.dropped),
        )


def is_plain_alert(record: Any) -> bool:
    """Return whether a record is an alert of Wazuh about no Windows event: another kind of file has its row."""
    if not isinstance(record, dict) or not record.keys() >= _ALERT_NAMES:
        return False
    data = record.get("data")
    return not (isinstance(data, dict) and isinstance(data.get("win"), dict))


AUDIT_COLUMNS: Mapping[str, type] = {
    "key": str,
    "at": datetime,
    "log": str,
    "event": str,
    "outcome": str,
    "actor_key": str,
    "actor_email": str,
    "address": str,
    "country": str,
    "app": str,
    "device_key": str,
    "target": str,
    "details": str,
    "asn": int,
    "user_agent": str,
    "session": str,
    "event_type": str,
}
HOST_COLUMNS: Mapping[str, type] = {
    "key": str,
    "at": datetime,
    "computer": str,
    "channel": str,
    "event_id": int,
    "provider": str,
    "level": int,
    "user": str,
    "address": str,
    "details": str,
}


def serialize(record: Mapping[str, Any]) -> str:
    """Return a record as JSON, its names in their order; half a letter, which no text may hold, becomes a sign."""
    try:
        return msgspec.json.encode(record).decode("utf-8")
    except UnicodeEncodeError:
        return msgspec.json.encode(_replace_halves(record)).decode("utf-8")


def _replace_halves(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, Mapping):
        return {_replace_halves(name): _replace_halves(item) for name, item in value.items()}
    return [_replace_halves(item) for item in value] if isinstance(value, list) else value


def hash_record(record: Mapping[str, Any]) -> str:
    """Return the id of a record that has none: a hash of its content, the same in whatever order its names are."""
    content = msgspec.json.encode(record, order="deterministic")
    return f"no-id/{hashlib.sha256(content).hexdigest()[:32]}"


def drop_value(record: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """Return a record without the value at a path of names, in all items of the lists on the way."""
    name, _, rest = path.partition(".")
    if name not in record:
        return record
    if not rest:
        return {key: value for key, value in record.items() if key != name}
    return {**record, name: _drop_within(record[name], rest)}


def _drop_within(value: Any, path: str) -> Any:
    if isinstance(value, Mapping):
        return drop_value(value, path)
    return [_drop_within(item, path) for item in value] if isinstance(value, list) else value


def find_text(fields: Mapping[str, Any], *names: str) -> str | None:
    """Return the first value of those fields as text; of a list its first item."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, list):
            value = next((item for item in value if item not in (None, "")), None)
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str | int | float) and value != "":
            return str(value)
    return None


def find_email(fields: Mapping[str, Any], *names: str) -> str | None:
    """Return the first of those fields that is an address of mail, in lower case."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, str) and "@" in value.strip("@ ") and " " not in value.strip():
            return value.strip().lower()
    return None


def find_number(fields: Mapping[str, Any], *names: str) -> int | None:
    """Return the first of those fields that is a whole number."""
    text = find_text(fields, *names)
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 18 else None


def find_address(fields: Mapping[str, Any], *names: str) -> str | None:
    """Return the first of those fields as a network address, without the port that some logs write behind it."""
    text = find_text(fields, *names)
    if text is None:
        return None
    text = text.strip()
    if text.startswith("["):
        return text[1:].partition("]")[0] or None
    address, _, port = text.rpartition(":")
    return address if address.count(".") == 3 and ":" not in address and port.isdigit() else text or None
