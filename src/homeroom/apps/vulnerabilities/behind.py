"""The rows behind a number about flaws: the devices that have it, and the names of software that were compared with nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from homeroom.apps.vulnerabilities.queries import Ending, NothingDerived, only
from homeroom.domain.ids import public_id
from homeroom.engines.vulnerabilities.gaps import CLASS
from homeroom.evidence.asking import TooSlow, asker
from homeroom.evidence.store import Store

PAGE = 25
CSV_PAGE = 5000
TRIES = 5


@dataclass(frozen=True, kw_only=True)
class Affected:
    """One device that has what was asked for, and in which versions. `pupil` is true where it is, or may be, a pupil's."""

    id: int
    serial: str | None
    asset_tag: str | None
    name: str | None
    model: str | None
    school: str | None
    holder_name: str | None
    holder_kind: str | None
    last_seen: datetime | None
    org_unit: str | None
    cart: str | None
    kind: str
    versions: tuple[str, ...]

    @property
    def public(self) -> str:
        """The id by which the inventory's page knows it."""
        return public_id("device", self.id)

    @property
    def pupil(self) -> bool:
        """Whether it is a pupil's, or nobody knows whose."""
        return self.holder_kind in ("student", None, "")


@dataclass(frozen=True, kw_only=True)
class Some[T]:
    """A page of rows; `after` is the key of the next page, None on the last."""

    rows: tuple[T, ...]
    after: Any


@dataclass(frozen=True, kw_only=True)
class Silent:
    """One name of software that was compared with nothing, on one platform as one source lists it."""

    name: str
    listing: str | None
    platform: str | None
    versions: int
    installs: int


_FLAWED = "SELECT item, any_value(version) AS version FROM vulnerabilities {where} GROUP BY item"
_ENDING = """SELECT item, any_value(version) AS version FROM ends_of_life
    WHERE thing = $thing AND cycle = $cycle AND ends_on IS NOT DISTINCT FROM $ends_on GROUP BY item"""
_AFFECTED = """
    WITH items AS ({items}),
    behind AS (SELECT p.device AS id, min(p.item) AS one, CASE WHEN count(*) > 1 THEN list(p.item) END AS several
        FROM vulnerable_installs p SEMI JOIN items USING (item) GROUP BY p.device),
    placed AS (SELECT b.*, row(d.school IS NULL, coalesce(d.school, ''), lower(coalesce(d.serial, '')), b.id) AS place
        FROM behind b LEFT JOIN devices d USING (id)),
    page AS (SELECT * FROM placed WHERE $after < 0 OR place > (SELECT place FROM placed WHERE id = $after) ORDER BY place LIMIT $most)
    SELECT id, serial, asset_tag, name, model, school, holder_name, holder_kind, last_seen, org_unit, cart, {kind},
        coalesce((SELECT list_sort(list(DISTINCT version)) FROM items WHERE version IS NOT NULL AND (item = one OR list_contains(several, item))), [])
    FROM page LEFT JOIN devices d USING (id) ORDER BY place"""
"""Most devices have one version of a thing, so that a list is only made where there are several, and looked up for the page."""
_SILENT = """
    WITH named AS (SELECT name, listing, platform, versions, installs, row(-installs, name, coalesce(listing, ''), coalesce(platform, '')) AS place
        FROM software_unmatched WHERE reason = $reason)
    SELECT name, listing, platform, versions, installs FROM named ORDER BY place LIMIT $most OFFSET $after"""


def affected(*, store: Store, thing: str = "", cve: str = "", after: int = -1, limit: int = PAGE) -> Some[Affected]:
    """The next devices that have a thing with a flaw, or one flaw, by school and serial. Raises NothingDerived and TooSlow."""
    asked = {name: value for name, value in (("thing", thing), ("cve", cve)) if value}
    items = _FLAWED.format(where=only(*asked))
    return _page(store, _AFFECTED.format(items=items, kind=CLASS), {**asked, "after": after}, limit=limit)


def ending(*, store: Store, of: Ending, after: int = -1, limit: int = PAGE) -> Some[Affected]:
    """The next devices that have a release whose support is over or ends. Raises NothingDerived and TooSlow."""
    asked = {"thing": of.thing, "cycle": of.cycle, "ends_on": of.ends_on, "after": after}
    return _page(store, _AFFECTED.format(items=_ENDING, kind=CLASS), asked, limit=limit)


def every_affected(*, store: Store, thing: str) -> Iterator[tuple[Affected, ...]]:
    """All devices of a thing, in pages that a file can be written from. Waits for its turn; raises TooSlow where in vain."""
    after = -1
    while True:
        found = _patient(lambda after=after: affected(store=store, thing=thing, after=after, limit=CSV_PAGE))  # type: ignore[misc]
        yield found.rows
        if found.after is None:
            return
        after = found.after


def silent(*, store: Store, reason: str, after: int = 0, limit: int = PAGE) -> Some[Silent]:
    """The next names of software that were compared with nothing for one reason, those on most devices first.

    `after` is how many were shown before. Raises NothingDerived and TooSlow.
    """
    found = _rows(store, _SILENT, {"reason": reason, "after": after, "most": limit + 1})
    names = ("name", "listing", "platform", "versions", "installs")
    rows = tuple(Silent(**dict(zip(names, row, strict=True))) for row in found[:limit])
    return Some(rows=rows, after=after + limit if len(found) > limit else None)


def _page(store: Store, sql: str, asked: Mapping[str, Any], *, limit: int) -> Some[Affected]:
    found = _rows(store, sql, {**asked, "most": limit + 1})
    names = list(Affected.__dataclass_fields__)
    rows = tuple(Affected(**dict(zip(names, (*row[:-1], tuple(row[-1])), strict=True))) for row in found[:limit])
    return Some(rows=rows, after=rows[-1].id if len(found) > limit else None)


def _rows(store: Store, sql: str, asked: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    newest = store.latest_derived()
    if newest is None:
        raise NothingDerived("nothing was resolved yet; run homeroom resolve")

    def ask(session: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
        return session.execute(sql, dict(asked)).fetchall()

    return asker().answer(
        pinned_to=f"{store.folder}/derived/{newest.id}", pinned=lambda: store.pinned(derived=newest.id), ask=ask
    )


def _patient[T](ask: Callable[[], T]) -> T:
    for _ in range(TRIES - 1):
        try:
            return ask()
        except TooSlow:
            continue
    return ask()
