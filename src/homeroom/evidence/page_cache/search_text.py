"""Search texts: what is searched of every subject of a list, in one memory-mapped file that is read from end to end.

A database index finds beginnings and no middles, and an index of all parts of words is larger than what it indexes.
Reading all of the text is cheap enough: vector instructions pass over 80 MB, the terms of a million people, in 7 ms.
The work for each row would cost more than that, so the text is first searched in blocks of rows that are next to each
other, and then only the rows of the blocks that have a match. The matches are exact, as is their count.

A row's text has its folded terms (`search_words`), each with a BREAK before and after it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.cache import SingleFlightCache
from homeroom.evidence.page_cache.folders import get_list_folder
from homeroom.evidence.page_cache.mapped_files import (
    Positions,
    get_file_identity,
    open_mapped_file,
    write_arrow_file,
)
from homeroom.evidence.page_cache.search_words import BREAK, fold_numbers, fold_phrases

BLOCK_ROWS = 64
MAX_OPEN_TEXTS, MAX_RECENT_MATCHES = 48, 64
"""Texts that a process has mapped, and searches whose matches it remembers: paging searches once."""
_RULES_VERSION = 1
"""Version of the file and of the rules of folding; change the number when either changes."""
_TEXT, _PHRASES, _NUMBERS = "text", "phrases", "numbers"
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class SearchFields:
    """What is searched of a list: the derived table, and its columns (texts or lists of texts) by kind of text.

    Of `surnames` ("family, given") the part before the comma is a number too: `deleon` finds De Leon.
    """

    table: str
    phrases: tuple[str, ...]
    numbers: tuple[str, ...]
    surnames: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, each once."""
        return tuple(dict.fromkeys([*self.phrases, *self.numbers, *self.surnames]))


@dataclass(frozen=True, kw_only=True, eq=False)
class SearchText:
    """The text of each row of a list, in the order of names, and the same bytes as blocks of rows."""

    identity: tuple[str, int, int]
    rows: pl.Series
    blocks: pl.Series

    def __len__(self) -> int:
        return len(self.rows)

    def find_rows(self, words: Sequence[str]) -> Mask:
        """Return for each row whether it has every word (of `split_search`); no row does if there is none."""
        key = (self.identity, *words)
        packed = _recent_matches.get(key, lambda: np.packbits(self._search(words)))
        return np.unpackbits(packed, count=len(self)).view(np.bool_)

    def rank_rows(self, positions: Positions, *, term: str, words: Sequence[str]) -> npt.NDArray[np.int8]:
        """Return how well each of these rows matches: 0 as a whole term, 1 by the beginning of a term, 2 inside."""
        if not len(positions):
            return np.zeros(0, dtype=np.int8)
        text = pl.col(_TEXT)
        begins = [text.str.contains(BREAK + word.lstrip(BREAK), literal=True) for word in words]
        is_whole = text.str.contains(term, literal=True)
        rank = pl.when(is_whole).then(0).when(pl.all_horizontal(begins)).then(1).otherwise(2)
        ranks = self.rows.gather(positions).to_frame().select(rank.cast(pl.Int8))
        return np.asarray(ranks.to_series().to_numpy())

    def _search(self, words: Sequence[str]) -> Mask:
        """Search the longest word first: it leaves the fewest rows to search for the others."""
        if not words:
            return np.zeros(len(self), dtype=np.bool_)
        by_length = sorted(words, key=len, reverse=True)
        mask = np.repeat(_find_all(self.blocks, by_length), BLOCK_ROWS)[: len(self)]
        mask[mask] = _find_all(_select(self.rows, mask), by_length)
        return mask


def _find_all(texts: pl.Series, words: Sequence[str]) -> Mask:
    """Return for each text whether it contains every word."""
    mask = np.ones(len(texts), dtype=np.bool_)
    for word in words:
        mask[mask] = _contain(_select(texts, mask), word)
    return mask


def _select(texts: pl.Series, mask: Mask) -> pl.Series:
    return texts if mask.all() else texts.filter(pl.Series(mask))


_search_texts: SingleFlightCache[SearchText] = SingleFlightCache(max_entries=MAX_OPEN_TEXTS)
_recent_matches: SingleFlightCache[npt.NDArray[np.uint8]] = SingleFlightCache(max_entries=MAX_RECENT_MATCHES)


def open_search_text(
    store: EvidenceStore, *, kind: str, derived: str, build_table: Callable[[], pa.Table]
) -> SearchText:
    """Open the search text of one list of the generation that shows a snapshot, written first if missing.

    Raise QueryTimeout, and what `build_table` raises.
    """
    path = get_search_text_path(store, kind=kind, derived=derived)

    def wrap_table(table: pa.Table) -> SearchText:
        return _wrap_table(table, identity=get_file_identity(path))

    return open_mapped_file(path, cache=_search_texts, wrap=wrap_table, build_table=build_table)


def write_search_text(store: EvidenceStore, *, kind: str, derived: str, table: pa.Table) -> None:
    """Write the search text of one list of a generation that will show that snapshot, before it is published."""
    write_arrow_file(get_search_text_path(store, kind=kind, derived=derived), table)


def get_search_text_path(store: EvidenceStore, *, kind: str, derived: str) -> Path:
    """Return the path of one search text. Its name has the version, so that a newer program rebuilds older files."""
    return get_list_folder(store, derived=derived) / f"{kind}-search-{_RULES_VERSION}.arrow"


def build_search_table(fields: SearchFields, rows: pa.Table | pl.DataFrame, *, subjects: Positions) -> pa.Table:
    """Build a search text for `write_search_text`: of each of `subjects`, which are in the order of the list.

    `rows` have `id` and the columns of the fields. A subject without a row has an empty text.
    """
    frame = pl.DataFrame(rows.select(["id", *fields.columns]))
    texts = frame.select("id", _join_terms(frame, fields).alias(_TEXT))
    ordered = pl.DataFrame({"id": subjects}).join(texts, on="id", how="left", maintain_order="left")
    return pa.table({_TEXT: ordered[_TEXT].fill_null("").to_arrow().cast(pa.large_string())})


def _join_terms(frame: pl.DataFrame, fields: SearchFields) -> pl.Expr:
    """Return the terms of each row: the words of its phrases, and its numbers; each once."""
    phrases = [_join_texts(frame, column, separator=" ") for column in fields.phrases]
    surnames = [pl.col(column).str.split(",").list.first() for column in fields.surnames]
    numbers = [*(_join_texts(frame, column, separator=BREAK) for column in fields.numbers), *surnames]
    words = fold_phrases(pl.concat_str(phrases, separator=" "))
    identifiers = fold_numbers(pl.concat_str(numbers, separator=BREAK, ignore_nulls=True))
    terms = pl.concat_str(words, identifiers, separator=BREAK).str.split(BREAK)
    distinct = terms.list.unique(maintain_order=True).list.eval(pl.element().filter(pl.element() != ""))
    return BREAK + distinct.list.join(BREAK) + BREAK


def _join_texts(frame: pl.DataFrame, column: str, *, separator: str) -> pl.Expr:
    """Return a column of texts, or of lists of texts, as one text for each row."""
    cells = pl.col(column)
    if frame.schema[column] == pl.List(pl.String):
        cells = cells.list.join(separator, ignore_nulls=True)
    return cells.cast(pl.String).fill_null("")


def _wrap_table(table: pa.Table, *, identity: tuple[str, int, int]) -> SearchText:
    column = table.column(_TEXT)
    rows: Any = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    return SearchText(identity=identity, rows=pl.Series(_TEXT, pl.from_arrow(rows)), blocks=_group_into_blocks(rows))


def _group_into_blocks(rows: pa.LargeStringArray) -> pl.Series:
    """Return the text of each BLOCK_ROWS rows, without copying it: their bytes are next to each other already."""
    _, offsets_buffer, text_buffer = rows.buffers()
    if not len(rows):
        return pl.Series(_TEXT, [], dtype=pl.String)
    offsets = np.frombuffer(offsets_buffer, dtype=np.int64)[rows.offset : rows.offset + len(rows) + 1]
    block_offsets = np.append(offsets[:-1:BLOCK_ROWS], offsets[-1])
    blocks = pa.LargeStringArray.from_buffers(len(block_offsets) - 1, pa.py_buffer(block_offsets), text_buffer)
    return pl.Series(_TEXT, pl.from_arrow(blocks))


def _contain(texts: pl.Series, word: str) -> Mask:
    mask: Mask = texts.str.contains(word, literal=True).to_numpy().astype(np.bool_)
    return mask
