"""The organizational unit that contains all rows of a package."""

from __future__ import annotations

import polars as pl


class CommonUnit:
    """The deepest organizational unit that contains every row, updated while rows are read."""

    def __init__(self) -> None:
        self._first_path: str | None = None
        self._last_path: str | None = None
        self._unknown = False

    def add_units(self, units: pl.Series) -> None:
        """Add one chunk of unit paths; a row without a unit could be anywhere."""
        self._unknown |= units.null_count() > 0
        paths = _normalize_paths(units.drop_nulls())
        if paths.len():
            first, last = str(paths.min()), str(paths.max())
            self._first_path = first if self._first_path is None else min(self._first_path, first)
            self._last_path = last if self._last_path is None else max(self._last_path, last)

    @property
    def common(self) -> str:
        """Common ancestor as a path, `/` if it is the root or unknown.

        Paths with a common beginning are adjacent in sorted order, so the first and the last path are enough.
        """
        if self._unknown or self._first_path is None or self._last_path is None:
            return "/"
        shared = []
        for left, right in zip(self._first_path.split("/")[1:-1], self._last_path.split("/")[1:-1], strict=False):
            if left != right:
                break
            shared.append(left)
        return "/" + "/".join(shared)


def _normalize_paths(units: pl.Series) -> pl.Series:
    """Return units as paths that end in a slash; a plain name becomes a unit right under the root."""
    is_name = ~units.str.starts_with("/") & (units != "")
    paths = units.zip_with(~is_name, "/" + units.str.replace_all("/", " ", literal=True))
    return paths.str.strip_chars_end("/") + "/"
