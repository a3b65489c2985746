"""Connected components by smallest labels and pointer jumping, over whole arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


def components(*, count: int, left: Numbers, right: Numbers, start: Numbers | None = None) -> Numbers:
    """The smallest member of each node's component: `count` nodes, edges from `left` to `right`.

    `start` are labels that hold already (each the smallest member of its group). O(edges × log(count)).
    """
    label = np.arange(count, dtype=np.int64) if start is None else start.copy()
    while True:
        one, other = label[left], label[right]
        apart = one != other
        if not apart.any():
            return label
        left, right = left[apart], right[apart]
        low, high = np.minimum(one[apart], other[apart]), np.maximum(one[apart], other[apart])
        np.minimum.at(label, high, low)
        label = _jumped(label)


def _jumped(label: Numbers) -> Numbers:
    while True:
        further = label[label]
        if np.array_equal(further, label):
            return label
        label = further
