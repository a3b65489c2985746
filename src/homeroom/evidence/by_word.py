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
import pyarrow.parquet as pq

from homeroom.evidence.kept import Kept
from homeroom.evidence.laid import FOLDER, Places, fewer_words, mapped, told, write_mapped, written
from homeroom.evidence.schema import arrow_schema
from homeroom.evidence.store import Store
from homeroom.evidence.tables import TABLES

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


_open: Kept[Worded] = Kept(most=OPEN, seconds=10.0)


def by_word(store: Store, *, derived: str, table: str) -> Worded:
    """One table of that snapshot, laid out first where it is not yet. Raises NoSuchLoad, and TooSlow."""
    path = store.folder / FOLDER / derived / f"{table}.arrow"
    if not path.exists():
        partition = store.derived(derived).tables.get(table)
        rows = pq.read_table(store.blob(partition.blob)) if partition else arrow_schema(TABLES[table]).empty_table()
        write_mapped(path, pa.table({name: fewer_words(rows.column(name)) for name in rows.column_names}))
    return _open.get(written(path), lambda: Worded(rows=mapped(path)))


def _true(answers: pa.Array) -> Places:
    """The places of what is true; what is not known is not."""
    found: Places = np.flatnonzero(pc.fill_null(answers, False).to_numpy(zero_copy_only=False)).astype(np.int64)
    return found
