"""Read the rows of a device from a memory-mapped copy of a table that is sorted by device.

Such tables are software, services and vulnerabilities.

A page asks for the rows of 25 devices among three million. SQL has to read and plan for that each time, so the table
has a copy next to the other materialized files of its snapshot, in the order of the devices, mapped and not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.cache import SingleFlightCache
from homeroom.evidence.page_cache.mapped_files import (
    Positions,
    encode_if_repetitive,
    open_mapped_file,
    read_numbers,
    take_column,
)
from homeroom.evidence.page_cache.row_store import get_cache_path, read_derived_table

DEVICE = "device"
MAX_OPEN_FILES = 24
"""Files that a process keeps mapped: one of millions of rows and some small ones per snapshot."""


@dataclass(frozen=True, kw_only=True, eq=False)
class DeviceIndex:
    """The rows of one table in the order of their devices; `devices` has one number per row, ascending."""

    devices: Positions
    rows: pa.Table

    def find_rows(self, devices: Sequence[int], columns: Sequence[str]) -> list[tuple[Any, ...]]:
        """Return the rows of those devices, in device order, each as (device, then those columns).

        A device without rows has none.
        """
        device_ids = np.unique(np.asarray(devices, dtype=np.int64))
        starts, ends = (np.searchsorted(self.devices, device_ids, side=side) for side in ("left", "right"))
        positions = np.concatenate([np.arange(0), *map(np.arange, starts, ends)])
        row_positions = pa.array(positions)
        return list(
            zip(
                self.devices[positions].tolist(),
                *(take_column(self.rows, name, row_positions) for name in columns),
                strict=True,
            )
        )

    def get_column(self, name: str) -> npt.NDArray[Any]:
        """Return a column of numbers, row by row."""
        return read_numbers(self.rows, name)


_device_indexes: SingleFlightCache[DeviceIndex] = SingleFlightCache(max_entries=MAX_OPEN_FILES)


def open_device_index(store: EvidenceStore, *, derived: str, table: str) -> DeviceIndex:
    """Return the device index of a snapshot's table, written first if missing. Raise NoSuchLoad or QueryTimeout."""

    def build_table() -> pa.Table:
        partition = store.get_derived(derived).tables.get(table)
        if partition is None:
            return read_derived_table(store, derived=derived, table=table)
        with pq.ParquetFile(store.get_blob_path(partition.blob)) as file:
            return pa.table(dict(_iter_sorted_columns(file)))

    path = get_cache_path(store, derived=derived, table=table)
    return open_mapped_file(path, cache=_device_indexes, wrap=build_device_index, build_table=build_table)


def build_device_index(rows: pa.Table) -> DeviceIndex:
    """Return an index over rows that are already in the order of their devices."""
    return DeviceIndex(devices=read_numbers(rows, DEVICE), rows=rows)


def _iter_sorted_columns(file: pq.ParquetFile) -> Iterator[tuple[str, pa.ChunkedArray]]:
    """Yield the sorted columns one at a time, so that only one unsorted column is in memory."""
    devices = read_numbers(file.read(columns=[DEVICE]), DEVICE)
    order = None if bool(np.all(devices[1:] >= devices[:-1])) else pa.array(np.argsort(devices, kind="stable"))
    for name in file.schema_arrow.names:
        column = encode_if_repetitive(file.read(columns=[name]).column(name))
        yield name, column if order is None else pc.take(column, order)
