"""The rows that stand on devices (programs, ports, flaws), laid out for pages: those of a device together, read by its number.

A page asks for the rows of 25 devices among three million. SQL reads and plans for them whatever is asked, so the table has a copy
beside what else is laid out of its snapshot (`homeroom.evidence.laid`): in the order of the devices, mapped and not read.
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

from homeroom.evidence.laid import path_of, rows_of
from homeroom.evidence.shelves import Places, Shelf, fewer_words, numbers, told
from homeroom.evidence.store import Store

DEVICE = "device"
OPEN = 24
"""Files that a process keeps mapped: one of millions of rows and some small ones a snapshot."""


@dataclass(frozen=True, kw_only=True, eq=False)
class OnDevices:
    """Every row of one table in the order of its devices: `devices` has one number a row, ascending."""

    devices: Places
    rows: pa.Table

    def of(self, devices: Sequence[int], columns: Sequence[str]) -> list[tuple[Any, ...]]:
        """The rows of those devices, in their order, each as (device, then those columns). A device without rows has none."""
        wanted = np.unique(np.asarray(devices, dtype=np.int64))
        begins, ends = (np.searchsorted(self.devices, wanted, side=side) for side in ("left", "right"))
        at = np.concatenate([np.arange(0), *map(np.arange, begins, ends)])
        places = pa.array(at)
        return list(zip(self.devices[at].tolist(), *(told(self.rows, name, places) for name in columns), strict=True))

    def column(self, name: str) -> npt.NDArray[Any]:
        """A column of numbers, row by row."""
        return numbers(self.rows, name)


def on_devices(store: Store, *, derived: str, table: str) -> OnDevices:
    """One table of that snapshot, laid out first where it is not yet. Raises NoSuchLoad, and TooSlow."""

    def in_order() -> pa.Table:
        partition = store.derived(derived).tables.get(table)
        if partition is None:
            return rows_of(store, derived=derived, table=table)
        with pq.ParquetFile(store.blob(partition.blob)) as file:
            return pa.table(dict(_in_order(file)))

    return _SHELF.get(path_of(store, derived=derived, table=table), in_order)


def over_devices(rows: pa.Table) -> OnDevices:
    """Rows that stand in the order of their devices already."""
    return OnDevices(devices=numbers(rows, DEVICE), rows=rows)


_SHELF: Shelf[OnDevices] = Shelf(opened=over_devices, most=OPEN)


def _in_order(file: pq.ParquetFile) -> Iterator[tuple[str, pa.ChunkedArray]]:
    """The columns one after the other, so that only one of them stands in memory as it was written."""
    devices = numbers(file.read(columns=[DEVICE]), DEVICE)
    moved = None if bool(np.all(devices[1:] >= devices[:-1])) else pa.array(np.argsort(devices, kind="stable"))
    for name in file.schema_arrow.names:
        column = fewer_words(file.read(columns=[name]).column(name))
        yield name, column if moved is None else pc.take(column, moved)
