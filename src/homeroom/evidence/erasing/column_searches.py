"""What to look for in each column of a table, so that rows without anything of the people are not looked at singly."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import polars as pl

from homeroom.evidence.erasing.chunked_file import ColumnQuestion
from homeroom.evidence.erasing.column_classes import COLUMN_CLASSES, OwnerKind
from homeroom.evidence.erasing.person_terms import MIN_SEARCHED_LENGTH, TermMatcher, find_plain_part
from homeroom.evidence.tables import Table, Type

_MANY_MATCHES = 64
"""Matches of a quick look from which a closer look at all of them costs less than one at each row."""


class ColumnSearches:
    """Builds the questions of one erasure."""

    def __init__(self, matcher: TermMatcher) -> None:
        self._matcher, self._terms = matcher, matcher.terms
        self._subjects = pl.Series(sorted(self._terms.subjects), dtype=pl.Int64)
        self._id_needles = sorted({find_plain_part(term) for term in self._terms.ids} - {""})

    def build_questions(
        self, table: Table, present: Sequence[str], *, instance: str | pl.Expr = ""
    ) -> list[ColumnQuestion]:
        """Return what is looked for in each column; a row that no question finds does not change.

        `instance` is the source instance of the rows, if all have the same; else records of any instance are found.
        """
        source = instance if isinstance(instance, str) else None
        return [
            ColumnQuestion(
                column=name,
                key=f"{table.name} {source}",
                find=partial(
                    find_matches, exact=self._build_exact(name, table, source), text=self._build_text(name, table)
                ),
            )
            for name in dict.fromkeys(COLUMN_CLASSES[table.name].searched)
            if name in present
        ]

    def may_hold_term(self, text: pl.Expr) -> pl.Expr:
        """Return whether texts may hold a term: a quick look, after which each text is looked at closely."""
        needles = self._matcher.needles
        short = sorted(term for term in self._terms.ids if len(term) < MIN_SEARCHED_LENGTH)
        has_needle = text.str.contains_any(needles, ascii_case_insensitive=True) if needles else pl.lit(value=False)
        return has_needle | text.str.to_lowercase().is_in(short) if short else has_needle

    def _build_exact(self, name: str, table: Table, source: str | None) -> list[pl.Expr]:
        """Return conditions after which a closer look would find nothing else."""
        classes = COLUMN_CLASSES[table.name]
        kind = classes.owners.get(name)
        if kind in (OwnerKind.PERSON, OwnerKind.ACCOUNT):
            keys = {key for instance, owner, key in self._terms.records if owner == kind and source in (None, instance)}
            return [pl.col(name).is_in(sorted(keys))]
        return [pl.col(name).is_in(self._subjects.implode())] if table.get_column(name).type is Type.INTEGER else []

    def _build_text(self, name: str, table: Table) -> tuple[pl.Expr, pl.Expr] | None:
        """Return the condition of a quick look at the texts of a column, and that of a closer one."""
        classes = COLUMN_CLASSES[table.name]
        if table.get_column(name).type is Type.INTEGER:
            return None
        text = pl.col(name).list.join("\n") if is_list(table, name) else pl.col(name)
        closely = text.str.contains(self._matcher.broad_pattern)
        if name in classes.ids or classes.owners.get(name) is OwnerKind.ADDRESS:
            return self._may_be_id(text), closely
        if name in (*classes.references, *classes.texts):
            return self.may_hold_term(text), closely
        return None

    def _may_be_id(self, text: pl.Expr) -> pl.Expr:
        """Return whether texts may be an id, or have one after `type:`: a quick look at all ids, however short."""
        if not self._id_needles:
            return pl.lit(value=False)
        return text.str.contains_any(self._id_needles, ascii_case_insensitive=True)


def is_list(table: Table, name: str) -> bool:
    """Return whether a column has lists of texts."""
    return table.get_column(name).type is Type.TEXTS


def find_matches(
    values: pl.DataFrame, *, exact: Sequence[pl.Expr] = (), text: tuple[pl.Expr, pl.Expr] | None = None
) -> pl.Series:
    """Return the positions that a quick look finds; if there are many, those of them that a closer look finds."""
    matches = _select(values, [*exact, *text[:1]] if text else exact)
    if len(matches) <= _MANY_MATCHES or text is None:
        return matches
    return matches.gather(_select(values[matches], [*exact, text[1]]))


def _select(values: pl.DataFrame, conditions: Sequence[pl.Expr]) -> pl.Series:
    flags = [condition.fill_null(value=False) for condition in conditions]
    if not flags or not values.height:
        return pl.Series(dtype=pl.UInt32)
    matches = values.select(pl.any_horizontal(flags).alias("flag"))["flag"]
    return matches.arg_true() if len(matches) == values.height else pl.Series(dtype=pl.UInt32)
