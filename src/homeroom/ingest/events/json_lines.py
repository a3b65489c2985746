"""JSON lines: one value a line, ended by a line feed and nothing else, each read though others are damaged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from homeroom.ingest.contract.limits import Limits
from homeroom.ingest.events.records import Broken, Record
from homeroom.ingest.json_files.nesting import MAX_NESTING, NestedTooDeep, check_nesting

ENVELOPES = ("items", "value", "records")
"""Names of the lists that pages of Google, of Graph, and of diagnostic settings hold their records in."""
_BLANKS = b" \t\r\n\x0b\x0c"
_SHOWN = 120  # characters of a decoder's reason
_DECODER = msgspec.json.Decoder()


def iter_json_lines(blocks: Iterable[bytes], *, limits: Limits) -> Iterator[Record | Broken]:
    """Yield the record of each line, numbered by the line; of a line that holds a page or list, each of its items.

    Such items are numbered through the file.
    """
    items = 0
    for number, line in _iter_lines(blocks, max_bytes=limits.row):
        if line is None:
            yield Broken(number=number, reason=f"a line of more than {limits.row:,} bytes")
            continue
        if not line or line.isspace():
            continue
        result = decode_record(line, number=number, limits=limits)
        rows = list_rows(result.value) if isinstance(result, Record) else None
        if rows is None:
            yield result
            continue
        for row in rows:
            items += 1
            yield Record(number=items, value=row, size=len(line))


def list_rows(value: Any) -> list[Any] | None:
    """Return the items of a list or of a page; None if the value is neither."""
    if isinstance(value, list):
        return value
    for name in ENVELOPES if isinstance(value, dict) else ():
        rows = value.get(name)
        if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
            return rows
    return None


def decode_record(text: bytes, *, number: int, limits: Limits) -> Record | Broken:
    """Return the decoded record, or why it is none."""
    try:
        if text.count(b"{") + text.count(b"[") > MAX_NESTING:  # so few lines have so many that counting is enough
            check_nesting(text)
        value = _DECODER.decode(text)
    except NestedTooDeep as error:
        return Broken(number=number, reason=f"the record {error}")
    except (msgspec.DecodeError, UnicodeError, RecursionError, ValueError) as error:
        return Broken(number=number, reason=f"is no JSON: {str(error)[:_SHOWN]}")
    if len(text) > limits.field and _has_long_text(value, limits.field):
        return Broken(number=number, reason=f"a field of more than {limits.field:,} characters")
    return Record(number=number, value=value, size=len(text))


def _has_long_text(value: Any, longest: int) -> bool:
    pending = [value]
    while pending:
        value = pending.pop()
        if isinstance(value, str) and len(value) > longest:
            return True
        if isinstance(value, dict):
            pending.extend(value)
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
    return False


def _iter_lines(blocks: Iterable[bytes], *, max_bytes: int) -> Iterator[tuple[int, bytes | None]]:
    """Yield each line with its number; None for one that is too long, which is never held."""
    number, size = 1, 0
    rest: list[bytes] = []
    for block in blocks:
        pieces = block.split(b"\n")
        for piece in pieces[:-1]:
            if rest or size:
                size += len(piece)
                yield number, b"".join([*rest, piece]) if size <= max_bytes else None
                rest, size = [], 0
            else:
                yield number, piece if len(piece) <= max_bytes else None
            number += 1
        size += len(pieces[-1])
        rest = [*rest, pieces[-1]] if size <= max_bytes else []
    if size:
        yield number, b"".join(rest) if size <= max_bytes else None
