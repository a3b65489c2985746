"""What is known of the pages that lie at hand, while file after file is looked at: the type of their rows, and their columns.

A page is decoded once. Its columns stay with it until it is loaded, as long as there is room; a page for which there is no
room is decoded again then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

import msgspec
import polars as pl

from homeroom.ingest.glance import Glance, around, decoded, doubtful, glance, nothing_lost, parted
from homeroom.ingest.limits import MIB
from homeroom.ingest.objects import SAMPLE
from homeroom.ingest.shapes import Shape

ROOM = 128 * MIB
"""Bytes of all columns that are kept at one time: those of 300 MB of JSON."""
IsFlat = Callable[[str, Mapping[str, tuple[str, ...]]], bool]
"""Whether the rows of an envelope are read as columns, by the names in each place of the file."""


@dataclass(kw_only=True)
class Alike:
    """Looks at small files one after another, and learns. `envelopes` and `drops` are what any kind of file declares."""

    envelopes: AbstractSet[str]
    drops: AbstractSet[str]
    most: int
    is_flat: IsFlat
    room: int = ROOM
    _shapes: dict[str, Shape] = field(default_factory=dict)

    def look(self, data: bytes) -> tuple[Glance, dict[str, pl.Series] | None] | None:
        """What stands in a file, and the columns of its one envelope; None where the strict reader has to look."""
        parts = parted(data)
        named = [name for name in parts if name in self.envelopes]
        known = self._shapes.get(named[0]) if len(named) == 1 and not self.drops & parts.keys() else None
        if known is not None and (told := self._typed(data, parts, named[0], known)):
            return told
        found = glance(data, envelopes=self.envelopes, drops=self.drops, most=self.most)
        if found is None or len(named) != 1 or not found.rows.get(named[0]):
            return None if found is None else (found, None)
        if self.room > 0 and self.is_flat(named[0], found.names):
            shape = known or Shape()
            self._shapes[named[0]] = shape
            if shape.learn(decoded(bytes(parts[named[0]])) or ()):
                return self._typed(data, parts, named[0], shape) or (found, None)
        return found, None

    def _typed(
        self, data: bytes, parts: Mapping[str, Any], envelope: str, shape: Shape
    ) -> tuple[Glance, dict[str, pl.Series] | None] | None:
        """The same through the type that is known; None where the page does not fit it."""
        rows = None if doubtful(data) else shape.rows(parts[envelope])
        if rows is None:
            return None
        rest = msgspec.json.encode({**parts, envelope: None})
        others = decoded(rest)
        if others is None or not nothing_lost(data, rest, msgspec.json.encode(rows)):
            return None
        found = around(others, {envelope: (len(rows), shape.names(rows[:SAMPLE]))}, most=self.most)
        columns = shape.columns(rows, most=self.most) if self.room > 0 else None
        self.room -= sum(int(column.estimated_size()) for column in (columns or {}).values())
        return found, columns
