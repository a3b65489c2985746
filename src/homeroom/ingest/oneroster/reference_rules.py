"""Reference rules: every id that refers to a row finds one of the right type, if both files are bulk."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from homeroom.ingest.oneroster.column_spec import ColumnSpec, MemberSpec
from homeroom.ingest.oneroster.row_index import RowIndex, hash_ids, is_among
from homeroom.ingest.oneroster.violations import Violations
from homeroom.ingest.rows.field_table import LINE

_VALUE, _HASH = "value", "hash"


class ReferenceChecker:
    """Checks the references of one member while it streams by; those into itself are checked at its end."""

    def __init__(
        self, member: MemberSpec, *, modes: Mapping[str, str], row_index: RowIndex, violations: Violations
    ) -> None:
        self._member, self._modes = member, modes
        self._row_index, self._violations = row_index, violations
        self._waiting: dict[str, list[pl.DataFrame]] = {}
        self._missing_targets: set[str] = set()

    def add(self, frame: pl.DataFrame) -> None:
        """Check one frame with the specified column names."""
        if self._modes.get(self._member.name) != "bulk":
            return
        for column in self._member.columns:
            if column.to and column.name in frame.columns:
                self._check_column(frame, column)

    def _check_column(self, frame: pl.DataFrame, column: ColumnSpec) -> None:
        target_mode = self._modes.get(column.to)
        values = _split_ids(frame, column)
        if target_mode is None and values.height and column.name not in self._missing_targets:
            self._missing_targets.add(column.name)
            line, value = int(values[LINE][0]), f"{column.to}.csv"
            self._violations.add("reference.no-file", file=self._member.file, line=line, field=column.name, value=value)
        if target_mode != "bulk" or not values.height:
            return
        if column.to == self._member.name:  # whose ids are whole only at its end
            self._waiting.setdefault(column.name, []).append(values)
            return
        is_known = is_among(values[_HASH], self._row_index.get_ids(column.to))
        self._report_rows(values.filter(~is_known), column)
        self._check_types(values.filter(is_known), column)

    def finish(self) -> None:
        """Check the references into the member itself, now that all its rows are known."""
        for name, frames in self._waiting.items():
            column = self._member.get_column(name)
            assert column is not None
            values = pl.concat(frames)
            self._report_rows(values.filter(~is_among(values[_HASH], self._row_index.get_ids(column.to))), column)

    def _check_types(self, values: pl.DataFrame, column: ColumnSpec) -> None:
        if column.of and values.height:
            mismatched = values.filter(~is_among(values[_HASH], self._row_index.get_ids(column.to, types=column.of)))
            self._report_rows(
                mismatched, column, rule="reference.kind", fits=f"a row whose type is {', '.join(column.of)}"
            )

    def _report_rows(
        self, violating_rows: pl.DataFrame, column: ColumnSpec, *, rule: str = "reference.nothing", fits: str = ""
    ) -> None:
        fits_shown = fits or f"the sourcedId of a row in {column.to}.csv"
        # An id of an organization or a session reveals nothing about a person.
        private = self._member.private and column.to in ("users", "userProfiles", "results")
        self._violations.add_rows(
            rule,
            violating_rows,
            file=self._member.file,
            field=column.name,
            private=private,
            value=_VALUE,
            fits=fits_shown,
        )


def _split_ids(frame: pl.DataFrame, column: ColumnSpec) -> pl.DataFrame:
    """Return every single id with its line and hash."""
    values = frame.select(pl.col(column.name).alias(_VALUE), LINE).drop_nulls(_VALUE)
    if column.many and values[_VALUE].str.contains(",", literal=True).any():
        parts = values.with_columns(pl.col(_VALUE).str.split(",")).explode(
            _VALUE, keep_nulls=False, empty_as_null=False
        )
        values = parts.with_columns(pl.col(_VALUE).str.strip_chars()).filter(pl.col(_VALUE) != "")
    return values.with_columns(hash_ids(pl.col(_VALUE)).alias(_HASH))
