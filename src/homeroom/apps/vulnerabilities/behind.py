"""The rows behind a number about flaws: the devices that have it, and the names of software that were compared with nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from homeroom.apps.vulnerabilities.queries import Ending, asked_of, newest_of
from homeroom.domain.ids import public_id
from homeroom.evidence.asking import TooSlow
from homeroom.evidence.by_device import on_devices
from homeroom.evidence.by_word import by_word
from homeroom.evidence.kept import Kept
from homeroom.evidence.laid import laid
from homeroom.evidence.shelves import numbers
from homeroom.evidence.spared import class_of
from homeroom.evidence.store import Store
from homeroom.evidence.tables.vulnerabilities import ENDS_OF_LIFE, VULNERABILITIES, VULNERABLE_INSTALLS

PAGE = 25
CSV_PAGE = 5000
TRIES = 5


@dataclass(frozen=True, kw_only=True)
class Affected:
    """One device that has what was asked for, and in which versions. `pupil` is true where it is, or may be, a pupil's.

    `administers` is whether its holder has an administrator's account, `opens` the systems with the data of others that the
    holder's accounts open.
    """

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
    administers: bool | None
    opens: tuple[str, ...]
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


Items = frozenset[int]
"""Items as `vulnerabilities` and `ends_of_life` number them."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Having:
    """The devices that have some items, in the order in which pages list them."""

    items: Items
    devices: npt.NDArray[np.int64]


ORDERS = 48
"""Lists of devices that a process keeps in order; one of 130,000 devices is a megabyte. Pages are cut out of them."""
_orders: Kept[_Having] = Kept(most=ORDERS)
_OF_DEVICE = (
    "serial", "asset_tag", "name", "model", "school", "holder_name", "holder_kind", "last_seen", "org_unit", "cart",
)  # fmt: skip
_OF_ENDING = ("cycle", "ends_on", "ended", "extended_until", "extended_taken")
_SILENT = """
    WITH named AS (SELECT name, listing, platform, versions, installs, row(-installs, name, coalesce(listing, ''), coalesce(platform, '')) AS place
        FROM software_unmatched WHERE reason = $reason)
    SELECT name, listing, platform, versions, installs FROM named ORDER BY place LIMIT $most OFFSET $after"""


def affected(*, store: Store, thing: str = "", cve: str = "", after: int = -1, limit: int = PAGE) -> Some[Affected]:
    """The next devices that have a thing with a flaw, or one flaw, by school and serial. Raises NothingDerived and TooSlow."""

    def items(snapshot: str) -> Items:
        flaws = by_word(store, derived=snapshot, table=VULNERABILITIES.name)
        at = [flaws.where(name, word) for name, word in (("thing", thing), ("cve", cve)) if word]
        return frozenset(one for (one,) in flaws.cells(reduce(np.intersect1d, at), ("item",)))

    return _page(store, ("flaws", thing, cve), items, after=after, limit=limit)


def ending(*, store: Store, of: Ending, after: int = -1, limit: int = PAGE) -> Some[Affected]:
    """The next devices that have a release whose support is over or ends. Raises NothingDerived and TooSlow."""

    def items(snapshot: str) -> Items:
        ends = by_word(store, derived=snapshot, table=ENDS_OF_LIFE.name)
        rows = ends.cells(ends.where("thing", of.thing), ("item", *_OF_ENDING))
        return frozenset(
            item
            for item, cycle, ends_on, ended, until, taken in rows
            if of.holds(cycle=cycle, ends_on=ends_on, ended=ended, until=until, taken=taken)
        )

    return _page(store, ("ending", of.thing, of.cycle, of.ends_on, of.longer), items, after=after, limit=limit)


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
    asked = {"reason": reason, "after": after, "most": limit + 1}
    found = asked_of(store, lambda session: session.execute(_SILENT, asked).fetchall())
    names = ("name", "listing", "platform", "versions", "installs")
    rows = tuple(Silent(**dict(zip(names, row, strict=True))) for row in found[:limit])
    return Some(rows=rows, after=after + limit if len(found) > limit else None)


def _page(
    store: Store, asked: tuple[Any, ...], items: Callable[[str], Items], *, after: int, limit: int
) -> Some[Affected]:
    """The devices that come after one of them, of those that have what `items` gives of a snapshot; `asked` names it."""
    snapshot = newest_of(store).id
    key = (str(store.folder), snapshot, *asked)
    having = _orders.get(key, lambda: _having(store, snapshot, items(snapshot)))
    found = np.flatnonzero(having.devices == after)
    begin = 0 if after < 0 else int(found[0]) + 1 if len(found) else len(having.devices)
    ids = having.devices[begin : begin + limit].tolist()
    return Some(
        rows=_told(store, snapshot, having.items, ids),
        after=ids[-1] if ids and begin + limit < len(having.devices) else None,
    )


def _having(store: Store, snapshot: str, items: Items) -> _Having:
    """All devices that have one of the items, by school and serial; those without a school last."""
    installs = on_devices(store, derived=snapshot, table=VULNERABLE_INSTALLS.name)
    wanted = np.fromiter(items, dtype=np.int64, count=len(items))
    devices = np.unique(installs.devices[np.isin(installs.column("item"), wanted)])
    places = laid(store, derived=snapshot, table="devices").places(devices)
    return _Having(items=items, devices=devices[np.lexsort((devices, places, places < 0))])


def _told(store: Store, snapshot: str, items: Items, ids: Sequence[int]) -> tuple[Affected, ...]:
    """These devices, each with the versions that it has of the items."""
    rows = laid(store, derived=snapshot, table="devices")
    cells = rows.cells(rows.places(ids), (*_OF_DEVICE, "holder", "kind", "os_edition", "os_version"))
    people = laid(store, derived=snapshot, table="people")
    holders = people.cells(people.places([_none(holder) for *_, holder, _, _, _ in cells]), ("administers", "opens"))
    named = _versions(store, snapshot, items)
    versions: dict[int, set[str]] = {}
    for device, item in on_devices(store, derived=snapshot, table=VULNERABLE_INSTALLS.name).of(ids, ("item",)):
        versions.setdefault(device, set()).update(named.get(item, ()))
    return tuple(
        Affected(
            id=number,
            **dict(zip(_OF_DEVICE, told, strict=True)),
            kind=class_of(kind=kind, os_edition=edition, os_version=version),
            administers=administers,
            opens=tuple(opens or ()),
            versions=tuple(sorted(versions.get(number, ()))),
        )
        for number, (*told, _, kind, edition, version), (administers, opens) in zip(ids, cells, holders, strict=True)
    )


def _none(holder: int | None) -> int:
    """A holder's id, or one that nobody has."""
    return -1 if holder is None else holder


def _versions(store: Store, snapshot: str, items: Items) -> Mapping[int, set[str]]:
    """The version that each of the items is."""
    found: dict[int, set[str]] = {}
    wanted = np.fromiter(items, dtype=np.int64, count=len(items))
    for table in (VULNERABILITIES, ENDS_OF_LIFE):
        rows = by_word(store, derived=snapshot, table=table.name)
        at = np.flatnonzero(np.isin(numbers(rows.rows, "item"), wanted))
        for item, version in rows.cells(at, ("item", "version")):
            if version is not None:
                found.setdefault(item, set()).add(version)
    return found


def lay_behind(store: Store, *, derived: str) -> None:
    """Lays out of a snapshot what pages about flaws read of it, so that none of them has to."""
    for name in ("devices", "people"):
        laid(store, derived=derived, table=name)
    on_devices(store, derived=derived, table=VULNERABLE_INSTALLS.name)
    for table in (VULNERABILITIES, ENDS_OF_LIFE):
        by_word(store, derived=derived, table=table.name)


def _patient[T](ask: Callable[[], T]) -> T:
    for _ in range(TRIES - 1):
        try:
            return ask()
        except TooSlow:
            continue
    return ask()
