"""Queries for the inventory lists: a page, the choices of its filters, and all rows for an export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import batched
from typing import Any

import numpy as np

from homeroom.apps.know.inventory.cursors import ListCursor, hash_query, parse_cursor
from homeroom.apps.know.inventory.generation_lists import open_generation_list
from homeroom.apps.know.inventory.list_definitions import LISTINGS, ListDefinition
from homeroom.apps.know.inventory.list_filters import FilteredRows, filter_rows, list_filter_values
from homeroom.apps.know.inventory.masked_lists import find_public_id, get_order
from homeroom.apps.know.inventory.models import Projection, build_generation_condition
from homeroom.apps.know.inventory.picked_rows import build_picked_mask, narrow_to_picked
from homeroom.apps.know.inventory.school_rows import (
    build_holder_mask,
    build_school_mask,
    hide_other_holders,
    hide_unseen_subjects,
)
from homeroom.apps.know.inventory.search import open_list_search
from homeroom.domain.ids import format_public_id
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.school_scope import SchoolScope
from homeroom.evidence.page_cache.list_cache import ListCache
from homeroom.evidence.page_cache.search_text import Mask
from homeroom.evidence.page_cache.search_words import fold_whole_search, split_search

PAGE_ROWS = 50
_EXPORT_PAGE_ROWS = 1_000
_MAX_RANKED_MATCHES = 100_000
"""Matches of a search up to which the best come first; with more of them, the first of the list do."""
READABLE_GENERATIONS = 1  # merging keeps the rows of the generation before, so that a cursor of it reads whole pages


@dataclass(frozen=True, kw_only=True)
class ListQuery:
    """A query for a list: filters by name, a search by any identifier, a sort, and a page cursor.

    `schools` are those whose rows the reader sees; other rows are not in the list. With `masked`, the list is searched
    and sorted by the rules of `masked_lists`; its filters are to be those that stay. `picked` are public ids: if there
    are any, other rows are not in the list either.
    """

    kind: str
    schools: SchoolScope
    filters: Mapping[str, str] = field(default_factory=dict)
    search: str = ""
    sort: str = ""
    down: bool = False
    cursor: str = ""
    masked: bool = False
    picked: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class InventoryRow:
    """One row of a list: its public id and the values of the requested columns."""

    public: str
    values: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class InventoryPage:
    """One page of a list: `count` rows match, `total` rows are in the list."""

    rows: tuple[InventoryRow, ...]
    count: int
    total: int
    as_of: datetime | None
    after: str = ""
    before: str = ""


@dataclass(frozen=True, kw_only=True)
class SearchMatches:
    """The best matches of a search in one list, of `count`; the first `exact` have the text as a whole term."""

    rows: tuple[InventoryRow, ...]
    count: int
    exact: int


@dataclass(frozen=True, kw_only=True)
class FilterChoices:
    """Choices of one filter: its name, label, operator and the values that occur."""

    name: str
    label: Any
    operator: str
    values: tuple[str, ...]


def get_page(
    *,
    district: District,
    query: ListQuery,
    columns: Sequence[str],
    rows: int = PAGE_ROWS,
    projection: Projection | None = None,
) -> InventoryPage:
    """Return one page of a list with the requested columns and the cursors of its neighbors. Raise QueryTimeout.

    Pass `projection` (from `get_projection`) to read choices and page from the same generation.
    """
    definition = LISTINGS[query.kind]
    projection = projection or get_projection(district)
    query_hash = _hash_list_query(district, query)
    cursor = parse_cursor(query.cursor, query_hash=query_hash) if query.cursor else None
    generation = _select_generation(projection, cursor)
    list_cache = open_generation_list(district=district, kind=query.kind, projection=projection, generation=generation)
    filtered = filter_rows(
        list_cache=list_cache,
        definition=definition,
        order=get_order(list_cache, definition.get_sort(query.sort).name, masked=query.masked),
        filters=hide_unseen_subjects(
            query.filters, query.kind, district=district, generation=generation, schools=query.schools
        ),
        schools=query.schools,
        matches=narrow_to_picked(
            _find_matches(district, query, projection, generation, list_cache),
            build_picked_mask(list_cache, query.kind, query.picked),
        ),
        holders=_find_seen_holders(district, query, projection, generation, list_cache),
    )
    ranks, further = _find_page_ranks(filtered, query, cursor, generation, rows)
    subjects = list_cache.subjects[filtered.get_positions(ranks)].tolist()
    return InventoryPage(
        rows=_load_rows(district, definition, generation, subjects, columns, query.schools),
        count=filtered.count,
        total=_count_rows(list_cache, query.schools),
        as_of=projection.as_of,
        **_build_cursors(generation, list(zip(ranks, subjects, strict=True)), cursor, query_hash, further=further),
    )


def iter_list_rows(*, district: District, query: ListQuery, columns: Sequence[str]) -> Iterator[InventoryRow]:
    """Yield every row of a list in order, read in pages of one generation: for exports."""
    cursor = ""
    while True:
        page_query = replace(query, cursor=cursor)
        page = get_page(district=district, query=page_query, columns=columns, rows=_EXPORT_PAGE_ROWS)
        yield from page.rows
        if not page.after:
            return
        cursor = page.after


def list_rows_of(
    *, district: District, kind: str, subjects: Iterable[int], columns: Sequence[str], schools: SchoolScope
) -> tuple[InventoryRow, ...]:
    """Return the rows of subjects in the published generation, in their order, without those that are gone or unseen.

    A subject of a school outside `schools` is unseen.
    """
    definition, generation = LISTINGS[kind], get_projection(district).generation
    return tuple(
        row
        for batch in batched(subjects, _EXPORT_PAGE_ROWS)
        for row in _load_rows(district, definition, generation, batch, columns, schools)
    )


def filter_choices(
    *, district: District, kind: str, schools: SchoolScope, projection: Projection | None = None
) -> tuple[FilterChoices, ...]:
    """Return the choices of a list's filters: values in the published generation at the schools. Raise QueryTimeout."""
    definition = LISTINGS[kind]
    list_cache = open_generation_list(district=district, kind=kind, projection=projection or get_projection(district))
    mask = build_school_mask(list_cache, schools)
    return tuple(
        FilterChoices(
            name=list_filter.name,
            label=list_filter.label,
            operator=str(list_filter.operator),
            values=tuple(list_filter_values(list_cache, list_filter.operator, list_filter.column, mask)),
        )
        for list_filter in definition.filters
    )


def search_all(
    *, district: District, text: str, schools: SchoolScope, limit: int = 10, masked: bool = False
) -> dict[str, SearchMatches]:
    """Return for each kind the subjects of the schools that have every word of the text. Raise QueryTimeout.

    The best come first: those that have the text as a whole identifier, then those with terms that begin with the
    words. With `masked`, people and accounts are searched by public id alone, and devices without their names.
    """
    projection = get_projection(district)
    return {
        kind: _search_list(district, projection, kind, text, limit, schools, masked=masked)
        for kind in LISTINGS
        if split_search(text)
    }


def _search_list(
    district: District,
    projection: Projection,
    kind: str,
    text: str,
    limit: int,
    schools: SchoolScope,
    *,
    masked: bool,
) -> SearchMatches:
    definition, generation = LISTINGS[kind], projection.generation
    list_cache = open_generation_list(district=district, kind=kind, projection=projection)
    search_text = open_list_search(
        district=district,
        kind=kind,
        projection=projection,
        generation=generation,
        list_cache=list_cache,
        masked=masked,
    )
    words = split_search(text)
    by_id, mask = find_public_id(list_cache, kind, text), build_school_mask(list_cache, schools)
    matching = by_id if search_text is None else search_text.find_rows(words) | by_id
    positions = np.flatnonzero(matching if mask is None else matching & mask)
    count, exact = len(positions), int(np.count_nonzero(by_id[positions]))
    if count <= _MAX_RANKED_MATCHES and search_text is not None and not exact:
        ranks = search_text.rank_rows(positions, term=fold_whole_search(text), words=words)
        positions, exact = positions[np.argsort(ranks, kind="stable")], int(np.count_nonzero(ranks == 0))
    subjects = list_cache.subjects[positions[:limit]].tolist()
    names = [column.name for column in definition.columns if column.usual]
    rows = _load_rows(district, definition, generation, subjects, names, schools)
    return SearchMatches(rows=rows, count=count, exact=exact)


def _find_seen_holders(
    district: District, query: ListQuery, projection: Projection, generation: int, list_cache: ListCache
) -> Mask | None:
    """Return which devices show their holder at the schools of a query; None for all, and for other lists."""
    if query.kind != "device" or not query.schools.is_limited:
        return None
    people = open_generation_list(district=district, kind="person", projection=projection, generation=generation)
    return build_holder_mask(list_cache, people, query.schools)


def _find_matches(
    district: District, query: ListQuery, projection: Projection, generation: int, list_cache: ListCache
) -> Mask | None:
    """Return which rows match the search of a query; None if it has none."""
    if not query.search.strip():
        return None
    search_text = open_list_search(
        district=district,
        kind=query.kind,
        projection=projection,
        generation=generation,
        list_cache=list_cache,
        masked=query.masked,
    )
    by_id = find_public_id(list_cache, query.kind, query.search)
    return by_id if search_text is None else search_text.find_rows(split_search(query.search)) | by_id


def get_projection(district: District) -> Projection:
    """Return the district's projection; generation 0, without rows, before the first merge."""
    return Projection.objects.filter(district_id=district.pk).first() or Projection(district_id=district.pk)


def _hash_list_query(district: District, query: ListQuery) -> str:
    return hash_query(
        district=district.pk,
        kind=query.kind,
        search=" ".join(split_search(query.search)),
        filters=query.filters,
        picked=query.picked,
        sort=f"{query.sort} masked" if query.masked else query.sort,
        down=query.down,
    )


def _select_generation(projection: Projection, cursor: ListCursor | None) -> int:
    """Return the generation to read a page from: the cursor's while it is readable, else the published one."""
    published = projection.generation
    is_readable = cursor is not None and published - READABLE_GENERATIONS <= cursor.generation < published
    return cursor.generation if is_readable and cursor is not None else published


def _find_page_ranks(
    filtered: FilteredRows, query: ListQuery, cursor: ListCursor | None, generation: int, rows: int
) -> tuple[list[int], bool]:
    """Return the ranks of a page's rows in list order, and whether more follow in the direction of reading."""
    backward = cursor is not None and cursor.backward
    down = query.down != backward
    begin = (
        (len(filtered.list_cache) - 1 if down else 0)
        if cursor is None
        else _find_first_rank(filtered, cursor, generation, down=down)
    )
    ranks = filtered.find_ranks(begin=begin, down=down, limit=rows + 1) if 0 <= begin < len(filtered.list_cache) else []
    page_ranks = ranks[:rows]
    return page_ranks[::-1] if backward else page_ranks, len(ranks) > rows


def _find_first_rank(filtered: FilteredRows, cursor: ListCursor, generation: int, *, down: bool) -> int:
    """Return the rank at which a page begins: next to the cursor's row, or at its old rank if that row is gone."""
    rank: int | None = cursor.rank
    if generation != cursor.generation:
        rank = filtered.find_rank(subject=cursor.subject)
        if rank is None:
            return min(cursor.rank, len(filtered.list_cache) - 1)
    assert rank is not None
    return rank - 1 if down else rank + 1


def _build_cursors(
    generation: int, rows: Sequence[tuple[int, int]], cursor: ListCursor | None, query_hash: str, *, further: bool
) -> dict[str, str]:
    """Return the cursors of the next and previous page; empty text if there is none. `rows` are (rank, subject)."""
    backward = cursor is not None and cursor.backward
    ends = (rows[0], rows[-1]) if rows else ((cursor.rank, cursor.subject),) * 2 if cursor else None
    if ends is None:
        return {"after": "", "before": ""}

    def serialize_cursor(end: tuple[int, int], *, back: bool) -> str:
        return ListCursor(
            generation=generation, rank=end[0], subject=end[1], query_hash=query_hash, backward=back
        ).serialize()

    onward, back = (True, further) if backward else (further, cursor is not None)
    return {
        "after": serialize_cursor(ends[1], back=False) if onward else "",
        "before": serialize_cursor(ends[0], back=True) if back else "",
    }


def _load_rows(
    district: District,
    definition: ListDefinition,
    generation: int,
    subjects: Sequence[int],
    columns: Sequence[str],
    schools: SchoolScope,
) -> tuple[InventoryRow, ...]:
    if not subjects:
        return ()
    publics = [format_public_id(definition.kind, subject) for subject in subjects]
    current_rows = definition.model.objects.of(district).filter(
        build_generation_condition(generation), public__in=publics
    )
    rows = list(current_rows.values(*_list_read_columns(definition, columns, schools)))
    if schools.is_limited:
        rows = [row for row in rows if schools.includes(row["school"])]
    if definition.kind == "device":
        rows = hide_other_holders(rows, district=district, generation=generation, schools=schools)
    by_public = {row["public"]: build_inventory_row(row, columns) for row in rows}
    return tuple(by_public[public] for public in publics if public in by_public)


def _list_read_columns(definition: ListDefinition, columns: Sequence[str], schools: SchoolScope) -> list[str]:
    """Return the columns to read, with those that decide what is seen of a row."""
    deciding = (
        (("school", "holder", "holder_name") if definition.kind == "device" else ("school",))
        if schools.is_limited
        else ()
    )
    return list(dict.fromkeys(["public", *columns, *deciding]))


def _count_rows(list_cache: ListCache, schools: SchoolScope) -> int:
    mask = build_school_mask(list_cache, schools)
    return len(list_cache) if mask is None else int(np.count_nonzero(mask))


def build_inventory_row(row: Mapping[str, Any], columns: Sequence[str]) -> InventoryRow:
    """Build a row with these columns from a database row, which must have `public`."""
    return InventoryRow(public=row["public"], values={column: row[column] for column in columns})


def count_subjects(*, district: District, schools: SchoolScope) -> dict[str, int]:
    """Return the number of subjects of each kind at the schools in the published generation."""
    projection = get_projection(district)
    return {
        kind: _count_rows(open_generation_list(district=district, kind=kind, projection=projection), schools)
        for kind in LISTINGS
    }
