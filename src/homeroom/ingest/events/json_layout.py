"""Whether JSON is written one value a line, or across lines."""

from __future__ import annotations

from typing import Any

from homeroom.ingest.json_files.nesting import decode_json

_HEADING = b"Record "  # before each record of evtx_dump


def is_json(head: bytes) -> bool:
    """Check whether a text may be JSON."""
    text = head.lstrip()
    return text.startswith((b"{", b"[", _HEADING)) or b'\n{"' in head


def has_json_lines(head: bytes) -> bool:
    """Check whether the beginning of a text has a value on each line.

    A list in one line alone is no line: its items are numbered. A damaged first line is one if another line is whole.
    """
    lines = [line.strip() for line in head.split(b"\n")]
    lines = [line for line in lines if line]
    if not lines or lines[0].startswith(_HEADING):
        return False
    if lines[0][:1] not in (b"{", b"["):
        return any(map(_is_object, lines))
    if _decode(lines[0]) is not None:
        return lines[0][:1] == b"{" or any(line[:1] in (b"{", b"[") for line in lines[1:2])
    return lines[0][:1] == b"{" and any(map(_is_object, head.split(b"\n")[1:]))


def _is_object(line: bytes) -> bool:
    return line.startswith(b'{"') and isinstance(_decode(line), dict)


def _decode(line: bytes) -> Any:
    try:
        return decode_json(line)
    except (ValueError, RecursionError):
        return None
