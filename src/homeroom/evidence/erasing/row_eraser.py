"""Erase people from the rows of one table: rows about them go, and what other rows hold of them is emptied."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from homeroom.evidence.erasing.chunked_file import ColumnQuestion
from homeroom.evidence.erasing.column_classes import COLUMN_CLASSES, OwnerKind
from homeroom.evidence.erasing.column_searches import ColumnSearches, is_list
from homeroom.evidence.erasing.person_terms import ERASED, TermMatcher, fold_term
from homeroom.evidence.tables import Table

_MAX_PIECES = 64
"""Changed rows up to which a table is put together from pieces; more of them are sorted into place."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ErasedRows:
    """The rows of a table without the people, and the positions of those that were removed and of those changed."""

    rows: pl.DataFrame
    removed: pl.Series
    changed: pl.Series


class RowEraser:
    """Erases the people of one erasure from rows of any table."""

    def __init__(self, matcher: TermMatcher) -> None:
        self._matcher = matcher
        self._terms = matcher.terms
        self._searches = ColumnSearches(matcher)

    def build_questions(
        self, table: Table, present: Sequence[str], *, instance: str | pl.Expr = ""
    ) -> list[ColumnQuestion]:
        """Return what is looked for in each column; a row that no question finds does not change."""
        return self._searches.build_questions(table, present, instance=instance)

    def may_hold_term(self, text: pl.Expr) -> pl.Expr:
        """Return whether texts may hold a term: a quick look, after which each text is looked at closely."""
        return self._searches.may_hold_term(text)

    def find_candidates(self, rows: pl.DataFrame, *, table: Table, instance: str | pl.Expr = "") -> pl.Series:
        """Return the positions of rows that may have to change; `rows` need the searched columns only."""
        questions = self.build_questions(table, rows.columns, instance=instance)
        places = {position for question in questions for position in question.find(rows.select(question.column))}
        return pl.Series(sorted(places), dtype=pl.UInt32)

    def erase(
        self,
        rows: pl.DataFrame,
        *,
        table: Table,
        instance: str | pl.Expr = "",
        candidates: pl.Series | None = None,
    ) -> ErasedRows | None:
        """Return the rows without the people; None if there is nothing of them.

        `instance` is the source instance of the rows, or an expression that has it; `candidates` are those of
        `find_candidates`, where they are known.
        """
        if candidates is None:
            candidates = self.find_candidates(rows, table=table, instance=instance)
        if not len(candidates):
            return None
        looked_at = rows[candidates]
        sources = looked_at.select((pl.lit(instance) if isinstance(instance, str) else instance).alias("source"))[
            "source"
        ]
        names = sources.to_list() * (looked_at.height if len(sources) == 1 else 1)
        removed, changes = self.decide(
            zip(candidates, names, looked_at.iter_rows(named=True), strict=False), table=table
        )
        if not changes and not removed:
            return None
        positions = pl.Series(removed, dtype=pl.UInt32)
        cleaned = _apply_changes(rows, changes)
        return ErasedRows(
            rows=_remove_rows(cleaned, removed),
            removed=positions,
            changed=pl.Series(sorted(changes), dtype=pl.UInt32),
        )

    def decide(
        self, rows: Iterable[tuple[int, str, dict[str, Any]]], *, table: Table
    ) -> tuple[list[int], dict[int, dict[str, Any]]]:
        """Return the positions of the rows that go, and the cells of other rows that change, by position.

        `rows` are the position, the source instance and the cells of each.
        """
        removed: list[int] = []
        changes: dict[int, dict[str, Any]] = {}
        for position, source, row in rows:
            if self._is_own_row(row, table=table, instance=source):
                removed.append(position)
            elif change := self._change_row(row, table=table):
                changes[position] = change
        return removed, changes

    def _is_own_row(self, row: dict[str, Any], *, table: Table, instance: str) -> bool:
        """Return whether a row is about one of the people."""
        classes = COLUMN_CLASSES[table.name]
        for name, kind in classes.owners.items():
            value = row.get(name)
            if value is None:
                continue
            if kind in (OwnerKind.SUBJECT, OwnerKind.ADDRESS):
                if self._is_identity(value):
                    return True
            elif (instance, str(kind), value) in self._terms.records:
                return True
        values = [row.get(name) for name in classes.ids]
        return any(
            self._is_identity(item) for value in values for item in (value if isinstance(value, list) else [value])
        )

    # --- what of a row -----------------------------------------------------------------------------------------------

    def _change_row(self, row: dict[str, Any], *, table: Table) -> dict[str, Any]:
        """Return the cells of another's row that have to change."""
        classes = COLUMN_CLASSES[table.name]
        changes: dict[str, Any] = {}
        singles = [name for name in classes.references if name in row and not is_list(table, name)]
        linked = any(self._is_identity(row[name]) for name in singles)
        if linked:
            emptied = {name for name in (*singles, *classes.aside) if row.get(name) is not None}
            changes |= dict.fromkeys(emptied)
        else:
            changes |= {name: None for name in singles if self._is_whole_term(row[name])}
        extra = [str(row[name]) for name in changes if isinstance(row[name], str) and len(str(row[name])) > 3]
        for name in (*classes.references, *classes.texts):
            if name in row and name not in changes:
                value = self._clean_cell(row[name], linked=linked, extra=extra if name in classes.texts else ())
                if value != row[name]:
                    changes[name] = value
        return changes

    def _is_identity(self, value: Any) -> bool:
        """Return whether a value is an id or the number of one of the people."""
        if isinstance(value, int):
            return value in self._terms.subjects
        if not isinstance(value, str):
            return False
        folded = fold_term(value)
        return folded in self._terms.ids or folded.rpartition(":")[2] in self._terms.ids

    def _is_whole_term(self, value: Any) -> bool:
        return isinstance(value, str) and (self._is_identity(value) or fold_term(value) in self._terms.names)

    def _clean_cell(self, value: Any, *, linked: bool, extra: Sequence[str]) -> Any:
        if isinstance(value, list):
            cleaned = [item for item in value if not self._is_whole_term(item)]
            return [self._clean_text(item, linked=linked, extra=extra) for item in cleaned]
        return self._clean_text(value, linked=linked, extra=extra) if isinstance(value, str) else value

    def _clean_text(self, text: str, *, linked: bool, extra: Sequence[str]) -> str:
        if text[:1] in ("{", "["):
            try:
                document = json.loads(text)
            except ValueError:
                return self._matcher.replace_in(text, linked=linked, extra=extra)
            cleaned = self._matcher.replace_in_value(document, linked=linked, extra=extra)
            return text if cleaned == document else json.dumps(cleaned, ensure_ascii=False, separators=(",", ":"))
        return ERASED if self._is_whole_term(text) else self._matcher.replace_in(text, linked=linked, extra=extra)


def _remove_rows(rows: pl.DataFrame, removed: list[int]) -> pl.DataFrame:
    """Return the rows without those at some positions, which are in order."""
    if not removed:
        return rows
    if len(removed) > _MAX_PIECES:
        gone = pl.Series(removed, dtype=pl.UInt32)
        return rows.with_row_index("_order").filter(~pl.col("_order").is_in(gone.implode())).drop("_order")
    starts, ends = [0, *(position + 1 for position in removed)], [*removed, rows.height]
    return pl.concat([rows.slice(start, end - start) for start, end in zip(starts, ends, strict=True)])


def _apply_changes(rows: pl.DataFrame, changes: dict[int, dict[str, Any]]) -> pl.DataFrame:
    """Return the rows with some cells replaced, in the same order and with the same types."""
    if not changes:
        return rows
    positions = sorted(changes)
    names = sorted({name for change in changes.values() for name in change})
    changed = rows[positions]
    columns = [
        pl.Series(
            name,
            [
                changes[position].get(name, value)
                for position, value in zip(positions, changed[name].to_list(), strict=True)
            ],
            dtype=rows.schema[name],
        )
        for name in names
    ]
    changed = changed.with_columns(columns)
    if len(positions) > _MAX_PIECES:
        order = pl.Series("_order", positions, dtype=pl.UInt32)
        others = rows.with_row_index("_order").filter(~pl.col("_order").is_in(order.implode()))
        together = pl.concat([others, changed.select(order, pl.all())])
        return together.sort("_order").drop("_order")
    pieces, start = [], 0
    for number, position in enumerate(positions):
        pieces += [rows.slice(start, position - start), changed.slice(number, 1)]
        start = position + 1
    return pl.concat([*pieces, rows.slice(start)])
