"""Repair of a JSON file that the strict reader refuses: which objects are broken, and where to cut them out.

Nothing is guessed within an object of a list: it is as sound as the strict reader demands, or it is lost. Only where no
object can be left out, as in a report, are values repaired (`homeroom.ingest.json_files.value_repair`). A file that was
repaired is read by the strict reader once more, so a wrong repair refuses the file and never loads something else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from homeroom.ingest.contract.limits import Limits
from homeroom.ingest.files.byte_source import ByteGap, ByteSource, iter_blocks
from homeroom.ingest.json_files.damage import Damage, LostObject, NotRepairable, PageLists, mask_excerpt
from homeroom.ingest.json_files.document_scan import BYTES_AS_ESCAPES, DocumentScan, explain_fault, is_cut_at
from homeroom.ingest.json_files.strict_values import STRICT, has_no_lone_surrogate
from homeroom.ingest.json_files.value_repair import ValueRepair

_SAMPLE_LINES = 50
_MAX_LOST = 10_000
"""Broken lines that are counted before a file is given up."""
_MANY = 4
"""How many times the values that one object may have a file has at most."""
_LINE_FITS = "use one whole JSON object"


def find_damage(origin: ByteSource, *, head: bytes, mark_length: int, limits: Limits, page_lists: PageLists) -> Damage:
    """Find the damage of a file of UTF-8 whose first bytes are `head`, by line if each line is an object.

    Raise NotRepairable.
    """
    if _is_by_line(head[mark_length:], page_lists):
        return _find_damaged_lines(origin, mark_length=mark_length, limits=limits)
    text = _read_text(origin, mark_length=mark_length, limits=limits)
    return DocumentScan(text, offset=mark_length, page_lists=page_lists).find_damage()


def find_value_damage(origin: ByteSource, *, mark_length: int, limits: Limits) -> Damage:
    """Find what can be repaired within the values of a file of UTF-8 that is one document. Raise NotRepairable."""
    if origin.size > limits.row:
        raise NotRepairable
    text = _read_text(origin, mark_length=mark_length, limits=limits)
    return ValueRepair(text, offset=mark_length).find_damage()


def _read_text(origin: ByteSource, *, mark_length: int, limits: Limits) -> str:
    """Return the text of a file that takes not too much memory. Raise NotRepairable."""
    if origin.size > limits.document:
        raise NotRepairable
    data = b"".join(iter_blocks(origin))
    if data.count(b",") > _MANY * limits.entries or data.count(b"[") + data.count(b"{") > _MANY * limits.entries:
        raise NotRepairable  # values that take far more memory than the file
    return data[mark_length:].decode("utf-8", BYTES_AS_ESCAPES)


def _is_by_line(head: bytes, page_lists: PageLists) -> bool:
    """Check whether most of the first lines are whole objects, and no pages of a list."""
    lines = [line for line in head.split(b"\n")[:_SAMPLE_LINES] if line.strip()]
    sound = [item for item in map(_parse_line, lines) if item is not None]
    if len(lines) < 2 or any(page_lists.count_rows(item) >= 0 for item in sound):
        return False
    is_first_sound = _parse_line(lines[0]) is not None
    return 2 * len(sound) > len(lines) or (is_first_sound and 2 * len(sound) >= len(lines))


def _parse_line(line: bytes) -> dict[str, Any] | None:
    try:
        item = STRICT.decode(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return item if isinstance(item, dict) else None


def _find_damaged_lines(origin: ByteSource, *, mark_length: int, limits: Limits) -> Damage:
    gaps: list[ByteGap] = []
    lost_objects: list[LostObject] = []
    ordinal, is_cut = 0, False
    for number, (start, line) in enumerate(_iter_lines(origin, mark_length=mark_length, limits=limits), start=1):
        text = line.decode("utf-8", BYTES_AS_ESCAPES)
        if not text.strip(" \t\r\n"):
            continue
        count, fault = _check_line(text)
        ordinal += count if fault is None else 1
        if fault is None:
            continue
        if len(lost_objects) >= _MAX_LOST:
            raise NotRepairable
        has_end = line.endswith(b"\n")
        error_at = getattr(fault, "pos", 0)
        is_cut = not has_end and is_cut_at(text, fault)
        reason = "the file ends in the middle of this line" if is_cut else explain_fault(fault, at=error_at + 1)
        field, value = getattr(fault, "field", ""), getattr(fault, "value", "") or text[error_at:]
        lost_objects.append(
            LostObject(
                ordinal=ordinal,
                line=number,
                reason=f"{reason}; {_LINE_FITS}",
                field=field or None,
                value=mask_excerpt(value[:100]),
            )
        )
        gaps.append(ByteGap(start=start, end=start + len(line), replacement=b"\n" if has_end else b""))
    return Damage(
        gaps=tuple(gaps),
        lost_objects=tuple(lost_objects),
        sound_count=ordinal - len(lost_objects),
        is_cut=is_cut,
        by_line=True,
    )


def _check_line(text: str) -> tuple[int, ValueError | None]:
    """Return how many objects are in a line, and what is wrong with it, or None."""
    count, at = 0, len(text) - len(text.lstrip(" \t\r\n"))
    while at < len(text):
        try:
            item, end = STRICT.raw_decode(text, at)
        except RecursionError:
            return 0, ValueError("is nested too deep")
        except ValueError as error:
            return 0, error
        if not isinstance(item, dict):
            return 0, ValueError("is no object")
        if ("\\" in text or not text.isascii()) and not has_no_lone_surrogate(item):
            return 0, ValueError("half a letter (a lone surrogate), or a byte that is not UTF-8")
        count += 1
        at = end + len(text[end:]) - len(text[end:].lstrip(" \t\r\n"))
    return count, None


def _iter_lines(origin: ByteSource, *, mark_length: int, limits: Limits) -> Iterator[tuple[int, bytes]]:
    """Yield the lines with their ends, each with its first byte. Raise NotRepairable for one over the limit."""
    at, rest = 0, b""
    for block in iter_blocks(origin, size=limits.block):
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            skipped = mark_length if not at else 0
            yield at + skipped, line[skipped:] + b"\n"
            at += len(line) + 1
        if len(rest) > limits.row:
            raise NotRepairable
    if rest:
        yield at, rest
