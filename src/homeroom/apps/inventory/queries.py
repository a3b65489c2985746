"""What pages ask of the inventory's lists: a page, the choices of its filters, and everything for a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from homeroom.apps.inventory.cursors import Cursor, opened, question_of
from homeroom.apps.inventory.facets import Facts, facts_of, in_generation
from homeroom.apps.inventory.listings import LISTINGS, How, Listing
from homeroom.apps.inventory.models import Projection
from homeroom.apps.inventory.plans import USUAL, Bounds, Plan, plan_of
from homeroom.apps.inventory.search import Found, cleaned, found_by
from homeroom.apps.inventory.walking import Keys, Walk, count_of, keys_of

ROWS = 50
COUNTED = 1_000
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
    """One page. `count` rows match in all, or at least as many where `more_than`; `total` are in the list.

    `went_on` is true where the page ends because it looked at enough rows, not because it is full; `too_many` where a
    search met more than it can show.
    """

    rows: tuple[Row, ...]
    count: int
    more_than: bool
    total: int
    as_of: datetime | None
    after: str = ""
    before: str = ""
    went_on: bool = False
    too_many: bool = False


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What a filter offers: its name, its label, how it compares and the values that occur."""

    name: str
    label: Any
    how: str
    values: tuple[str, ...]


def page_of(
    *,
    district: Any,
    ask: Ask,
    columns: Sequence[str],
    rows: int = ROWS,
    bounds: Bounds = USUAL,
    projection: Projection | None = None,
) -> Page:
    """One page of a list: at most `rows` rows with the `columns` asked for, and the cursors to its neighbours.

    `projection` is what `projection_of` gave, for who asks for the choices too.
    """
    listing = LISTINGS[ask.kind]
    projection = projection or projection_of(district)
    question = _question(district, ask)
    cursor = opened(ask.cursor, question=question) if ask.cursor else None
    generation = _generation(projection, cursor)
    facts = facts_of(district=district, kind=ask.kind, projection=projection, generation=generation)
    found, plan = _planned(district, ask, listing, generation, facts, bounds)
    walk = _walk(district, ask, listing, generation, plan, cursor, limit=rows + 1)
    keys = keys_of(walk)
    about = (cursor.about if cursor else None) or _about(walk, plan)
    return Page(
        rows=_rows(district, listing, [key for key, _ in _in_order(keys, cursor, rows)], columns),
        count=about[0],
        more_than=about[1] or (found is not None and found.more),
        total=facts.total,
        as_of=projection.as_of,
        went_on=keys.stopped is not None,
        too_many=found is not None and found.more,
        **_neighbours(walk, keys, cursor, question, about, rows),
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
    """What every filter of a list offers, from the counts of the published generation."""
    listing = LISTINGS[kind]
    facts = facts_of(district=district, kind=kind, projection=projection or projection_of(district))
    return tuple(
        Choice(
            name=one.name,
            label=one.label,
            how=str(one.how),
            values=tuple(_offered(facts, listing, one.how, one.column)),
        )
        for one in listing.filters
    )


def everywhere(*, district: Any, text: str, most: int = 10) -> dict[str, tuple[Row, ...]]:
    """For each kind, the first subjects of which an identifier begins with the text."""
    generation = projection_of(district).generation
    asked = cleaned(text)
    found: dict[str, tuple[Row, ...]] = {}
    for kind, listing in LISTINGS.items() if asked else ():
        publics = found_by(district=district, kind=kind, generation=generation, text=asked).subjects[:most]
        usual = [column.name for column in listing.shown if column.usual]
        rows = listing.model.objects.of(district).filter(in_generation(generation), public__in=publics)
        by_public = {row["public"]: row_of(row, usual) for row in rows.values("public", *usual)}
        found[kind] = tuple(by_public[public] for public in publics if public in by_public)
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


def _planned(
    district: Any, ask: Ask, listing: Listing, generation: int, facts: Facts, bounds: Bounds
) -> tuple[Found | None, Plan]:
    text = cleaned(ask.search)
    found = found_by(district=district, kind=ask.kind, generation=generation, text=text) if text else None
    plan = plan_of(
        listing=listing,
        sort=listing.sort(ask.sort),
        filters=ask.filters,
        facts=facts,
        bounds=bounds,
        subjects=None if found is None else found.subjects,
    )
    return found, plan


def _walk(
    district: Any,
    ask: Ask,
    listing: Listing,
    generation: int,
    plan: Plan,
    cursor: Cursor | None,
    *,
    limit: int,
) -> Walk:
    return Walk(
        district=district.pk,
        generation=generation,
        listing=listing,
        sort=listing.sort(ask.sort),
        plan=plan,
        down=ask.down != (cursor is not None and cursor.backward),
        after=cursor.key if cursor else None,
        limit=limit,
    )


def _about(walk: Walk, plan: Plan) -> tuple[int, bool]:
    return (plan.exact, False) if plan.exact is not None else count_of(walk, most=COUNTED)


def _in_order(keys: Keys, cursor: Cursor | None, rows: int) -> list[tuple[int, tuple[Any, ...]]]:
    kept = list(keys.rows[:rows])
    return kept[::-1] if cursor and cursor.backward else kept


def _neighbours(
    walk: Walk, keys: Keys, cursor: Cursor | None, question: str, about: tuple[int, bool], rows: int
) -> dict[str, str]:
    """The cursors of the next page and of the one before; empty text where there is none."""
    kept = _in_order(keys, cursor, rows)
    backward = cursor is not None and cursor.backward
    further = len(keys.rows) > rows or keys.stopped is not None
    ends = (kept[0][1], kept[-1][1]) if kept else (cursor.key, cursor.key) if cursor else ((), ())
    first, last = ends
    if keys.stopped is not None:
        first, last = (keys.stopped, last) if backward else (first, keys.stopped)

    def sealed(key: tuple[Any, ...], *, back: bool) -> str:
        mark = Cursor(generation=walk.generation, key=key, question=question, backward=back, about=about)
        return mark.sealed()

    onward = further if not backward else True
    back = further if backward else cursor is not None
    return {
        "after": sealed(last, back=False) if onward and last else "",
        "before": sealed(first, back=True) if back and first else "",
    }


def _rows(district: Any, listing: Listing, keys: Sequence[int], columns: Sequence[str]) -> tuple[Row, ...]:
    found = listing.model.objects.keyed(district, keys).values("pk", "public", *columns)
    by_key = {row["pk"]: row_of(row, columns) for row in found}
    return tuple(by_key[key] for key in keys)


def row_of(row: Mapping[str, Any], columns: Sequence[str]) -> Row:
    """A row of the database, which must hold `public`, with these columns."""
    return Row(public=row["public"], values={column: row[column] for column in columns})


def _offered(facts: Facts, listing: Listing, how: How, column: str) -> Sequence[str]:
    match how:
        case How.LACKS | How.CARRIES:
            return facts.instances()
        case How.TRUTH:
            return ["yes", "no", "unknown"]
        case How.SUBJECT:
            return []
        case _:
            return facts.choices(listing, column)


def totals(*, district: Any) -> dict[str, int]:
    """How many of each kind the published generation holds."""
    projection = projection_of(district)
    return {kind: facts_of(district=district, kind=kind, projection=projection).total for kind in LISTINGS}
