"""An EVTX record that would become gigabytes is rejected before the parser is given it; the others are read."""

from __future__ import annotations

import struct
import zlib

import pytest

from homeroom.ingest.events.evtx_chunks import CHUNK, CHUNK_MAGIC, read_chunk
from homeroom.ingest.events.records import Broken, Record

FIRST, HEAD = 512, 24
FRAGMENT, INSTANCE, TEXT, BINARY_XML = b"\x0f\x01\x01\0", b"\x0c\x01\x01\0\0\0", 1, 0x21
NAME = struct.pack("<IHH", 0, 0, 5) + "Event".encode("utf-16le") + b"\0\0"


def build_record(number: int, at: int, *, depth: int, uses: int, text: str = "x") -> bytes:
    """Return a record at that place of a chunk: an element that uses its value so often, and is in itself so deep."""
    definition = at + HEAD + len(FRAGMENT) + len(INSTANCE) + 4
    name_at = definition + 24 + len(FRAGMENT) + 7 + 4
    content = struct.pack("<I", name_at) + NAME + b"\x02" + struct.pack("<BHB", 0x0D, 0, BINARY_XML) * uses + b"\x04"
    body = FRAGMENT + struct.pack("<BHI", 1, 0xFFFF, len(content)) + content + b"\0"
    value, kind = text.encode("utf-16le"), TEXT
    for _ in range(depth):
        inner = FRAGMENT + INSTANCE + struct.pack("<IIHBB", definition, 1, len(value), kind, 0)
        value, kind = inner + value + b"\0", BINARY_XML
    place = struct.pack("<II", definition, 0) + bytes(16) + struct.pack("<I", len(body))
    described = struct.pack("<IHBB", 1, len(value), kind, 0)
    data = FRAGMENT + INSTANCE + place + body + described + value
    data += bytes(-(HEAD + len(data) + 4) % 8)
    size = HEAD + len(data) + 4
    return struct.pack("<4sIQQ", b"\x2a\x2a\0\0", size, number, 132 * 10**15) + data + struct.pack("<I", size)


def build_chunk(*shapes: tuple[int, int, str]) -> bytes:
    """Return a chunk, with the right checksums, of records with those depths, uses and texts."""
    records = b""
    for number, (depth, uses, text) in enumerate(shapes, start=1):
        last = FIRST + len(records)
        records += build_record(number, last, depth=depth, uses=uses, text=text)
    head = CHUNK_MAGIC + struct.pack("<QQQQ", 1, len(shapes), 1, len(shapes))
    head += struct.pack("<IIII", 128, last, FIRST + len(records), zlib.crc32(records))
    head = head.ljust(120, b"\0")
    tables = bytes(FIRST - 128)
    head += struct.pack("<II", 0, zlib.crc32(tables, zlib.crc32(head)))
    return (head + tables + records).ljust(CHUNK, b"\0")


def test_values_within_values_are_read_as_long_as_they_stay_small() -> None:
    (record,) = read_chunk(build_chunk((3, 2, "x")), 1)
    assert isinstance(record, Record)
    assert str(record.value).count("Event") == 1 + 2 + 4 + 8


@pytest.mark.parametrize("shape", [(40, 2, "x"), (2, 5_000, "x"), (1, 2_000, "y" * 5_000), (2_500, 2, "x")])
def test_a_record_that_would_become_gigabytes_costs_only_itself(shape: tuple[int, int, str]) -> None:
    ordinary = (1, 1, "x")
    first, bomb, last = read_chunk(build_chunk(ordinary, shape, ordinary), 1)
    assert isinstance(first, Record)
    assert isinstance(bomb, Broken)
    assert (bomb.number, bomb.reason) == (2, "the record in chunk 1 is damaged: it would become larger than 4 MB")
    assert isinstance(last, Record)
    assert (first.number, last.number) == (1, 3)


def test_a_long_text_is_no_such_record() -> None:
    (record,) = read_chunk(build_chunk((1, 1, "y" * 15_000)), 1)
    assert isinstance(record, Record)
    assert "y" * 15_000 in str(record.value)
