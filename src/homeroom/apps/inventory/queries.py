"""What pages ask of the inventory's lists: a page, the choices of its filters, and everything for a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from homeroom.apps.inventory.choosing import Chosen, chosen
from homeroom.apps.inventory.cursors import Cursor, opened, question_of
from homeroom.apps.inventory.listed import Listed, listed_of
from homeroom.apps.inventory.listings import LISTINGS, How, Listing
from homeroom.apps.inventory.models import Projection, in_generation
from homeroom.apps.inventory.search import cleaned, found_by
from homeroom.domain.ids import public_id

ROWS = 50
_EXPORTED = 1_000
KEPT_GENERATIONS = 1  # merging keeps the rows of the generation before, so that a cursor of it reads whole pages


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One question to a list: filters by name, a search by any identifier, a sort, and the cursor of a page."""

    kind: str
    filters: Mapping[str, str] = field(default_factory=dict)
    search: str = ""
    sort: str = ""
    down: bool = False
    cursor: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a list: its public id and the values of the columns that were asked for."""

    public: str
    values: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page. `count` rows match in all, or at least as many where a search met `too_many`; `total` are in the list."""

    rows: tuple[Row, ...]
    count: int
    total: int
    as_of: datetime | None
    after: str = ""
    before: str = ""
    too_many: bool = False


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a filter offers: its name, its label, how it compares and the values that occur."""

    name: str
    label: Any
    how: str
    values: tuple[str, ...]


def page_of(
    *, district: Any, ask: Ask, columns: Sequence[str], rows: int = ROWS, projection: Projection | None = None
) -> Page:
    """One page of a list: at most `rows` rows with the `columns` asked for, and the cursors to its neighbours. Raises TooSlow.

    `projection` is what `projection_of` gave, for who asks for the choices too.
    """
    listing = LISTINGS[ask.kind]
    projection = projection or projection_of(district)
    question = _question(district, ask)
    cursor = opened(ask.cursor, question=question) if ask.cursor else None
    generation = _generation(projection, cursor)
    listed = listed_of(district=district, kind=ask.kind, projection=projection, generation=generation)
    text = cleaned(ask.search)
    found = found_by(district=district, kind=ask.kind, generation=generation, text=text) if text else None
    rows_asked = chosen(
        listed=listed,
        listing=listing,
        sort=listing.sort(ask.sort).name,
        filters=ask.filters,
        subjects=None if found is None else found.subjects,
    )
    ranks, further = _ranks(rows_asked, ask, cursor, generation, rows)
    subjects = listed.subjects[rows_asked.places(ranks)].tolist()
    return Page(
        rows=_rows(district, listing, generation, subjects, columns),
        count=rows_asked.count,
        total=len(listed),
        as_of=projection.as_of,
        too_many=found is not None and found.more,
        **_neighbours(generation, list(zip(ranks, subjects, strict=True)), cursor, question, further=further),
    )


def every(*, district: Any, ask: Ask, columns: Sequence[str]) -> Iterator[Row]:
    """Every row of a list in its order, read in pages of one generation: for a file, not for a page."""
    cursor = ""
    while True:
        asked = Ask(kind=ask.kind, filters=ask.filters, search=ask.search, sort=ask.sort, down=ask.down, cursor=cursor)
        page = page_of(district=district, ask=asked, columns=columns, rows=_EXPORTED)
        yield from page.rows
        if not page.after:
            return
        cursor = page.after


def choices_of(*, district: Any, kind: str, projection: Projection | None = None) -> tuple[Choice, ...]:
    """What every filter of a list offers: what occurs in the published generation. Raises TooSlow."""
    listing = LISTINGS[kind]
    listed = listed_of(district=district, kind=kind, projection=projection or projection_of(district))
    return tuple(
        Choice(
            name=one.name,
            label=one.label,
            how=str(one.how),
            values=tuple(_offered(listed, one.how, one.column)),
        )
        for one in listing.filters
    )


def everywhere(*, district: Any, text: str, most: int = 10) -> dict[str, tuple[Row, ...]]:
    """For each kind, the first subjects of which an identifier begins with the text."""
    generation = projection_of(district).generation
    asked = cleaned(text)
    found: dict[str, tuple[Row, ...]] = {}
    for kind, listing in LISTINGS.items() if asked else ():
        subjects = found_by(district=district, kind=kind, generation=generation, text=asked).subjects[:most]
        usual = [column.name for column in listing.shown if column.usual]
        found[kind] = _rows(district, listing, generation, subjects, usual)
    return found


def projection_of(district: Any) -> Projection:
    """What is published of the inventory; generation 0, without rows, before the first merge."""
    return Projection.objects.filter(district=district).first() or Projection(district_id=district.pk)


def _question(district: Any, ask: Ask) -> str:
    return question_of(
        district=district.pk,
        kind=ask.kind,
        search=cleaned(ask.search),
        filters=ask.filters,
        sort=ask.sort,
        down=ask.down,
    )


def _generation(projection: Projection, cursor: Cursor | None) -> int:
    """The generation that a page is read in: its cursor's while that is kept, else the published one."""
    published = projection.generation
    kept = cursor is not None and published - KEPT_GENERATIONS <= cursor.generation < published
    return cursor.generation if kept and cursor is not None else published


def _ranks(asked: Chosen, ask: Ask, cursor: Cursor | None, generation: int, rows: int) -> tuple[list[int], bool]:
    """The ranks of a page's rows in the order of the list, and whether there are more in the direction that was read."""
    backward = cursor is not None and cursor.backward
    down = ask.down != backward
    begin = (len(asked.listed) - 1 if down else 0) if cursor is None else _begin(asked, cursor, generation, down=down)
    found = asked.ranks(begin=begin, down=down, limit=rows + 1) if 0 <= begin < len(asked.listed) else []
    kept = found[:rows]
    return kept[::-1] if backward else kept, len(found) > rows


def _begin(asked: Chosen, cursor: Cursor, generation: int, *, down: bool) -> int:
    """Where a page begins: beyond the cursor's row, or where that one stood if a newer generation lacks it."""
    rank: int | None = cursor.rank
    if generation != cursor.generation:
        rank = asked.rank_of(subject=cursor.subject)
        if rank is None:
            return min(cursor.rank, len(asked.listed) - 1)
    assert rank is not None
    return rank - 1 if down else rank + 1


def _neighbours(
    generation: int, rows: Sequence[tuple[int, int]], cursor: Cursor | None, question: str, *, further: bool
) -> dict[str, str]:
    """The cursors of the next page and of the one before; empty text where there is none. `rows` are (rank, subject)."""
    backward = cursor is not None and cursor.backward
    ends = (rows[0], rows[-1]) if rows else ((cursor.rank, cursor.subject),) * 2 if cursor else None
    if ends is None:
        return {"after": "", "before": ""}

    def sealed(end: tuple[int, int], *, back: bool) -> str:
        return Cursor(generation=generation, rank=end[0], subject=end[1], question=question, backward=back).sealed()

    onward, back = (True, further) if backward else (further, cursor is not None)
    return {
        "after": sealed(ends[1], back=False) if onward else "",
        "before": sealed(ends[0], back=True) if back else "",
    }


def _rows(
    district: Any, listing: Listing, generation: int, subjects: Sequence[int], columns: Sequence[str]
) -> tuple[Row, ...]:
    if not subjects:
        return ()
    publics = [public_id(listing.kind, subject) for subject in subjects]
    standing = listing.model.objects.of(district).filter(in_generation(generation), public__in=publics)
    by_public = {row["public"]: row_of(row, columns) for row in standing.values("public", *columns)}
    return tuple(by_public[public] for public in publics if public in by_public)


def row_of(row: Mapping[str, Any], columns: Sequence[str]) -> Row:
    """A row of the database, which must hold `public`, with these columns."""
    return Row(public=row["public"], values={column: row[column] for column in columns})


def _offered(listed: Listed, how: How, column: str) -> Sequence[str]:
    match how:
        case How.LACKS | How.CARRIES:
            return listed.instances()
        case How.TRUTH:
            return ["yes", "no", "unknown"]
        case How.SUBJECT:
            return []
        case _:
            return listed.choices(column)


def totals(*, district: Any) -> dict[str, int]:
    """How many of each kind the published generation holds."""
    projection = projection_of(district)
    return {kind: len(listed_of(district=district, kind=kind, projection=projection)) for kind in LISTINGS}
