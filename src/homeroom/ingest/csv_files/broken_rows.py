"""Rows of a CSV file that cannot be read: counted, rejected one by one, and too many of them a reason to refuse it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from homeroom.ingest.contract.errors import FileRefused, build_refusal
from homeroom.ingest.contract.masking import MAX_SHOWN, build_mask
from homeroom.ingest.contract.reject_frames import REJECT_SCHEMA, build_empty_rejects
from homeroom.ingest.csv_files.footers import FOOTER

MAX_BROKEN_ROWS = 10
"""So many rows may be broken in a file of any length."""
MAX_BROKEN_SHARE = 0.01
"""Share of the rows that may be broken in a long file."""
_MANY_BROKEN_ROWS = 1_000
"""From so many on, a file is refused before it is read to its end."""
_MAX_NAMED_LINES = 3
_MAX_BYTES_PER_LETTER = 4


@dataclass(frozen=True, kw_only=True)
class BrokenRow:
    """One row that cannot be read: the physical line on which it begins, why, and what would fit.

    `field` is the first column that it lacks, or empty. `text` is its beginning, unmasked. `weight` is how many rows
    may have been lost in it: more than one if it spans several lines. `file_fits` is what would fit in words for a
    refusal, where they differ.
    """

    line: int
    reason: str
    fits: str
    text: bytes = b""
    field: str = ""
    weight: int = 1
    file_fits: str = ""


def build_broken_row(
    line: int, row: bytes, *, reason: str, fits: str, field: str = "", weight: int = 1, file_fits: str = ""
) -> BrokenRow:
    """Build a broken row without more of its text than is shown."""
    text = row[: MAX_SHOWN * _MAX_BYTES_PER_LETTER]
    return BrokenRow(
        line=line, reason=reason, fits=fits, text=text, field=field, weight=weight, file_fits=file_fits or fits
    )


@dataclass(kw_only=True)
class BrokenRows:
    """The broken rows of one file while it is read. `sound` counts its other rows."""

    count: int = 0
    weight: int = 0
    sound: int = 0
    _first: list[BrokenRow] = field(default_factory=list)
    _pending: list[BrokenRow] = field(default_factory=list)

    def clear(self) -> None:
        """Forget all rows, before the file is read again."""
        self.count = self.weight = self.sound = 0
        self._first.clear()
        self._pending.clear()

    def add(self, rows: Sequence[BrokenRow]) -> None:
        """Add broken rows in the order of the file."""
        self.count += len(rows)
        self.weight += sum(row.weight for row in rows)
        self._first += rows[: _MAX_NAMED_LINES - len(self._first)]
        self._pending += rows

    def drop_footer(self, *, last_line: int) -> int | None:
        """Forget the last row if it is short, below the last sound row, and a total; return its line, else None."""
        footer = self._pending[-1] if self._pending else None
        if footer is None or footer.line <= last_line or not footer.field or not FOOTER.fullmatch(footer.text):
            return None
        self._pending.pop()
        self.count, self.weight = self.count - 1, self.weight - footer.weight
        if self._first[-1] is footer:
            self._first.pop()
        return footer.line

    def take_rejects(self) -> pl.DataFrame:
        """Return the rejects (REJECT_SCHEMA) of the broken rows since the last call."""
        rows, self._pending = self._pending, []
        if not rows:
            return build_empty_rejects()
        columns = {
            "line": [row.line for row in rows],
            "field": [row.field for row in rows],
            "value": [row.text.decode("utf-8", "replace") for row in rows],
            "reason": [f"{row.reason}; {row.fits} would fit" for row in rows],
            "row_lost": [True] * len(rows),
        }
        return pl.DataFrame(columns, schema=REJECT_SCHEMA).with_columns(build_mask(pl.col("value")))

    def must_be_few(self, file: str, *, max_rows: int | None = None) -> None:
        """Raise FileRefused if too many rows are broken, or all.

        `max_rows` is how many rows the file can have at most, while it is not read to its end.
        """
        total = self.sound + self.count
        if max_rows is None and self.count and not self.sound:
            raise self._build_refusal(file, f"none of its {total:,} rows" if total > 1 else "its only row")
        limit = MAX_BROKEN_ROWS if max_rows is None else _MANY_BROKEN_ROWS
        if self.weight > max(limit, MAX_BROKEN_SHARE * (max_rows or total)):
            raise self._build_refusal(file, f"{self.count:,} of {total:,} rows", is_whole=max_rows is None)

    def _build_refusal(self, file: str, rows: str, *, is_whole: bool = True) -> FileRefused:
        """Build the refusal; the rows that were read so far are the first ones of a file that is not read whole."""
        first, names = self._first[0], [f"{row.line:,}" for row in self._first]
        remaining = self.count - len(names)
        named = f"lines {', '.join(names)} and {remaining:,} more" if remaining else f"lines {' and '.join(names)}"
        lines = named if len(names) > 1 else f"line {names[0]}"
        verb = "can be read" if rows.startswith("none") else "cannot be read"
        subject = rows if is_whole else f"{rows} so far"
        reason = f"{subject} {verb} ({lines}); the first: {first.reason}"
        return build_refusal(file, reason, line=first.line, field=first.field or None, fits=first.file_fits)
