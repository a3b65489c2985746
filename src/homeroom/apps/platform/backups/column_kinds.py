"""How values of each kind of column are written in a backup: the same text whichever database they come from.

A time is UTC, as SQLite stores it (`2026-03-02 07:30:00.001000`); JSON is a text with sorted keys; bytes are Base64; a
UUID is 32 hex digits; a duration is microseconds.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec
from django.db.models import Field

Convert = Callable[[Any], Any]
PLAIN, FLAG, DAY, MOMENT, CLOCK, JSON, BYTES, UUID, DURATION = (
    "plain",
    "boolean",
    "date",
    "datetime",
    "time",
    "json",
    "bytes",
    "uuid",
    "duration",
)
_PLAIN_TYPES = (
    "AutoField",
    "BigAutoField",
    "SmallAutoField",
    "IntegerField",
    "BigIntegerField",
    "SmallIntegerField",
    "PositiveIntegerField",
    "PositiveBigIntegerField",
    "PositiveSmallIntegerField",
    "FloatField",
    "CharField",
    "TextField",
    "SlugField",
    "FileField",
    "FilePathField",
)
KINDS: Mapping[str, str] = {
    **dict.fromkeys(_PLAIN_TYPES, PLAIN),
    "BooleanField": FLAG,
    "DateField": DAY,
    "DateTimeField": MOMENT,
    "TimeField": CLOCK,
    "JSONField": JSON,
    "BinaryField": BYTES,
    "UUIDField": UUID,
    "DurationField": DURATION,
}
"""The kind of a column by Django's name of the field's type."""
_JSON_DECODER, _JSON_ENCODER = msgspec.json.Decoder(), msgspec.json.Encoder(order="sorted")
_MICROSECOND = timedelta(microseconds=1)


def find_kind(field: Field[Any, Any]) -> str:
    """Return the kind of a model's column. Raise LookupError for a type of field that no backup knows yet."""
    target = field
    while target.remote_field is not None and hasattr(target, "target_field"):
        target = target.target_field
    try:
        return KINDS[target.get_internal_type()]
    except KeyError:
        raise LookupError(f"{field} is a {target.get_internal_type()}; KINDS has no kind of column for it") from None


def sort_json(text: str) -> str:
    """Return a JSON text with sorted keys and without spaces, which is the same for equal values."""
    if text in ("{}", "[]"):
        return text
    try:
        return _JSON_ENCODER.encode(_JSON_DECODER.decode(text)).decode()
    except (msgspec.MsgspecError, OverflowError, ValueError):  # such as a number of more than 64 bits
        return json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


SQLITE_WRITERS: Mapping[str, Convert] = {FLAG: bool, JSON: sort_json, BYTES: lambda value: b64encode(value).decode()}
"""From a value of SQLite to the value in a backup; a kind that is missing stays as it is."""
POSTGRES_WRITERS: Mapping[str, Convert] = {
    DAY: lambda value: value.isoformat(),
    MOMENT: lambda value: str(value.replace(tzinfo=None)),
    CLOCK: lambda value: value.isoformat(),
    JSON: sort_json,
    BYTES: lambda value: b64encode(value).decode(),
    UUID: lambda value: value.hex,
    DURATION: lambda value: value // _MICROSECOND,
}
"""From a value of PostgreSQL, whose JSON is read as text, to the value in a backup."""
SQLITE_READERS: Mapping[str, Convert] = {BYTES: b64decode}
"""From the value in a backup to that for SQLite."""
POSTGRES_READERS: Mapping[str, Convert] = {
    BYTES: b64decode,
    DURATION: lambda value: timedelta(microseconds=value),
}
"""From the value in a backup to that for PostgreSQL's COPY, which reads texts of all other kinds."""


def convert_rows(
    rows: Sequence[Sequence[Any]], kinds: Sequence[str], converters: Mapping[str, Convert]
) -> Iterable[Sequence[Any]]:
    """Return rows with the values of each column converted as its kind wants; null stays null."""
    changed = [(index, converters[kind]) for index, kind in enumerate(kinds) if kind in converters]
    if not changed or not rows:
        return rows
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    for index, convert in changed:
        columns[index] = [None if value is None else convert(value) for value in columns[index]]
    return list(zip(*columns, strict=True))
