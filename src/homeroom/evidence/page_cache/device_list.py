"""Devices that have vulnerabilities or ends of life, in page order: by school and serial, those without a school last.

`vulnerabilities` and `ends_of_life` number their items, and `vulnerable_installs` has the devices of each.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.cache import SingleFlightCache
from homeroom.evidence.page_cache.device_index import open_device_index
from homeroom.evidence.page_cache.mapped_files import Positions, read_numbers
from homeroom.evidence.page_cache.row_store import open_row_store
from homeroom.evidence.page_cache.value_index import open_value_index
from homeroom.evidence.tables.vulnerabilities import ENDS_OF_LIFE, VULNERABILITIES, VULNERABLE_INSTALLS

MAX_DEVICE_LISTS = 48
"""Sorted device lists that a process caches; one of 130,000 devices is a megabyte.

Pages are slices of them.
"""
Items = frozenset[int]
"""Items as `vulnerabilities` and `ends_of_life` number them."""


@dataclass(frozen=True, kw_only=True, eq=False)
class DeviceList:
    """The devices that have some items, in page order."""

    items: Items
    devices: Positions

    def slice_after(self, *, after: int, limit: int) -> tuple[list[int], bool]:
        """Return at most `limit` devices after a device (-1: the first ones), and whether there are more.

        There are none after a device that is not in the list.
        """
        position = np.flatnonzero(self.devices == after)
        begin = 0 if after < 0 else int(position[0]) + 1 if len(position) else len(self.devices)
        devices: list[int] = self.devices[begin : begin + limit].tolist()
        return devices, begin + limit < len(self.devices)


_device_lists: SingleFlightCache[DeviceList] = SingleFlightCache(max_entries=MAX_DEVICE_LISTS)


def open_device_list(
    store: EvidenceStore, *, derived: str, key: Sequence[Hashable], find_items: Callable[[], Items]
) -> DeviceList:
    """Return the devices that have the items that `find_items` returns; `key` identifies these in the snapshot.

    Raise NoSuchLoad or QueryTimeout.
    """
    return _device_lists.get((str(store.folder), derived, *key), lambda: _list_devices(store, derived, find_items()))


def load_versions(
    store: EvidenceStore, *, derived: str, items: Items, devices: Sequence[int]
) -> Mapping[int, set[str]]:
    """Return by device its versions of the items; a device without one may be missing."""
    versions_by_item = _load_item_versions(store, derived, items)
    installs = open_device_index(store, derived=derived, table=VULNERABLE_INSTALLS.name)
    versions: dict[int, set[str]] = {}
    for device, item in installs.find_rows(devices, ("item",)):
        versions.setdefault(device, set()).update(versions_by_item.get(item, ()))
    return versions


def _list_devices(store: EvidenceStore, derived: str, items: Items) -> DeviceList:
    installs = open_device_index(store, derived=derived, table=VULNERABLE_INSTALLS.name)
    item_ids = np.fromiter(items, dtype=np.int64, count=len(items))
    devices = np.unique(installs.devices[np.isin(installs.get_column("item"), item_ids)])
    positions = open_row_store(store, derived=derived, table="devices").find_positions(devices)
    return DeviceList(items=items, devices=devices[np.lexsort((devices, positions, positions < 0))])


def _load_item_versions(store: EvidenceStore, derived: str, items: Items) -> Mapping[int, set[str]]:
    versions: dict[int, set[str]] = {}
    item_ids = np.fromiter(items, dtype=np.int64, count=len(items))
    for table in (VULNERABILITIES, ENDS_OF_LIFE):
        rows = open_value_index(store, derived=derived, table=table.name)
        positions = np.flatnonzero(np.isin(read_numbers(rows.rows, "item"), item_ids))
        for item, version in rows.read_cells(positions, ("item", "version")):
            if version is not None:
                versions.setdefault(item, set()).add(version)
    return versions
