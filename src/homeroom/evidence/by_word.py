"""The rows of a small table, laid out for pages and found by a word in one of its columns: the flaws of a thing, all that has a CVE.

They stand beside what else is laid out of a snapshot (`homeroom.evidence.laid`), in the order in which they were written. A word that
repeats is a number in its column, so that to find its rows is one comparison of numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from homeroom.evidence.laid import path_of, rows_of
from homeroom.evidence.shelves import Places, Shelf, fewer_words, told
from homeroom.evidence.store import Store

OPEN = 16
"""Files that a process keeps mapped."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Worded:
    """Every row of one table, each read by its place."""

    rows: pa.Table

    def where(self, column: str, word: str) -> Places:
        """The places of the rows that have that word there, ascending."""
        words = self.rows.column(column).combine_chunks()
        if not pa.types.is_dictionary(words.type):
            return _true(pc.equal(words, word))
        code = pc.index(words.dictionary, word).as_py()
        return _true(pc.equal(words.indices, code)) if code >= 0 else np.empty(0, dtype=np.int64)

    def cells(self, places: Sequence[int] | Places, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        """The values of those columns at each place."""
        at = pa.array(np.asarray(places, dtype=np.int64))
        return list(zip(*(told(self.rows, name, at) for name in columns), strict=True))


_SHELF: Shelf[Worded] = Shelf(opened=lambda rows: Worded(rows=rows), most=OPEN)


def by_word(store: Store, *, derived: str, table: str) -> Worded:
    """One table of that snapshot, laid out first where it is not yet. Raises NoSuchLoad, and TooSlow."""

    def shorter() -> pa.Table:
        rows = rows_of(store, derived=derived, table=table)
        return pa.table({name: fewer_words(rows.column(name)) for name in rows.column_names})

    return _SHELF.get(path_of(store, derived=derived, table=table), shorter)


def _true(answers: pa.Array) -> Places:
    """The places of what is true; what is not known is not."""
    found: Places = np.flatnonzero(pc.fill_null(answers, False).to_numpy(zero_copy_only=False)).astype(np.int64)
    return found
