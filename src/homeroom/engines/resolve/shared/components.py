"""Connected components by smallest labels and pointer jumping, over full arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

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
