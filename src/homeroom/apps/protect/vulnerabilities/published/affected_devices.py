"""Rows behind a number about vulnerabilities: affected devices, and software that matched no feed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any

import numpy as np

from homeroom.apps.protect.vulnerabilities.published.queries import (
    EndOfSupport,
    get_newest_snapshot,
    query_newest_snapshot,
)
from homeroom.domain.ids import format_public_id
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.device_index import open_device_index
from homeroom.evidence.page_cache.device_list import Items, load_versions, open_device_list
from homeroom.evidence.page_cache.retry import retry_on_timeout
from homeroom.evidence.page_cache.row_store import open_row_store
from homeroom.evidence.page_cache.value_index import open_value_index
from homeroom.evidence.query.suppression_sql import get_device_class
from homeroom.evidence.tables.vulnerabilities import ENDS_OF_LIFE, VULNERABILITIES, VULNERABLE_INSTALLS

PAGE = 25
CSV_PAGE = 5000


@dataclass(frozen=True, kw_only=True)
class AffectedDevice:
    """One device that has a product or vulnerability, with the versions.

    `student` if it is or may be a student's.
    `administers` is whether its holder has an administrator's account, `opens` the systems with the data of others that
    the holder's accounts open.
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
        """Public id of the device, as in inventory pages."""
        return format_public_id("device", self.id)

    @property
    def student(self) -> bool:
        """Check whether the device is a student's, or its holder is unknown."""
        return self.holder_kind in ("student", None, "")


@dataclass(frozen=True, kw_only=True)
class Page[T]:
    """A page of rows; `after` is the key of the next page, None on the last."""

    rows: tuple[T, ...]
    after: Any


@dataclass(frozen=True, kw_only=True)
class UnmatchedSoftware:
    """One software name that was compared with no feed, on one platform as one source lists it."""

    name: str
    listing: str | None
    platform: str | None
    versions: int
    installs: int


_DEVICE_COLUMNS = (
    "serial", "asset_tag", "name", "model", "school", "holder_name", "holder_kind", "last_seen", "org_unit", "cart",
)  # fmt: skip
_END_OF_LIFE_COLUMNS = ("cycle", "ends_on", "ended", "extended_until", "extended_taken")
_UNMATCHED_SQL = """
    WITH named AS (SELECT name, listing, platform, versions, installs, row(-installs, name, coalesce(listing, ''),
        coalesce(platform, '')) AS place
        FROM software_unmatched WHERE reason = $reason)
    SELECT name, listing, platform, versions, installs FROM named ORDER BY place LIMIT $most OFFSET $after"""


def list_affected_devices(
    *, store: EvidenceStore, product: str = "", cve: str = "", after: int = -1, limit: int = PAGE
) -> Page[AffectedDevice]:
    """Return the next devices with a vulnerable product, or with one vulnerability, by school and serial.

    Raise NothingDerived and QueryTimeout.
    """

    def find_items(snapshot: str) -> Items:
        index = open_value_index(store, derived=snapshot, table=VULNERABILITIES.name)
        positions = [
            index.find_positions(name, value) for name, value in (("product_key", product), ("cve", cve)) if value
        ]
        return frozenset(item for (item,) in index.read_cells(reduce(np.intersect1d, positions), ("item",)))

    return _build_page(store, ("vulnerabilities", product, cve), find_items, after=after, limit=limit)


def list_end_of_support_devices(
    *, store: EvidenceStore, release: EndOfSupport, after: int = -1, limit: int = PAGE
) -> Page[AffectedDevice]:
    """Return the next devices with a release whose support is over or ends.

    Raise NothingDerived and QueryTimeout.
    """

    def find_items(snapshot: str) -> Items:
        index = open_value_index(store, derived=snapshot, table=ENDS_OF_LIFE.name)
        rows = index.read_cells(
            index.find_positions("product_key", release.product_key), ("item", *_END_OF_LIFE_COLUMNS)
        )
        return frozenset(
            item
            for item, cycle, ends_on, ended, until, extended_taken in rows
            if release.includes(
                cycle=cycle, ends_on=ends_on, ended=ended, extended_until=until, extended_taken=extended_taken
            )
        )

    return _build_page(
        store,
        ("ending", release.product_key, release.cycle, release.ends_on, release.longer),
        find_items,
        after=after,
        limit=limit,
    )


def iter_affected_devices(*, store: EvidenceStore, product: str) -> Iterator[tuple[AffectedDevice, ...]]:
    """Yield all devices of a product, in pages that can be written to a file.

    Wait while other queries run; raise QueryTimeout if the wait is in vain.
    """
    after = -1
    while True:
        page = retry_on_timeout(
            lambda after=after: list_affected_devices(store=store, product=product, after=after, limit=CSV_PAGE)  # type: ignore[misc]
        )
        yield page.rows
        if page.after is None:
            return
        after = page.after


def list_unmatched_software(
    *, store: EvidenceStore, reason: str, after: int = 0, limit: int = PAGE
) -> Page[UnmatchedSoftware]:
    """Return the next software names that were compared with no feed for one reason, most devices first.

    `after` is how many were shown before. Raise NothingDerived and QueryTimeout.
    """
    parameters = {"reason": reason, "after": after, "most": limit + 1}
    matches = query_newest_snapshot(store, lambda session: session.execute(_UNMATCHED_SQL, parameters).fetchall())
    names = ("name", "listing", "platform", "versions", "installs")
    rows = tuple(UnmatchedSoftware(**dict(zip(names, row, strict=True))) for row in matches[:limit])
    return Page(rows=rows, after=after + limit if len(matches) > limit else None)


def _build_page(
    store: EvidenceStore, list_key: tuple[Any, ...], find_items: Callable[[str], Items], *, after: int, limit: int
) -> Page[AffectedDevice]:
    """Return a page of the devices that have the items that `find_items` returns for a snapshot.

    `list_key` identifies the device list in the cache.
    """
    snapshot = get_newest_snapshot(store).id
    device_list = open_device_list(store, derived=snapshot, key=list_key, find_items=lambda: find_items(snapshot))
    ids, has_more = device_list.slice_after(after=after, limit=limit)
    return Page(
        rows=_load_devices(store, snapshot, device_list.items, ids), after=ids[-1] if ids and has_more else None
    )


def _load_devices(store: EvidenceStore, snapshot: str, items: Items, ids: Sequence[int]) -> tuple[AffectedDevice, ...]:
    """Return devices, each with its versions of the items."""
    rows = open_row_store(store, derived=snapshot, table="devices")
    cells = rows.read_cells(rows.find_positions(ids), (*_DEVICE_COLUMNS, "holder", "kind", "os_edition", "os_version"))
    people = open_row_store(store, derived=snapshot, table="people")
    holders = people.read_cells(
        people.find_positions([_coalesce_holder(holder) for *_, holder, _, _, _ in cells]), ("administers", "opens")
    )
    versions = load_versions(store, derived=snapshot, items=items, devices=ids)
    return tuple(
        AffectedDevice(
            id=number,
            **dict(zip(_DEVICE_COLUMNS, device_cells, strict=True)),
            kind=get_device_class(kind=kind, os_edition=edition, os_version=version),
            administers=administers,
            opens=tuple(opens or ()),
            versions=tuple(sorted(versions.get(number, ()))),
        )
        for number, (*device_cells, _, kind, edition, version), (administers, opens) in zip(
            ids, cells, holders, strict=True
        )
    )


def _coalesce_holder(holder: int | None) -> int:
    """Return a holder's id, or an id that nobody has."""
    return -1 if holder is None else holder


def warm_page_cache(store: EvidenceStore, *, derived: str) -> None:
    """Materialize what pages about vulnerabilities read of a snapshot, so that no page has to."""
    for name in ("devices", "people"):
        open_row_store(store, derived=derived, table=name)
    open_device_index(store, derived=derived, table=VULNERABLE_INSTALLS.name)
    for table in (VULNERABILITIES, ENDS_OF_LIFE):
        open_value_index(store, derived=derived, table=table.name)
