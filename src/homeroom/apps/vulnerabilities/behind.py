"""The rows behind a number about flaws: the devices that have it, and the names of software that were compared with nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from homeroom.apps.vulnerabilities.queries import Ending, NothingDerived, only
from homeroom.domain.ids import public_id
from homeroom.evidence.asking import TooSlow, asker
from homeroom.evidence.kept import Kept
from homeroom.evidence.spared import CLASS
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


_FLAWED = "SELECT DISTINCT item FROM vulnerabilities {where}"
_ENDING = (
    "SELECT item FROM ends_of_life WHERE thing = $thing AND cycle = $cycle AND ends_on IS NOT DISTINCT FROM $ends_on"
)
_ORDER = """
    WITH behind AS (SELECT DISTINCT p.device AS id FROM vulnerable_installs p WHERE p.item IN ({items}))
    SELECT id FROM behind LEFT JOIN devices d USING (id) ORDER BY d.school IS NULL, coalesce(d.school, ''), lower(coalesce(d.serial, '')), id"""
_ROWS = """
    WITH page AS (SELECT unnest([{ids}]::BIGINT[]) AS id),
    items AS ({items}),
    told AS (SELECT item, version FROM vulnerabilities SEMI JOIN items USING (item) WHERE version IS NOT NULL
        UNION SELECT item, version FROM ends_of_life SEMI JOIN items USING (item) WHERE version IS NOT NULL),
    versions AS (SELECT p.device AS id, list_sort(list(DISTINCT version)) AS versions FROM vulnerable_installs p JOIN told USING (item)
        WHERE p.device IN ({ids}) GROUP BY p.device)
    SELECT id, serial, asset_tag, name, model, school, holder_name, holder_kind, last_seen, org_unit, cart, {kind}, coalesce(versions, [])
    FROM page LEFT JOIN (SELECT * FROM devices WHERE id IN ({ids})) d USING (id) LEFT JOIN versions USING (id)"""
ORDERS = 48
"""Lists of devices that a process keeps in order; one of 130,000 devices is a megabyte. Pages are cut out of them."""
_orders: Kept[npt.NDArray[np.int64]] = Kept(most=ORDERS)
_SILENT = """
    WITH named AS (SELECT name, listing, platform, versions, installs, row(-installs, name, coalesce(listing, ''), coalesce(platform, '')) AS place
        FROM software_unmatched WHERE reason = $reason)
    SELECT name, listing, platform, versions, installs FROM named ORDER BY place LIMIT $most OFFSET $after"""


def affected(*, store: Store, thing: str = "", cve: str = "", after: int = -1, limit: int = PAGE) -> Some[Affected]:
    """The next devices that have a thing with a flaw, or one flaw, by school and serial. Raises NothingDerived and TooSlow."""
    asked = {name: value for name, value in (("thing", thing), ("cve", cve)) if value}
    return _page(store, _FLAWED.format(where=only(*asked)), asked, after=after, limit=limit)


def ending(*, store: Store, of: Ending, after: int = -1, limit: int = PAGE) -> Some[Affected]:
    """The next devices that have a release whose support is over or ends. Raises NothingDerived and TooSlow."""
    asked = {"thing": of.thing, "cycle": of.cycle, "ends_on": of.ends_on}
    return _page(store, _ENDING, asked, after=after, limit=limit)


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
    found = asked_of(store, _SILENT, {"reason": reason, "after": after, "most": limit + 1})
    names = ("name", "listing", "platform", "versions", "installs")
    rows = tuple(Silent(**dict(zip(names, row, strict=True))) for row in found[:limit])
    return Some(rows=rows, after=after + limit if len(found) > limit else None)


def _page(store: Store, items: str, asked: Mapping[str, Any], *, after: int, limit: int) -> Some[Affected]:
    newest = store.latest_derived()
    key = (str(store.folder), newest.id if newest else "", items, *asked.items())
    order = _orders.get(key, lambda: _in_order(store, items, asked))
    begin = (
        int(np.argmax(order == after)) + 1 if after >= 0 and (order == after).any() else 0 if after < 0 else len(order)
    )
    ids = order[begin : begin + limit].tolist()
    if not ids:
        return Some(rows=(), after=None)
    text = _ROWS.format(ids=", ".join(map(str, ids)), items=items, kind=CLASS)
    names = list(Affected.__dataclass_fields__)
    made = {
        row[0]: Affected(**dict(zip(names, (*row[:-1], tuple(row[-1])), strict=True)))
        for row in asked_of(store, text, asked)
    }
    return Some(rows=tuple(made[number] for number in ids), after=ids[-1] if begin + limit < len(order) else None)


def _in_order(store: Store, items: str, asked: Mapping[str, Any]) -> npt.NDArray[np.int64]:
    """The ids of all devices that have one of the items, by school and serial; those without a school last."""
    found = asked_of(store, _ORDER.format(items=items), asked)
    return np.fromiter((number for (number,) in found), dtype=np.int64, count=len(found))


def asked_of(store: Store, sql: str, asked: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of one question over the newest snapshot. Raises NothingDerived and TooSlow."""
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
