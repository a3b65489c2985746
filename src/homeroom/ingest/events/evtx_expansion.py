"""How large a record of an EVTX chunk may become, before the parser is given it.

A record names a template and values for its places, and a value may be such a record itself. One of a kilobyte in which
each template uses its value twice so becomes gigabytes. Here is counted how often a template may use each value; bytes
that only look like a use or a template raise the bound and nothing else. The layout is that of libevtx's documentation.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field

MAX_EXPANDED = 4 << 20
"""Bytes that a record may become: a chunk has 64 KiB, and an ordinary record uses each value once."""
_MAX_CHUNK = 64 << 20
_MAX_STEPS = 50_000
"""Values that are looked at in a record; an ordinary one has some dozens."""
_INSTANCE = re.compile(rb"\x0c(?=.{7}\0\0)", re.DOTALL)  # a template's number, and its place within 64 KiB
_DEFINITION_HEAD, _INSTANCE_HEAD = 24, 10
_BINARY_XML = 0x21
_USES = (b"\x0d", b"\x0e")


@dataclass(kw_only=True)
class _Template:
    """A template's body, and how often it may use each value, counted when that is needed."""

    body: bytes
    uses: dict[int, int] = field(default_factory=dict)

    def count_uses(self, value: int) -> int:
        if value not in self.uses:
            self.uses[value] = sum(self.body.count(use + value.to_bytes(2, "little")) for use in _USES)
        return self.uses[value]


def find_expanding_records(chunk: bytes, spans: Iterable[tuple[int, int]]) -> list[int]:
    """Return the numbers of the records, by their first byte and end, that may become larger than is allowed."""
    measure = _ChunkMeasure(chunk=chunk)
    expanding, total = [], 0
    for number, (start, end) in enumerate(spans):
        bound = measure.compute_bound(start, end)
        if bound > MAX_EXPANDED or total + bound > _MAX_CHUNK:
            expanding.append(number)
        else:
            total += bound
    return expanding


@dataclass(kw_only=True)
class _ChunkMeasure:
    """Bounds of the records of one chunk, whose templates they share."""

    chunk: bytes
    templates: dict[int, _Template] = field(default_factory=dict)

    def compute_bound(self, start: int, end: int) -> int:
        """Return a bound of a record's size; what is within the values of an instance is computed before it."""
        bounds: dict[int, int] = {}
        steps = 0
        for at in reversed([match.start() for match in _INSTANCE.finditer(self.chunk, start, end)]):
            place, values = self._find_values(at, end)
            count = values[1]
            steps += 1 + count + (len(bounds) * count if bounds else 0)
            if steps > _MAX_STEPS:
                return MAX_EXPANDED + 1
            bounds[at] = self._add_values(place, values, end, bounds)
            if bounds[at] > MAX_EXPANDED:
                return bounds[at]
        return max(bounds.values(), default=0)

    def _find_values(self, at: int, end: int) -> tuple[int, tuple[int, int]]:
        """Return the place of an instance's template, where its values are described, and how many there are."""
        (place,) = struct.unpack_from("<I", self.chunk, at + 6)
        cursor = at + _INSTANCE_HEAD
        if place == cursor:
            cursor += _DEFINITION_HEAD + len(self._get_template(place).body)
        if cursor + 4 > end:
            return place, (end, 0)
        (count,) = struct.unpack_from("<I", self.chunk, cursor)
        return place, (cursor + 4, count if cursor + 4 + 4 * count <= end else 0)

    def _add_values(self, place: int, values: tuple[int, int], end: int, bounds: dict[int, int]) -> int:
        """Return a bound of what a template with these values becomes."""
        template = self._get_template(place)
        described, count = values
        total, at = len(template.body), described + 4 * count
        for number, (size, kind, _) in enumerate(struct.iter_unpack("<HBB", self.chunk[described:at])):
            if not size or at >= end:
                continue
            nested = 0
            if kind == _BINARY_XML:
                nested = sum(bound for inner, bound in bounds.items() if at <= inner < at + size)
            total += template.count_uses(number & 0xFFFF) * (size + nested)
            at += size
        return total

    def _get_template(self, place: int) -> _Template:
        if place not in self.templates:
            body = b""
            if place + _DEFINITION_HEAD <= len(self.chunk):
                (size,) = struct.unpack_from("<I", self.chunk, place + _DEFINITION_HEAD - 4)
                body = self.chunk[place + _DEFINITION_HEAD : place + _DEFINITION_HEAD + size]
            self.templates[place] = _Template(body=body)
        return self.templates[place]
