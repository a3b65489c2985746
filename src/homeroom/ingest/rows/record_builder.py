"""Canonical rows built one by one, from elements and objects, and parsing of their single texts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import polars as pl

from homeroom.evidence.files.polars_schema import POLARS_TYPES
from homeroom.evidence.tables import TABLES
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.contract.masking import mask_value
from homeroom.ingest.contract.reject_frames import REJECT_SCHEMA

_ZONE = re.compile(r"([+-]\d\d)(\d\d)$")
_EPOCH = re.compile(r"\d{9,11}")


class RecordBuilder:
    """Rows of several canonical tables and unreadable values, collected while a reader goes through its records.

    Of rows with one key the first remains: a later one fills its empty columns and extends its lists. So one device in
    many records is one row.
    """

    def __init__(self) -> None:
        self._rows: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {}
        self._rejects: list[tuple[int, str, str | None, str, bool]] = []
        self._dropped: dict[str, int] = {}

    def put(self, table: str, *, line: int, **values: Any) -> None:
        """Add one row; a list may be in any order.

        A tuple is a complete list, which is not extended and may be empty.
        """
        key = tuple(values.get(name) for name in TABLES[table].key)
        row = self._rows.setdefault(table, {}).setdefault(key, {"_line": line})
        for name, value in values.items():
            if isinstance(value, list):
                row[name] = sorted({*(row.get(name) or ()), *value}) or None
            elif row.get(name) is None:
                row[name] = value

    def drop(self, table: str, *, key: tuple[Any, ...]) -> None:
        """Remove a row that an earlier record added and a later one declares over."""
        self._rows.get(table, {}).pop(key, None)

    def count_dropped(self, name: str, *, count: int = 1) -> None:
        """Count values that are not loaded."""
        if count:
            self._dropped[name] = self._dropped.get(name, 0) + count

    def reject(self, *, line: int, field: str, value: str | None, reason: str, row_lost: bool) -> None:
        """Record an unreadable value.

        `row_lost` is true if a row is missing for it, false if only a field is.
        """
        masked_value = mask_value(value) if value else None
        self._rejects.append((line, field, masked_value, reason, row_lost))

    def build_reading(self, *tables: str) -> Reading:
        """Build the reading of everything so far: each of these tables, even without rows."""
        return Reading(
            tables={table: self._build_frame(table) for table in tables},
            rejects=pl.DataFrame(self._rejects, schema=REJECT_SCHEMA, orient="row"),
            dropped=self._dropped,
        )

    def _build_frame(self, table: str) -> pl.DataFrame:
        rows = list(self._rows.get(table, {}).values())
        kinds = {column.name: POLARS_TYPES[column.type] for column in TABLES[table].columns}
        return pl.DataFrame(
            {
                **{name: pl.Series([row.get(name) for row in rows], dtype=kind) for name, kind in kinds.items()},
                "_line": pl.Series([row["_line"] for row in rows], dtype=pl.Int64()),
            }
        )


def clean_text(value: object) -> str | None:
    """Return text on one line without blanks around it; null for other values and if nothing is left."""
    return " ".join(value.split()) or None if isinstance(value, str) else None


def parse_whole_number(value: object) -> int | None:
    """Return a whole number of up to nine digits; null for other text."""
    digits = clean_text(value)
    return int(digits) if digits and re.fullmatch(r"[0-9]{1,9}", digits) else None


def parse_cvss_tenths(value: object) -> int | None:
    """Return a CVSS score, 0 to 10, in tenths; null for other text."""
    score_text = clean_text(value)
    if not score_text or not re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,6})?", score_text):
        return None
    score = round(float(score_text) * 10)
    return score if score <= 100 else None


def parse_timestamp(value: object) -> datetime | None:
    """Parse a UTC time from seconds since 1970, ISO 8601, or C's form `Tue Jun 25 10:39:42 2013`.

    Without a zone as UTC.
    """
    time_text = clean_text(value)
    if not time_text:
        return None
    try:
        if _EPOCH.fullmatch(time_text):
            return datetime.fromtimestamp(int(time_text), tz=UTC)
        if time_text[0].isdigit():
            timestamp = datetime.fromisoformat(_ZONE.sub(r"\1:\2", time_text))
        else:
            timestamp = datetime.strptime(time_text, "%a %b %d %H:%M:%S %Y")  # noqa: DTZ007 the form has no zone
    except (ValueError, OverflowError, OSError):
        return None
    return timestamp.astimezone(UTC) if timestamp.tzinfo else timestamp.replace(tzinfo=UTC)


def get_by_path(value: object, path: str) -> object:
    """Return the value at a path of names with dots between levels; null if a level is missing or no object."""
    for name in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value
