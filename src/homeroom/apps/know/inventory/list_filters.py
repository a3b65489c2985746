"""Filter and sort the rows of a list cache, and find the rows of one page.

A filter is evaluated once per distinct value of its column; the rows follow from the value codes. Filters are combined
row by row, and the order is followed from the start of the page until the page is full.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from homeroom.apps.know.inventory.list_definitions import FilterOperator, ListDefinition, ListFilter
from homeroom.apps.know.inventory.school_rows import HOLDER_COLUMNS, build_school_mask, list_seen_words
from homeroom.domain.ids import parse_public_id
from homeroom.domain.platform.permissions.school_scope import SchoolScope
from homeroom.evidence.page_cache.list_cache import ListCache
from homeroom.evidence.page_cache.mapped_files import Positions
from homeroom.evidence.page_cache.search_text import Mask

_TRUTHS: Mapping[str, bool | None] = {"yes": True, "no": False, "unknown": None}
_MAX_SEPARATE_CODES = 4
"""Up to this many matching values are compared one after the other, which is faster than a look-up per row."""
_FIRST_CHUNK, _MAX_CHUNK = 1 << 12, 1 << 20
"""Rows examined per step: few at first, since most pages are full then, and more in each further step."""


@dataclass(frozen=True, kw_only=True, eq=False)
class FilteredRows:
    """The matching rows of a list (`mask` None: all) and their order (`order` None: by name)."""

    list_cache: ListCache
    mask: Mask | None
    order: npt.NDArray[np.int32] | None

    @property
    def count(self) -> int:
        """Number of matching rows."""
        return len(self.list_cache) if self.mask is None else int(np.count_nonzero(self.mask))

    def find_ranks(self, *, begin: int, down: bool, limit: int) -> list[int]:
        """Return at most `limit` ranks (positions in the order) of matching rows, upward or `down` from `begin`.

        `begin` itself is included.
        """
        matching_ranks: list[int] = []
        size, end = _FIRST_CHUNK, -1 if down else len(self.list_cache)
        while begin != end and len(matching_ranks) < limit:
            stop = max(end, begin - size) if down else min(end, begin + size)
            low, high = (stop + 1, begin + 1) if down else (begin, stop)
            hits = low + self._match_range(low, high)
            matching_ranks.extend((hits[::-1] if down else hits)[: limit - len(matching_ranks)].tolist())
            begin, size = stop, min(4 * size, _MAX_CHUNK)
        return matching_ranks

    def get_positions(self, ranks: Sequence[int]) -> list[int]:
        """Return the row positions for those ranks."""
        positions: list[int] = list(ranks) if self.order is None else self.order[list(ranks)].tolist()
        return positions

    def find_rank(self, *, subject: int) -> int | None:
        """Return the rank of a subject, matching or not; None if it is not in the list."""
        positions = self.list_cache.find_positions([subject])
        if not len(positions):
            return None
        return int(positions[0]) if self.order is None else int(np.argmax(self.order == positions[0]))

    def _match_range(self, low: int, high: int) -> Positions:
        if self.mask is None:
            return np.arange(high - low)
        return np.flatnonzero(self.mask[low:high] if self.order is None else self.mask[self.order[low:high]])


def filter_rows(
    *,
    list_cache: ListCache,
    definition: ListDefinition,
    order: npt.NDArray[np.int32] | None,
    filters: Mapping[str, str],
    schools: SchoolScope,
    matches: Mask | None,
    holders: Mask | None = None,
) -> FilteredRows:
    """Return the rows of the schools that match every filter (name to value), in an order (None: by name).

    If `matches` is not None, return those of them that it marks. If `holders` is not None, rows that it does not mark
    are filtered as they are shown, without a holder.
    """
    masks = [
        _hide_holders(_build_mask(list_cache, list_filter, filters[list_filter.name]), list_filter, filters, holders)
        for list_filter in definition.filters
        if list_filter.name in filters
    ]
    masks += [mask for mask in (build_school_mask(list_cache, schools), matches) if mask is not None]
    mask = np.logical_and.reduce(masks) if masks else None
    return FilteredRows(list_cache=list_cache, mask=mask, order=order)


def _hide_holders(mask: Mask, list_filter: ListFilter, filters: Mapping[str, str], holders: Mask | None) -> Mask:
    """Return the mask of a filter; with `holders`, one about holders takes rows of other holders as unknown."""
    if holders is None or list_filter.column not in HOLDER_COLUMNS:
        return mask
    is_for_unknown = list_filter.operator is FilterOperator.TRUTH and filters[list_filter.name] == "unknown"
    hidden: Mask = mask | ~holders if is_for_unknown else mask & holders
    return hidden


def _build_mask(list_cache: ListCache, list_filter: ListFilter, value: str) -> Mask:
    if list_filter.operator is FilterOperator.SUBJECT:
        subject = _parse_subject(value)
        subject_mask: Mask = list_cache.numbers[list_filter.column] == subject
        return subject_mask if subject >= 0 else np.zeros_like(subject_mask)
    accepts, codes = build_predicate(list_filter, value), list_cache.codes[list_filter.column]
    matching_codes = [code for code, cell in enumerate(list_cache.words[list_filter.column]) if accepts(cell)]
    if len(matching_codes) > _MAX_SEPARATE_CODES:
        accepted_codes = np.zeros(len(list_cache.words[list_filter.column]), dtype=np.bool_)
        accepted_codes[matching_codes] = True
        code_mask: Mask = accepted_codes[codes]
        return code_mask
    mask: Mask = np.zeros(len(list_cache), dtype=np.bool_)
    for code in matching_codes:
        mask |= codes == code
    return mask


def build_predicate(list_filter: ListFilter, value: str) -> Callable[[Any], bool]:
    """Build the predicate of a filter for the values of its column."""
    match list_filter.operator:
        case FilterOperator.TRUTH:
            return lambda cell: cell is _TRUTHS.get(value, True)
        case FilterOperator.BELOW:
            unit = value.rstrip("/")
            return lambda cell: cell == (unit or "/") or cell.startswith(f"{unit}/")
        case FilterOperator.LACKS:
            return lambda cell: value not in cell.split()
        case FilterOperator.CARRIES:
            return lambda cell: value in cell.split()
        case _:
            return lambda cell: cell == value


def _parse_subject(public: str) -> int:
    try:
        return parse_public_id(public)[1]
    except ValueError:
        return -1  # no subject has it: an id that is not one finds nothing


def list_filter_values(
    list_cache: ListCache, operator: FilterOperator, column: str, mask: Mask | None
) -> Sequence[str]:
    """Return the values that a filter offers in order, of the rows of a mask; None for all rows."""
    if mask is not None and operator not in (FilterOperator.TRUTH, FilterOperator.SUBJECT):
        seen = list_seen_words(list_cache, column, mask)
        is_of_tokens = operator in (FilterOperator.LACKS, FilterOperator.CARRIES)
        return sorted({token for cell in seen for token in cell.split()}) if is_of_tokens else list(filter(None, seen))
    match operator:
        case FilterOperator.LACKS | FilterOperator.CARRIES:
            return list_cache.list_tokens(column)
        case FilterOperator.TRUTH:
            return ["yes", "no", "unknown"]
        case FilterOperator.SUBJECT:
            return []
        case _:
            return list_cache.list_choices(column)
