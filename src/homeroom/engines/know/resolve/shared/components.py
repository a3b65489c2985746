"""Connected components by smallest labels and pointer jumping, over full arrays.

While a kind of record is matched, rz_<kind>_components (n, comp) has the component of each node.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from homeroom.evidence.query.temp_tables import TempTables

IntArray = NDArray[np.int64]


def label_components(*, count: int, left: IntArray, right: IntArray, start: IntArray | None = None) -> IntArray:
    """Return the smallest member of each node's component: `count` nodes, edges from `left` to `right`.

    `start` holds existing labels (each the smallest member of its group). O(edges × log(count)).
    """
    label = np.arange(count, dtype=np.int64) if start is None else start.copy()
    while True:
        left_label, right_label = label[left], label[right]
        differs = left_label != right_label
        if not differs.any():
            return label
        left, right = left[differs], right[differs]
        low, high = (
            np.minimum(left_label[differs], right_label[differs]),
            np.maximum(left_label[differs], right_label[differs]),
        )
        np.minimum.at(label, high, low)
        label = _follow_pointers(label)


def _follow_pointers(label: IntArray) -> IntArray:
    while True:
        parent = label[label]
        if np.array_equal(parent, label):
            return label
        label = parent


def fetch_components(tables: TempTables, name: str) -> IntArray:
    """Return the labels of a table of components (n, comp) in the order of their nodes."""
    (label,) = tables.fetch_arrays(f"SELECT comp FROM rz_{name} ORDER BY n")
    return label


def register_components(tables: TempTables, name: str, label: IntArray) -> None:
    """Create a table of components (n, comp) from labels."""
    tables.register(name, pa.table({"n": np.arange(len(label), dtype=np.int64), "comp": label}))


def join_components(tables: TempTables, *, components: str, edges: str, result: str) -> None:
    """Join the components of nodes that a query pairs, and write them to the table `result`.

    `components` names the table of components before; `edges` is a SELECT of two columns of nodes.
    """
    start = fetch_components(tables, components)
    left, right = tables.fetch_arrays(edges)
    register_components(tables, result, label_components(count=len(start), start=start, left=left, right=right))


def join_pairs(tables: TempTables, *, components: str, pairs: str) -> None:
    """Join the components of the nodes in the columns a and b of a table."""
    join_components(
        tables, components=components, edges=f"SELECT a, b FROM rz_{pairs} ORDER BY a, b", result=components
    )
