"""Which rows of a list are asked for, in which order, and which of them a page shows: over what `listed` lays out.

A filter is a question to the words of its column, answered once a word; the rows follow from their numbers. Filters are put
together row by row, and the order is walked from where the page begins until the page is full.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from homeroom.apps.inventory.listed import Listed
from homeroom.apps.inventory.listings import Filter, How, Listing
from homeroom.domain.ids import subject_of
from homeroom.evidence.shelves import Places

_TRUTHS: Mapping[str, bool | None] = {"yes": True, "no": False, "unknown": None}
_FEW = 4
"""So many wanted words are looked for one after the other, which is quicker than to look each row's word up."""
_FIRST, _LAST = 1 << 12, 1 << 20
"""How many rows are looked at at once: few first, since most pages are full then, and more each time."""
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class Chosen:
    """The rows of a list that are wanted (None: all of them) and the order they are asked in (None: that of names)."""

    listed: Listed
    wanted: Mask | None
    order: npt.NDArray[np.int32] | None

    @property
    def count(self) -> int:
        """How many rows are wanted."""
        return len(self.listed) if self.wanted is None else int(np.count_nonzero(self.wanted))

    def ranks(self, *, begin: int, down: bool, limit: int) -> list[int]:
        """At most `limit` ranks (places in the order) of wanted rows, from `begin` on, upward or `down`, `begin` among them."""
        found: list[int] = []
        size, end = _FIRST, -1 if down else len(self.listed)
        while begin != end and len(found) < limit:
            stop = max(end, begin - size) if down else min(end, begin + size)
            low, high = (stop + 1, begin + 1) if down else (begin, stop)
            met = low + self._wanted(low, high)
            found.extend((met[::-1] if down else met)[: limit - len(found)].tolist())
            begin, size = stop, min(4 * size, _LAST)
        return found

    def places(self, ranks: Sequence[int]) -> list[int]:
        """The places of the rows at those ranks."""
        found: list[int] = list(ranks) if self.order is None else self.order[list(ranks)].tolist()
        return found

    def rank_of(self, *, subject: int) -> int | None:
        """The rank of a subject, wanted or not; None where the list lacks it."""
        at = self.listed.places([subject])
        if not len(at):
            return None
        return int(at[0]) if self.order is None else int(np.argmax(self.order == at[0]))

    def _wanted(self, low: int, high: int) -> Places:
        if self.wanted is None:
            return np.arange(high - low)
        return np.flatnonzero(self.wanted[low:high] if self.order is None else self.wanted[self.order[low:high]])


def chosen(
    *, listed: Listed, listing: Listing, sort: str, filters: Mapping[str, str], subjects: Sequence[int] | None
) -> Chosen:
    """The rows that every filter (name to chosen value) wants and, where `subjects` is given, that are among those."""
    masks = [_met(listed, one, filters[one.name]) for one in listing.filters if one.name in filters]
    if subjects is not None:
        among = np.zeros(len(listed), dtype=np.bool_)
        among[listed.places(subjects)] = True
        masks.append(among)
    wanted = np.logical_and.reduce(masks) if masks else None
    return Chosen(listed=listed, wanted=wanted, order=listed.orders.get(sort))


def _met(listed: Listed, one: Filter, value: str) -> Mask:
    if one.how is How.SUBJECT:
        subject = _subject(value)
        held: Mask = listed.numbers[one.column] == subject
        return held if subject >= 0 else np.zeros_like(held)
    accepts, codes = accepts_of(one, value), listed.codes[one.column]
    found = [code for code, word in enumerate(listed.words[one.column]) if accepts(word)]
    if len(found) > _FEW:
        words = np.zeros(len(listed.words[one.column]), dtype=np.bool_)
        words[found] = True
        met: Mask = words[codes]
        return met
    mask: Mask = np.zeros(len(listed), dtype=np.bool_)
    for code in found:
        mask |= codes == code
    return mask


def accepts_of(one: Filter, value: str) -> Callable[[Any], bool]:
    """Whether a value of the filter's column is wanted."""
    match one.how:
        case How.TRUTH:
            return lambda held: held is _TRUTHS.get(value, True)
        case How.BELOW:
            unit = value.rstrip("/")
            return lambda held: held == (unit or "/") or held.startswith(f"{unit}/")
        case How.LACKS:
            return lambda held: value not in held.split()
        case How.CARRIES:
            return lambda held: value in held.split()
        case _:
            return lambda held: held == value


def _subject(public: str) -> int:
    try:
        return subject_of(public)[1]
    except ValueError:
        return -1  # no subject has it: an id that is not one finds nothing
