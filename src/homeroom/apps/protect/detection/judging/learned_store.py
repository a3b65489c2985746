"""What logs taught, compressed: it is read and written whole once a run."""

from __future__ import annotations

import zlib

import msgspec

from homeroom.engines.protect.enrich.learned_behavior import LearnedBehavior

_LEVEL = 1


class _Stored(msgspec.Struct):
    rows: list[tuple[str, str, str, int, bytes]]
    volumes: dict[str, dict[int, int]]
    volume_start: int | None
    entries: dict[str, dict[int, int]]


def pack_learned(learned: LearnedBehavior) -> bytes:
    """Return what was learned as bytes."""
    rows = [
        (aspect, subject, value, first, bits.to_bytes((bits.bit_length() + 7) // 8, "little"))
        for aspect, subject, value, first, bits in learned.iter_rows()
    ]
    stored = _Stored(rows=rows, volumes=learned.volumes, volume_start=learned.volume_start, entries=learned.entries)
    return zlib.compress(msgspec.msgpack.encode(stored), _LEVEL)


def unpack_learned(packed: bytes) -> LearnedBehavior:
    """Return what was learned from bytes; nothing from none."""
    learned = LearnedBehavior()
    if packed:
        stored = msgspec.msgpack.decode(zlib.decompress(packed), type=_Stored)
        for aspect, subject, value, first, bits in stored.rows:
            learned.add_row(aspect, subject, value, first, int.from_bytes(bits, "little"))
        learned.volumes, learned.volume_start = stored.volumes, stored.volume_start
        learned.entries = stored.entries
    return learned
