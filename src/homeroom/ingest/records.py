"""Canonical rows made one by one, from elements and objects, and the single texts in them as values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import polars as pl

from homeroom.evidence.schema import POLARS
from homeroom.evidence.tables import TABLES
from homeroom.ingest.connector import REJECT_SCHEMA, Reading
from homeroom.ingest.masking import masked

_ZONE = re.compile(r"([+-]\d\d)(\d\d)$")
_EPOCH = re.compile(r"\d{9,11}")


class Records:
    """Rows of several canonical tables and what could not be read, gathered while a reader walks its records.

    Of rows with one key the first stands: its empty columns take what a later one says, its lists grow. So one device
    that many records speak of is one row.
    """

    def __init__(self) -> None:
        self._rows: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {}
        self._rejects: list[tuple[int, str, str | None, str, bool]] = []
        self._dropped: dict[str, int] = {}

    def put(self, table: str, *, line: int, **values: Any) -> None:
        """Keep one row; a list may stand in any order. A tuple is a whole list, which does not grow and may be empty."""
        key = tuple(values.get(name) for name in TABLES[table].key)
        row = self._rows.setdefault(table, {}).setdefault(key, {"_line": line})
        for name, value in values.items():
            if isinstance(value, list):
                row[name] = sorted({*(row.get(name) or ()), *value}) or None
            elif row.get(name) is None:
                row[name] = value

    def drop(self, table: str, *, key: tuple[Any, ...]) -> None:
        """Take a row back that an earlier record put and a later one says is over."""
        self._rows.get(table, {}).pop(key, None)

    def left(self, name: str, *, count: int = 1) -> None:
        """Count values that are left at the door."""
        if count:
            self._dropped[name] = self._dropped.get(name, 0) + count

    def reject(self, *, line: int, field: str, value: str | None, reason: str, row_lost: bool) -> None:
        """Say what could not be read. `row_lost` is true where a row is missing for it, false where only a field is."""
        shape = masked(value) if value else None
        self._rejects.append((line, field, shape, reason, row_lost))

    def reading(self, *tables: str) -> Reading:
        """Everything so far: each of these tables, if only with no rows."""
        return Reading(
            tables={table: self._frame(table) for table in tables},
            rejects=pl.DataFrame(self._rejects, schema=REJECT_SCHEMA, orient="row"),
            dropped=self._dropped,
        )

    def _frame(self, table: str) -> pl.DataFrame:
        rows = list(self._rows.get(table, {}).values())
        kinds = {column.name: POLARS[column.type] for column in TABLES[table].columns}
        return pl.DataFrame(
            {
                **{name: pl.Series([row.get(name) for row in rows], dtype=kind) for name, kind in kinds.items()},
                "_line": pl.Series([row["_line"] for row in rows], dtype=pl.Int64()),
            }
        )


def text(value: object) -> str | None:
    """Text on one line without blanks around it; null for other values and where nothing is left."""
    return " ".join(value.split()) or None if isinstance(value, str) else None


def whole(value: object) -> int | None:
    """A whole number of up to nine digits; null for other text."""
    found = text(value)
    return int(found) if found and re.fullmatch(r"[0-9]{1,9}", found) else None


def tenths(value: object) -> int | None:
    """A CVSS score, 0 to 10, in tenths; null for other text."""
    found = text(value)
    if not found or not re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,6})?", found):
        return None
    score = round(float(found) * 10)
    return score if score <= 100 else None


def moment(value: object) -> datetime | None:
    """A UTC time from seconds since 1970, ISO 8601, or C's form `Tue Jun 25 10:39:42 2013`; without a zone as UTC."""
    found = text(value)
    if not found:
        return None
    try:
        if _EPOCH.fullmatch(found):
            return datetime.fromtimestamp(int(found), tz=UTC)
        if found[0].isdigit():
            at = datetime.fromisoformat(_ZONE.sub(r"\1:\2", found))
        else:
            at = datetime.strptime(found, "%a %b %d %H:%M:%S %Y")  # noqa: DTZ007 the form has no zone
    except (ValueError, OverflowError, OSError):
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def inside(found: object, path: str) -> object:
    """The value at a path of names with dots between levels; null where a level is missing or no object."""
    for name in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found
