"""Leave out of a load what is about people who were erased, by the registers' hashes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from homeroom.evidence.erasing.column_classes import COLUMN_CLASSES, OwnerKind
from homeroom.evidence.erasing.person_terms import PersonTerms, RecordKey, TermMatcher, fold_term
from homeroom.evidence.erasing.register import TermHasher
from homeroom.evidence.erasing.row_eraser import RowEraser
from homeroom.evidence.tables import TABLES, Table, Type

_WORD = re.compile(r"[\w.+-]+@[\w.-]+|[\w.-]{5,}")
_RECORD_OWNERS = (OwnerKind.PERSON, OwnerKind.ACCOUNT)


class ErasedPeopleFilter:
    """Erases from rows, as they are read, what is about somebody of the registers, and counts it.

    Names are not in a register: a text that has nothing but a name stays.
    """

    def __init__(self, hashes: frozenset[str], *, hasher: TermHasher, instance: str) -> None:
        self._hashes, self._hasher, self._instance = hashes, hasher, instance
        self._ids: dict[str, bool] = {}
        self._records: dict[RecordKey, bool] = {}
        self.removed: Counter[str] = Counter()
        self.changed: Counter[str] = Counter()

    def clean(self, name: str, rows: pl.DataFrame) -> tuple[pl.DataFrame, Sequence[int]]:
        """Return the rows of a table without those people, and the lines of rows that lost something."""
        table = TABLES[name]
        terms = self._find_terms(rows, table=table)
        if not terms.ids and not terms.records:
            return rows, ()
        erased = RowEraser(TermMatcher(terms)).erase(rows, table=table, instance=self._instance)
        if erased is None:
            return rows, ()
        self.removed[name] += len(erased.removed)
        self.changed[name] += len(erased.changed)
        lines = rows["_line"][erased.changed].drop_nulls().to_list() if "_line" in rows.columns else []
        return erased.rows, lines

    def describe(self) -> str:
        """Return what was left out, in a sentence; an empty text if nothing was."""
        rows, cells = self.removed.total(), self.changed.total()
        parts = [
            f"{rows:,} row{'s' if rows != 1 else ''} of people who were erased {'are' if rows != 1 else 'is'} left out"
            if rows
            else "",
            f"{cells:,} row{'s' if cells != 1 else ''} lost what named them" if cells else "",
        ]
        return "; ".join(filter(None, parts))

    def _find_terms(self, rows: pl.DataFrame, *, table: Table) -> PersonTerms:
        classes = COLUMN_CLASSES[table.name]
        records: set[RecordKey] = set()
        ids: set[str] = set()
        for name, kind in classes.owners.items():
            if name in rows.columns and kind in _RECORD_OWNERS:
                keys = ((self._instance, str(kind), key) for key in rows[name].unique() if key is not None)
                records |= {record for record in keys if self._is_record(record)}
        addresses = [name for name, kind in classes.owners.items() if kind is OwnerKind.ADDRESS]
        for name in (*addresses, *classes.ids, *classes.references):
            ids |= {value for value in _iter_values(rows, name, table=table) if self._is_id(value)}
        for name in classes.texts:
            words = {word for text in _iter_values(rows, name, table=table) for word in _WORD.findall(text)}
            ids |= {word for word in _iter_parts(words) if self._is_id(word)}
        return PersonTerms(records=frozenset(records), ids=frozenset(ids))

    def _is_id(self, value: str) -> bool:
        if value not in self._ids:
            self._ids[value] = self._hasher.hash_id(value) in self._hashes
        return self._ids[value]

    def _is_record(self, record: RecordKey) -> bool:
        if record not in self._records:
            self._records[record] = self._hasher.hash_record(record) in self._hashes
        return self._records[record]


def _iter_values(rows: pl.DataFrame, name: str, *, table: Table) -> Iterator[str]:
    """Yield the distinct values of a column, folded; of a list each item, of `type:value` the value as well."""
    if name not in rows.columns or table.get_column(name).type not in (Type.TEXT, Type.TEXTS):
        return
    column = rows[name].drop_nulls()
    values = column.explode().unique() if table.get_column(name).type is Type.TEXTS else column.unique()
    for value in values:
        if value:
            folded = fold_term(value)
            yield folded
            if ":" in folded:
                yield folded.rpartition(":")[2]


def _iter_parts(words: Iterable[str]) -> Iterator[str]:
    """Yield words, and those that they consist of, such as the number in a name of a computer."""
    for word in words:
        yield word.strip(".-")
        for part in re.split(r"[-_.]", word):
            if len(part) >= 5 and part != word:
                yield part
