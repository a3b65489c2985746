"""Damage in a JSON file: the objects that it costs, and the gaps in the file around which the rest reads as sound."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl

from homeroom.ingest.contract.errors import Note
from homeroom.ingest.contract.masking import mask_value
from homeroom.ingest.contract.reject_frames import REJECT_SCHEMA
from homeroom.ingest.files.byte_source import ByteGap

FEW = 10
"""Broken objects that never refuse a file."""
_SHARE = 100
"""A file is refused if more than one in so many of its objects is broken, and more than FEW."""
TRAILING_COMMA_NOTE = "a comma after the last entry was ignored"
"""The note on a file with a comma before the bracket that closes a list or an object."""


class NotRepairable(Exception):
    """Raised if the structure of a file cannot be trusted, so that it has to be refused."""


@dataclass(frozen=True, kw_only=True)
class LostObject:
    """One object that cannot be read.

    `ordinal` is its number in its list, from 1, or None for an object that may be a page with a list of its own.
    `line` is the physical line on which it begins, `page` the number, from 0, of the page that has its list. `value` is
    masked. `is_top` is true of an object that is in no list within another one.
    """

    ordinal: int | None
    line: int
    reason: str
    page: int = 0
    field: str | None = None
    value: str | None = None
    is_top: bool = False


@dataclass(frozen=True, kw_only=True)
class Damage:
    """All damage of one file.

    Read with `gaps` instead of the bytes in their places, it is well-formed. `sound_count` is the number of objects
    that can be read. `is_cut` is true if the file ends early. `comma_lines` are the lines of superfluous commas.
    `by_line` is true if each line is an object, so that lost ones are named by line. `value_notes` are the repairs
    within values.
    """

    gaps: tuple[ByteGap, ...]
    lost_objects: tuple[LostObject, ...] = ()
    sound_count: int = 0
    is_cut: bool = False
    comma_lines: tuple[int, ...] = ()
    by_line: bool = False
    value_notes: tuple[Note, ...] = ()

    @property
    def is_tolerable(self) -> bool:
        """True if something can be read, and few enough objects are broken."""
        count = len(self.lost_objects)
        return self.sound_count > 0 and not (count > FEW and count * _SHARE > count + self.sound_count)

    @property
    def noun(self) -> str:
        """Word for what is lost, as in "2 of 100 lines"."""
        return "lines" if self.by_line else "objects"

    @property
    def incomplete(self) -> str:
        """Reason why the file holds fewer rows than exist, or empty."""
        if self.is_cut:
            return "the file ends early, so rows after its end are missing"
        count = len(self.lost_objects)
        return f"{count:,} of {count + self.sound_count:,} {self.noun} cannot be read" if count else ""

    def select_page(self, page: int, *, pages: int, sound_count: int) -> Damage:
        """Return the damage of one of the pages that the file holds, from 0, with so many sound objects."""
        is_last = page == pages - 1
        lost_objects = tuple(
            item for item in self.lost_objects if item.page == page or (is_last and item.page >= pages)
        )
        comma_lines = self.comma_lines if is_last else ()
        return replace(
            self,
            gaps=(),
            lost_objects=lost_objects,
            sound_count=sound_count,
            is_cut=self.is_cut and is_last,
            comma_lines=comma_lines,
        )

    def build_rejects(self) -> pl.DataFrame:
        """Build the rejects (REJECT_SCHEMA) of the lost objects."""
        rows = [
            (item.line if self.by_line else item.ordinal or item.line, item.field, item.value, item.reason, True)
            for item in self.lost_objects
        ]
        return pl.DataFrame(rows, schema=REJECT_SCHEMA, orient="row")

    def restore_ordinals(self, ordinals: pl.Series) -> pl.Series:
        """Return the ordinals in the damaged file for those among the objects that can be read."""
        gaps = np.sort(np.array([item.ordinal for item in self.lost_objects if item.ordinal], dtype=np.int64))
        sound_before = gaps - 1 - np.arange(len(gaps))
        values = ordinals.to_numpy()
        restored = values + np.searchsorted(sound_before, values, side="left")
        return pl.Series(ordinals.name, restored, dtype=pl.Int64())


@dataclass(frozen=True, kw_only=True)
class PageLists:
    """The names of lists that may hold rows, and whether an object with such a list is itself a row."""

    envelopes: AbstractSet[str]
    is_row: Callable[[Mapping[str, Any]], bool]
    _by_names: dict[tuple[str, ...], bool] = field(default_factory=dict)

    def has_mixed_list(self, item: Mapping[str, Any]) -> bool:
        """Return whether a list of an object has objects, and entries that are none: each of these is a broken row."""
        lists = [item[name] for name in self.envelopes & item.keys() if isinstance(item[name], list)]
        return any({dict} < set(map(type, entries)) for entries in lists)

    def count_rows(self, item: dict[str, Any]) -> int:
        """Return how many rows a page has, or -1 for an object that is no page."""
        lists = [item[name] for name in self.envelopes & item.keys() if isinstance(item[name], list)]
        has_rows = any(isinstance(entry, dict) for rows in lists for entry in rows[:1])
        names = tuple(item)
        if has_rows and names not in self._by_names:
            self._by_names[names] = self.is_row(item)
        return sum(map(len, lists)) if has_rows and not self._by_names[names] else -1


def mask_excerpt(text: str) -> str:
    """Return the shape of a text that may hold broken letters."""
    return mask_value(text.encode("utf-8", "replace").decode("utf-8"))
