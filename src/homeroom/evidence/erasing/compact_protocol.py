"""Thrift's compact protocol, as the footers and page headers of Parquet files use it: read, skip and write structs.

A struct is a mapping from field numbers to types and values, in the order of the fields; a list has the type of its
items. What was read and is written again has the same bytes, or `read_struct` of it raises UnknownEncoding.
Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

Buffer = bytes | bytearray | memoryview
Struct = dict[int, tuple[int, Any]]
"""Fields by number: the type of a value (`Kind`) and the value."""


class Kind(IntEnum):
    """The types of fields and items."""

    TRUE = 1
    FALSE = 2
    BYTE = 3
    SHORT = 4
    INTEGER = 5
    LONG = 6
    DOUBLE = 7
    BINARY = 8
    LIST = 9
    STRUCT = 12


_NUMBERS = (Kind.SHORT, Kind.INTEGER, Kind.LONG)
_MAX_DELTA = 15
_LONG_LIST = 15
_MAX_DEPTH = 16


class UnknownEncoding(Exception):
    """Bytes are not of this protocol, or use a part of it that Parquet does not need."""


def read_struct(content: Buffer, position: int = 0, *, depth: int = 0) -> tuple[Struct, int]:
    """Return a struct and the position after it. Raise UnknownEncoding."""
    fields: Struct = {}
    number = 0
    if depth > _MAX_DEPTH:
        raise UnknownEncoding("structs are nested too deep")
    try:
        while header := content[position]:
            position += 1
            kind, delta = header & 0x0F, header >> 4
            if not delta:
                raise UnknownEncoding("a field has a number that its header does not give")
            number += delta
            value, position = _read_value(content, position, kind, depth)
            fields[number] = (kind, value)
    except (IndexError, ValueError) as error:
        raise UnknownEncoding("a struct ends early") from error
    return fields, position + 1


def skip_struct(content: Buffer, position: int) -> int:
    """Return the position after a struct. Raise UnknownEncoding."""
    while header := content[position]:
        position = skip_field(content, position + 1, header & 0x0F)
    return position + 1


def read_number(content: Buffer, position: int) -> tuple[int, int]:
    """Return a signed number and the position after it."""
    value, position = _read_varint(content, position)
    return (value >> 1) ^ -(value & 1), position


def read_list_header(content: Buffer, position: int) -> tuple[int, int, int]:
    """Return the type and number of the items of a list, and the position of the first."""
    header = content[position]
    position += 1
    size = header >> 4
    if size == _LONG_LIST:
        size, position = _read_varint(content, position)
    return header & 0x0F, size, position


def write_struct(fields: Struct) -> bytes:
    """Return the bytes of a struct whose fields are in order."""
    output = bytearray()
    _write_struct(output, fields)
    return bytes(output)


def write_number(value: int) -> bytes:
    """Return the bytes of a signed number."""
    output = bytearray()
    _write_varint(output, (value << 1) ^ (value >> 63))
    return bytes(output)


def write_list_header(kind: int, size: int) -> bytes:
    """Return the bytes before the items of a list."""
    if size < _LONG_LIST:
        return bytes([size << 4 | kind])
    output = bytearray([_LONG_LIST << 4 | kind])
    _write_varint(output, size)
    return bytes(output)


def _read_value(content: Buffer, position: int, kind: int, depth: int) -> tuple[Any, int]:
    if kind in _NUMBERS:
        return read_number(content, position)
    if kind == Kind.BINARY:
        size, position = _read_varint(content, position)
        return bytes(content[position : position + size]), position + size
    if kind in (Kind.TRUE, Kind.FALSE):
        return kind == Kind.TRUE, position
    if kind == Kind.STRUCT:
        return read_struct(content, position, depth=depth + 1)
    if kind == Kind.LIST:
        item_kind, size, position = read_list_header(content, position)
        items = []
        for _ in range(size):
            item, position = _read_item(content, position, item_kind, depth)
            items.append(item)
        return (item_kind, items), position
    if kind == Kind.BYTE:
        return content[position], position + 1
    if kind == Kind.DOUBLE:
        return bytes(content[position : position + 8]), position + 8
    raise UnknownEncoding(f"type {kind} is not used in Parquet")


def _read_item(content: Buffer, position: int, kind: int, depth: int) -> tuple[Any, int]:
    if kind in (Kind.TRUE, Kind.FALSE):
        return content[position], position + 1
    return _read_value(content, position, kind, depth)


def skip_field(content: Buffer, position: int, kind: int) -> int:
    """Return the position after a value of that type. Raise UnknownEncoding."""
    if kind in _NUMBERS:
        while content[position] & 0x80:
            position += 1
        return position + 1
    if kind == Kind.BINARY:
        size, position = _read_varint(content, position)
        return position + size
    if kind == Kind.STRUCT:
        return skip_struct(content, position)
    if kind in (Kind.TRUE, Kind.FALSE):
        return position
    if kind == Kind.LIST:
        item_kind, size, position = read_list_header(content, position)
        if item_kind in (Kind.TRUE, Kind.FALSE):
            return position + size
        for _ in range(size):
            position = skip_field(content, position, item_kind)
        return position
    if kind in (Kind.BYTE, Kind.DOUBLE):
        return position + (1 if kind == Kind.BYTE else 8)
    raise UnknownEncoding(f"type {kind} is not used in Parquet")


def _read_varint(content: Buffer, position: int) -> tuple[int, int]:
    byte = content[position]
    position += 1
    if byte < 0x80:
        return byte, position
    value, shift = byte & 0x7F, 7
    while True:
        byte = content[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7


def _write_struct(output: bytearray, fields: Struct) -> None:
    last = 0
    for number, (kind, value) in fields.items():
        if not 0 < number - last <= _MAX_DELTA:
            raise UnknownEncoding("fields are not in order")
        if kind in (Kind.TRUE, Kind.FALSE):
            kind = Kind.TRUE if value else Kind.FALSE
        output.append((number - last) << 4 | kind)
        last = number
        if kind not in (Kind.TRUE, Kind.FALSE):
            _write_item(output, kind, value)
    output.append(0)


def _write_item(output: bytearray, kind: int, value: Any) -> None:
    if kind in _NUMBERS:
        _write_varint(output, (value << 1) ^ (value >> 63))
    elif kind == Kind.BINARY:
        _write_varint(output, len(value))
        output += value
    elif kind == Kind.STRUCT:
        _write_struct(output, value)
    elif kind == Kind.LIST:
        item_kind, items = value
        output += write_list_header(item_kind, len(items))
        for item in items:
            _write_item(output, item_kind, item)
    elif kind == Kind.DOUBLE:
        output += value
    else:
        output.append(value)


def _write_varint(output: bytearray, value: int) -> None:
    while value > 0x7F:
        output.append(value & 0x7F | 0x80)
        value >>= 7
    output.append(value)
