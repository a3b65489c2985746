"""References: every id that points to a row finds one of the right type, wherever both files are bulk."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from homeroom.ingest.oneroster.columns import Column, Member
from homeroom.ingest.oneroster.gathering import Gathered, among, hashed
from homeroom.ingest.oneroster.violations import Violations
from homeroom.ingest.rows import LINE

_VALUE, _HASH = "value", "hash"


class References:
    """The references of one member, checked while it streams by; those into itself are checked again at its end."""

    def __init__(self, member: Member, *, modes: Mapping[str, str], gathered: Gathered, violations: Violations) -> None:
        self._member, self._modes = member, modes
        self._gathered, self._violations = gathered, violations
        self._waiting: dict[str, list[pl.DataFrame]] = {}
        self._without: set[str] = set()

    def see(self, frame: pl.DataFrame) -> None:
        """One frame, under the right names of columns."""
        if self._modes.get(self._member.name) != "bulk":
            return
        for column in self._member.columns:
            if column.to and column.name in frame.columns:
                self._see(frame, column)

    def _see(self, frame: pl.DataFrame, column: Column) -> None:
        there = self._modes.get(column.to)
        values = _each(frame, column)
        if there is None and values.height and column.name not in self._without:
            self._without.add(column.name)
            line, value = int(values[LINE][0]), f"{column.to}.csv"
            self._violations.add("reference.no-file", file=self._member.file, line=line, field=column.name, value=value)
        if there != "bulk" or not values.height:
            return
        if column.to == self._member.name:  # whose ids are whole only at its end
            self._waiting.setdefault(column.name, []).append(values)
            return
        there_too = among(values[_HASH], self._gathered.ids(column.to))
        self._tell(values.filter(~there_too), column)
        self._of_another_type(values.filter(there_too), column)

    def finish(self) -> None:
        """The references into the member itself, now that all its rows are known."""
        for name, frames in self._waiting.items():
            column = self._member.column(name)
            assert column is not None
            values = pl.concat(frames)
            self._tell(values.filter(~among(values[_HASH], self._gathered.ids(column.to))), column)

    def _of_another_type(self, values: pl.DataFrame, column: Column) -> None:
        if column.of and values.height:
            other = values.filter(~among(values[_HASH], self._gathered.ids(column.to, of=column.of)))
            self._tell(other, column, rule="reference.kind", fits=f"a row whose type is {', '.join(column.of)}")

    def _tell(self, lost: pl.DataFrame, column: Column, *, rule: str = "reference.nothing", fits: str = "") -> None:
        told = fits or f"the sourcedId of a row in {column.to}.csv"
        # An org's or a session's id says nothing about anybody.
        private = self._member.private and column.to in ("users", "userProfiles", "results")
        self._violations.rows(
            rule, lost, file=self._member.file, field=column.name, private=private, value=_VALUE, fits=told
        )


def _each(frame: pl.DataFrame, column: Column) -> pl.DataFrame:
    """Every single id with its line and hash."""
    values = frame.select(pl.col(column.name).alias(_VALUE), LINE).drop_nulls(_VALUE)
    if column.many and values[_VALUE].str.contains(",", literal=True).any():
        parts = values.with_columns(pl.col(_VALUE).str.split(",")).explode(
            _VALUE, keep_nulls=False, empty_as_null=False
        )
        values = parts.with_columns(pl.col(_VALUE).str.strip_chars()).filter(pl.col(_VALUE) != "")
    return values.with_columns(hashed(pl.col(_VALUE)).alias(_HASH))
