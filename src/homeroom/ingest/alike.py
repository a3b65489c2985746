"""What is known of the pages that lie at hand, while file after file is looked at: the type of their rows, and their columns.

A page is taken apart once. What stood in its envelope stays with it until it is loaded, as long as there is room; a page for
which there is no room is taken apart again then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pyarrow as pa

from homeroom.ingest.glance import Glance, around, decoded, first_names, glance, parted
from homeroom.ingest.limits import MIB
from homeroom.ingest.objects import SAMPLE
from homeroom.ingest.shapes import Shape, beside, names_of

ROOM = 128 * MIB
"""Bytes of all rows that are kept at one time: those of 300 MB of JSON."""
IsFlat = Callable[[str, Mapping[str, tuple[str, ...]]], bool]
"""Whether the rows of an envelope are read as columns, by the names in each place of the file."""


@dataclass(kw_only=True)
class Alike:
    """Looks at small files one after another, and learns. `envelopes` and `drops` are what any kind of file declares.

    Several threads may look at a time. What is told of a file does not depend on those that were looked at before it.
    """

    envelopes: AbstractSet[str]
    drops: AbstractSet[str]
    most: int
    is_flat: IsFlat
    room: int = ROOM
    _shapes: dict[str, Shape] = field(default_factory=dict)

    def look(self, data: bytes) -> tuple[Glance, pa.StructArray | None] | None:
        """What stands in a file, and the rows of its one envelope; None where the strict reader has to look."""
        nulls = b"null" in data  # which Arrow does not tell from what is not there
        for known in () if nulls else tuple(self._shapes.values()):
            if known.may_fit(data) and (told := self._typed(data, known)):
                return told
        parts = parted(data)
        named = [name for name in parts if name in self.envelopes]
        alone = len(named) == 1 and not self.drops & parts.keys()
        shape = self._shapes.get(named[0]) if alone and nulls else None
        if shape is not None and (told := self._typed(data, shape, parts=parts)):
            return told
        found = decoded(data)
        told_of = None if found is None else glance(found, envelopes=self.envelopes, drops=self.drops, most=self.most)
        if told_of is None or not alone or not told_of.rows.get(named[0]):
            return None if told_of is None else (told_of, None)
        if self.room > 0 and self.is_flat(named[0], told_of.names):
            shape = self._shapes.setdefault(named[0], Shape(envelope=named[0]))
            shape.learn(found)
            return self._typed(data, shape, parts=parts) or (told_of, None)
        return told_of, None

    def _typed(
        self, data: bytes, shape: Shape, *, parts: Mapping[str, Any] | None = None
    ) -> tuple[Glance, pa.StructArray | None] | None:
        """The same through the type that is known; None where the page does not fit it.

        `parts` are its values by top-level name, of a page in which null may stand.
        """
        typed = shape.page(data)
        if typed is None:
            return None
        rows, page = typed
        few = rows.slice(0, SAMPLE)
        if parts is None:
            others, names = beside(page, envelope=shape.envelope), names_of(few)
        else:
            others = decoded(msgspec.json.encode({**parts, shape.envelope: None}))
            names = first_names(parts[shape.envelope], most=self.most)
        if others is None:
            return None
        found = around(others, {shape.envelope: (len(rows), names)}, most=self.most)
        kept = self.room > 0
        self.room -= rows.nbytes if kept else 0
        return found, rows if kept else None
