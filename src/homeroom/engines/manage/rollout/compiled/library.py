"""The compiled library, if it was built from the sources as they are: the search of Python is used without it.

`./run setup` and `./run install` build it where there is a C compiler (tools/compile_search.py).
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import DTypeLike, NDArray

from homeroom.engines.manage.rollout.compiled.sources import LIBRARY, compute_digest

NUMBERS = (
    "rooms", "schools", "slots", "grid", "days", "width", "span_count", "near_count", "has_stock", "has_counts",
    "routes",
)  # fmt: skip
"""The whole numbers at the beginning of the structure `Search`."""
ARRAYS: Mapping[str, DTypeLike] = {
    "route_day": np.int32, "route_week": np.int32, "span_from": np.int32, "spans": np.int32,
    "minutes": np.int32, "school": np.int32, "devices": np.int32,
    "kinds": np.int32, "nexts": np.int16, "lasts": np.int16, "gap": np.int16, "travel": np.int16,
    "ceil_slot": np.int16, "at_once": np.int32, "week_from": np.int32, "week_routes": np.int32,
    "calendar_week": np.int32, "near": np.int32, "day_from": np.int32, "day_routes": np.int32,
    "all_routes": np.int32, "movable": np.int32, "crews": np.int32, "school_from": np.int32, "school_rooms": np.int32,
    "base_worth": np.float64, "hardness": np.float64, "worth": np.float64,
    "week_left": np.int32, "left_in_school": np.int32, "left_in_week": np.int32, "stock_left": np.int32,
    "crowd": np.uint16, "stops": np.int32, "pinned": np.int32, "begins": np.int32, "counts": np.int32,
    "route_of": np.int32, "crew_routes": np.int32, "crew_begins": np.int32,
    "ends": np.int16, "starts": np.int16, "schools_at": np.int16, "hours": np.int32, "hour_counts": np.int32,
    "school_masks": np.uint64, "widest": np.int32, "pool": np.int32,
}  # fmt: skip
"""The arrays of the structure, in its order, with the type of their numbers."""
Arrays = dict[str, NDArray[np.generic]]


class SearchStructure(ctypes.Structure):
    """The structure `Search` of routes.h."""

    _fields_ = (
        *((name, ctypes.c_int32) for name in NUMBERS),
        *((name, ctypes.c_void_p) for name in ARRAYS),
        *((name, ctypes.c_int32) for name in ("movable_count", "crew_count", "pool_size", "crews_waiting")),
        ("random", ctypes.c_uint64),
    )
    movable_count: int
    crew_count: int
    pool_size: int
    crews_waiting: int
    random: int


@cache
def load_library() -> ctypes.CDLL | None:
    """Return the library; None if it is missing, cannot be loaded, or was built from other sources."""
    if not LIBRARY.is_file():
        return None
    try:
        library = ctypes.CDLL(str(LIBRARY))
        library.get_source_digest.restype = ctypes.c_char_p
        is_current = (
            library.get_source_digest() == compute_digest().encode()
            and library.get_structure_size() == ctypes.sizeof(SearchStructure)
        )
    except (OSError, AttributeError):
        return None
    return library if is_current else None


def fill_structure(numbers: Mapping[str, int], arrays: Arrays) -> SearchStructure:
    """Return a structure that refers to the arrays, which have to live as long as it does."""
    structure = SearchStructure()
    for name in NUMBERS:
        setattr(structure, name, numbers[name])
    for name, kind in ARRAYS.items():
        array = arrays[name]
        if array.dtype != np.dtype(kind) or not array.flags.c_contiguous:
            raise TypeError(f"{name} is {array.dtype}, and the structure has {np.dtype(kind)} in one piece")
        setattr(structure, name, array.ctypes.data)
    return structure
