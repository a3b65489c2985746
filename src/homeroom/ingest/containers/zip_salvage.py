"""Members of a zip whose directory is lost, since its end was cut: those that are whole, by their local headers.

Source of the layout: PKWARE's APPNOTE 6.3.10, section 4.3.7. A member counts only if its checksum is right.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from homeroom.ingest.contract.limits import KIB, MIB, Limits

_LOCAL = b"PK\x03\x04"
_DESCRIPTOR = b"PK\x07\x08"
_HEADER = struct.Struct("<4s5H3I2H")
_ENCRYPTED, _HAS_DESCRIPTOR, _UTF8_NAME = 0x1, 0x8, 0x800
_STORED, _DEFLATED = 0, 8
_BLOCK = 64 * KIB
_MAX_SALVAGED = 256 * MIB
"""Bytes of a cut zip, packed and unpacked, that are looked through."""


@dataclass(frozen=True, kw_only=True)
class WholeMember:
    """A member that is whole: where its packed bytes begin, how many they are, and its size unpacked."""

    name: str
    start: int
    packed: int
    size: int
    is_stored: bool


def find_whole_members(path: Path, *, limits: Limits) -> tuple[WholeMember, ...]:
    """Return the whole members from the beginning of the zip on, up to the first that is not."""
    if path.stat().st_size > _MAX_SALVAGED:
        return ()
    data, members = memoryview(path.read_bytes()), dict[str, WholeMember]()
    position = total = 0
    while position + _HEADER.size <= len(data) and len(members) < limits.members:
        header = _HEADER.unpack_from(data, position)
        signature, _, flags, method, _, _, checksum, packed, _, name_length, extra_length = header
        start = position + _HEADER.size + name_length + extra_length
        if signature != _LOCAL or flags & _ENCRYPTED or method not in (_STORED, _DEFLATED) or start > len(data):
            break
        has_descriptor = bool(flags & _HAS_DESCRIPTOR)
        if method == _STORED:
            measured = None if has_descriptor else _Measured(packed, packed, zlib.crc32(data[start : start + packed]))
        else:
            measured = _measure_deflated(data, start=start, max_size=_MAX_SALVAGED - total)
        if measured is None:
            break
        end = start + measured.packed
        if has_descriptor:
            end += 4 if data[end : end + 4] == _DESCRIPTOR else 0
            checksum, end = int.from_bytes(data[end : end + 4], "little"), end + 12
        raw_name = bytes(data[position + _HEADER.size : position + _HEADER.size + name_length])
        name = raw_name.decode("utf-8" if flags & _UTF8_NAME else "cp437", "replace")
        if end > len(data) or measured.checksum != checksum or name in members:
            break
        members[name] = WholeMember(
            name=name, start=start, packed=measured.packed, size=measured.size, is_stored=method == _STORED
        )
        position, total = end, total + measured.size
    return tuple(members.values())


class _Measured(NamedTuple):
    packed: int
    size: int
    checksum: int


def _measure_deflated(data: memoryview, *, start: int, max_size: int) -> _Measured | None:
    """Return the sizes and the checksum of a member, or None if it is cut, damaged or larger than `max_size`."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    position, size, checksum = start, 0, 0
    try:
        while not unpacker.eof and position < len(data):
            block = unpacker.unconsumed_tail or data[position : position + _BLOCK]
            position += 0 if unpacker.unconsumed_tail else len(block)
            text = unpacker.decompress(block, _BLOCK * 16)
            size, checksum = size + len(text), zlib.crc32(text, checksum)
            if size > max_size:
                return None
        while not unpacker.eof and unpacker.unconsumed_tail and size <= max_size:
            text = unpacker.decompress(unpacker.unconsumed_tail, _BLOCK * 16)
            size, checksum = size + len(text), zlib.crc32(text, checksum)
    except zlib.error:
        return None
    if not unpacker.eof or size > max_size:
        return None
    return _Measured(position - len(unpacker.unused_data) - start, size, checksum)


@contextmanager
def open_member_at(path: Path, member: WholeMember) -> Iterator[BinaryIO]:
    """Open a member that was found to be whole."""
    with path.open("rb") as stream:
        stream.seek(member.start)
        packed = stream.read(member.packed)
    yield io.BytesIO(packed if member.is_stored else zlib.decompress(packed, -zlib.MAX_WBITS))
