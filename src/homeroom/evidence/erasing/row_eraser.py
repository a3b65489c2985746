"""Erase people from the rows of one table: rows about them go, and what other rows hold of them is emptied."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from homeroom.evidence.erasing.column_classes import COLUMN_CLASSES, ColumnClasses, OwnerKind
from homeroom.evidence.erasing.person_terms import (
    ERASED,
    MIN_SEARCHED_LENGTH,
    TermMatcher,
    find_plain_part,
    fold_term,
)
from homeroom.evidence.tables import Table, Type

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
        self._subjects = pl.Series(sorted(self._terms.subjects), dtype=pl.Int64)
        self._id_needles = sorted({find_plain_part(term) for term in self._terms.ids} - {""})

    def list_searched_columns(self, table: Table, present: Sequence[str]) -> list[str]:
        """Return the columns that decide whether any row of a table has to change."""
        return [name for name in COLUMN_CLASSES[table.name].searched if name in present]

    def find_candidates(self, rows: pl.DataFrame, *, table: Table, instance: str | pl.Expr = "") -> pl.Series:
        """Return the positions of rows that may have to change; `rows` need the searched columns only."""
        conditions = [
            condition.fill_null(value=False)
            for condition in self._build_conditions(COLUMN_CLASSES[table.name], rows, table, instance)
        ]
        if not conditions or not rows.height:
            return pl.Series(dtype=pl.UInt32)
        flags = rows.select(pl.any_horizontal(conditions).alias("flag"))["flag"]
        if len(flags) != rows.height:
            return pl.Series(dtype=pl.UInt32)
        candidates = flags.arg_true()
        return candidates if len(candidates) <= _MAX_PIECES else self._narrow(rows, candidates, table, instance)

    def _narrow(self, rows: pl.DataFrame, candidates: pl.Series, table: Table, instance: str | pl.Expr) -> pl.Series:
        """Return those of many candidates that hold a complete term, or are about one of the people by their key."""
        classes, few = COLUMN_CLASSES[table.name], rows[candidates]
        texts = [
            (pl.col(name).list.join("\n") if _is_list(table, name) else pl.col(name)).fill_null("")
            for name in classes.searched
            if name in rows.columns and table.get_column(name).type in (Type.TEXT, Type.TEXTS)
        ]
        keys = [
            condition.fill_null(value=False)
            for condition in self._build_conditions(replace(classes, ids=(), texts=()), rows, table, instance)
        ]
        has_term = pl.concat_str(texts, separator="\n").str.contains(self._matcher.broad_pattern)
        owned = [condition for name, condition in zip(classes.owners, keys, strict=False) if name in rows.columns]
        numbers = [
            pl.col(name).is_in(self._subjects.implode()).fill_null(value=False)
            for name in classes.references
            if name in rows.columns and table.get_column(name).type is Type.INTEGER
        ]
        return candidates.filter(few.select(pl.any_horizontal([has_term, *owned, *numbers]).alias("flag"))["flag"])

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
        removed: list[int] = []
        changes: dict[int, dict[str, Any]] = {}
        for position, source, row in zip(candidates, names, looked_at.iter_rows(named=True), strict=False):
            if self._is_own_row(row, table=table, instance=source):
                removed.append(position)
            elif change := self._change_row(row, table=table):
                changes[position] = change
        if not changes and not removed:
            return None
        positions = pl.Series(removed, dtype=pl.UInt32)
        cleaned = _apply_changes(rows, changes)
        return ErasedRows(
            rows=_remove_rows(cleaned, removed),
            removed=positions,
            changed=pl.Series(sorted(changes), dtype=pl.UInt32),
        )

    # --- which rows --------------------------------------------------------------------------------------------------

    def _build_conditions(
        self, classes: ColumnClasses, rows: pl.DataFrame, table: Table, instance: str | pl.Expr
    ) -> Iterator[pl.Expr]:
        """Yield conditions; at least one holds for each row that may have to change."""
        for name, kind in classes.owners.items():
            if name in rows.columns:
                if kind is OwnerKind.SUBJECT:
                    yield pl.col(name).is_in(self._subjects.implode())
                elif kind is OwnerKind.ADDRESS:
                    yield self._may_be_id(pl.col(name))
                else:
                    yield self._is_record(pl.col(name), kind, instance)
        for name in (*classes.ids, *classes.references, *classes.texts):
            if name not in rows.columns:
                continue
            if table.get_column(name).type is Type.INTEGER:
                yield pl.col(name).is_in(self._subjects.implode())
                continue
            text = pl.col(name).list.join("\n") if _is_list(table, name) else pl.col(name)
            yield self._may_be_id(text) if name in classes.ids else self.may_hold_term(text)

    def _is_record(self, column: pl.Expr, kind: str, instance: str | pl.Expr) -> pl.Expr:
        if isinstance(instance, str):
            return column.is_in(self._terms.list_keys(instance, kind))
        sources = {source for source, owner, _ in self._terms.records if owner == kind}
        conditions = [
            (instance == source) & column.is_in(self._terms.list_keys(source, kind)) for source in sorted(sources)
        ]
        return pl.any_horizontal(conditions) if conditions else pl.lit(value=False)

    def _may_be_id(self, text: pl.Expr) -> pl.Expr:
        """Return whether texts may be an id, or have one after `type:`: a quick look at all ids, however short."""
        if not self._id_needles:
            return pl.lit(value=False)
        return text.str.contains_any(self._id_needles, ascii_case_insensitive=True)

    def may_hold_term(self, text: pl.Expr) -> pl.Expr:
        """Return whether texts may hold a term: a quick look, after which each text is looked at closely."""
        needles = self._matcher.needles
        short = sorted(term for term in self._terms.ids if len(term) < MIN_SEARCHED_LENGTH)
        has_needle = text.str.contains_any(needles, ascii_case_insensitive=True) if needles else pl.lit(value=False)
        return has_needle | text.str.to_lowercase().is_in(short) if short else has_needle

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
        singles = [name for name in classes.references if name in row and not _is_list(table, name)]
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


def _is_list(table: Table, name: str) -> bool:
    return table.get_column(name).type is Type.TEXTS


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
