"""One chunk of an EVTX file: its records, which are read though others among them are damaged.

The parser gives up where a record does not begin as one, and loses the whole chunk where a table of it is damaged. So
the chunk is walked here first: what lies between two records that are whole becomes a record without content, and each
record gets its place as its number, by which it is recognized again. The layout is that of libevtx's documentation.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import evtx
import msgspec

from homeroom.ingest.events.evtx_expansion import MAX_EXPANDED, find_expanding_records
from homeroom.ingest.events.records import Broken, Record
from homeroom.ingest.json_files.nesting import MAX_NESTING

CHUNK_MAGIC, CHUNK = b"ElfChnk\0", 1 << 16
_RECORD_MAGIC, _RECORDS = b"\x2a\x2a\0\0", 512
_RECORD_HEAD, _SMALLEST = 24, 32
_TABLES = slice(128, 512)  # where common names and templates are; they can also be read from the records
_NUMBERS, _CHECKED = struct.Struct("<QQQQ"), slice(0, 120)
_WITHOUT_CHECKSUM = 2  # a flag of a chunk
_FILLER = 1 << 48  # numbers from here on are of records without content
_NAMED = re.compile(r"record(?: id| number)? (\d+)")
_LONGEST_REASON = 200


@dataclass(kw_only=True)
class _Layout:
    """The records of a chunk by number, and what lies between them."""

    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    gaps: list[tuple[int, int, int]] = field(default_factory=list)  # (first byte, end, records before it)
    end: int = _RECORDS


def read_chunk(block: bytes, ordinal: int) -> Iterator[Record | Broken]:
    """Yield the records of a chunk, which may be cut off, and what could not be read of it."""
    chunk = bytearray(block.ljust(CHUNK, b"\0"))
    layout = _find_records(chunk, has_end=_has_whole_head(chunk))
    first = _NUMBERS.unpack_from(chunk, 8)[2]
    is_damaged = _has_other_checksum(chunk)
    results = _parse_records(chunk, layout)
    gaps = {before: (end - start) for start, end, before in layout.gaps}
    following = first if first < _FILLER else 0  # the number that the next record should have
    for index, (number, result) in enumerate(zip(layout.numbers, results, strict=True)):
        if index in gaps:
            yield _build_gap(ordinal, gaps[index], following)
        if isinstance(result, str):
            is_damaged = False
            following = max(following, number)
            reason = f"the record in chunk {ordinal} is damaged: {result[:_LONGEST_REASON]}"
            yield Broken(number=following, reason=reason)
        else:
            following = _get_own_number(result[0], number)
            yield Record(number=following, value=result[0], size=result[1])
        following += 1
    if len(layout.numbers) in gaps:
        yield _build_gap(ordinal, gaps[len(layout.numbers)], following)
    elif is_damaged and not gaps:
        reason = f"the checksum of chunk {ordinal} does not fit: one of its records is not as it was written"
        yield Broken(number=first if first < _FILLER else 0, reason=reason)


def _build_gap(ordinal: int, size: int, number: int) -> Broken:
    reason = f"chunk {ordinal} is torn: {size:,} bytes are no record"
    return Broken(number=number, reason=reason)


def _has_whole_head(chunk: bytearray) -> bool:
    """Check whether the chunk's head is as it was written, so that the end it names is right."""
    (checksum,) = struct.unpack_from("<I", chunk, 124)
    return bool(zlib.crc32(chunk[_TABLES], zlib.crc32(chunk[_CHECKED])) == checksum)


def _has_other_checksum(chunk: bytearray) -> bool:
    end, checksum = struct.unpack_from("<II", chunk, 48)
    (flags,) = struct.unpack_from("<I", chunk, 120)
    if flags & _WITHOUT_CHECKSUM:
        return False
    return not _RECORDS <= end <= CHUNK or zlib.crc32(chunk[_RECORDS:end]) != checksum


def _find_records(chunk: bytearray, *, has_end: bool) -> _Layout:
    """Walk the records up to the end that the head names, or up to the last that is whole."""
    (end,) = struct.unpack_from("<I", chunk, 48)
    is_certain = has_end and _RECORDS <= end <= CHUNK
    end = end if is_certain else CHUNK
    layout, at = _Layout(), _RECORDS
    while at < end:
        size = _measure_record(chunk, at, end)
        if size:
            layout.starts.append(at)
            layout.numbers.append(struct.unpack_from("<Q", chunk, at + 8)[0])
            at += size
            layout.ends.append(at)
            layout.end = at
            continue
        following = _find_next(chunk, at, end)
        if following < 0:
            if is_certain or any(chunk[at:end]):
                layout.gaps.append((at, end, len(layout.starts)))
            break
        layout.gaps.append((at, following, len(layout.starts)))
        at = following
    return layout


def _measure_record(chunk: bytearray, at: int, end: int) -> int:
    """Return the size of the record that begins there, 0 if none does."""
    if chunk[at : at + 4] != _RECORD_MAGIC or at + _SMALLEST > end:
        return 0
    (size,) = struct.unpack_from("<I", chunk, at + 4)
    if not _SMALLEST <= size <= end - at:
        return 0
    (copy,) = struct.unpack_from("<I", chunk, at + size - 4)
    return size if copy == size else 0


def _find_next(chunk: bytearray, at: int, end: int) -> int:
    """Return where the next whole record begins that leaves room for one without content before it, else -1."""
    following = at + _SMALLEST - 1
    while (following := chunk.find(_RECORD_MAGIC, following + 1, end)) >= 0:
        if _measure_record(chunk, following, end):
            return following
    return -1


type _Result = tuple[Any, int] | str
"""A decoded record and its size, or why there is none."""


def _parse_records(chunk: bytearray, layout: _Layout) -> list[_Result]:
    """Return each record in its order."""
    count = len(layout.starts)
    if not count:
        return []
    for index, at in enumerate(layout.starts):
        struct.pack_into("<Q", chunk, at + 8, index + 1)
    for index, (start, end, _) in enumerate(layout.gaps):
        if end < layout.end:
            _write_filler(chunk, start, end - start, index)
    _NUMBERS.pack_into(chunk, 8, 1, _FILLER * 2, 1, _FILLER * 2)
    struct.pack_into("<II", chunk, 44, layout.starts[-1], layout.end)
    if not _has_finite_tables(chunk):
        chunk[_TABLES] = bytes(_TABLES.stop - _TABLES.start)
    refused = find_expanding_records(bytes(chunk), zip(layout.starts, layout.ends, strict=True))
    for index in refused:
        chunk[layout.starts[index] + _RECORD_HEAD] = 0
    results = _parse_mended(chunk, layout)
    for index in refused:
        results[index] = f"it would become larger than {MAX_EXPANDED >> 20} MB"
    return results


def _parse_mended(chunk: bytearray, layout: _Layout) -> list[_Result]:
    """Return each record of a chunk that the parser can read from its begin to its end."""
    count = len(layout.starts)
    results = _run_parser(bytes(chunk), count)
    if any(isinstance(result, str) for result in results):
        chunk[_TABLES] = bytes(_TABLES.stop - _TABLES.start)
        results = _choose_better(results, _run_parser(bytes(chunk), count))
    missing = [index for index, result in enumerate(results) if isinstance(result, str)]
    for index in missing if len(missing) > 1 else ():
        alone = bytearray(chunk)
        for other in missing:
            if other != index:
                alone[layout.starts[other] + _RECORD_HEAD] = 0
        results = _choose_better(results, [*_run_parser(bytes(alone), count, only=index)])
    return results


def _has_finite_tables(chunk: bytearray) -> bool:
    """Check whether each chain of names and templates ends; the parser would follow a circle forever."""
    seen: set[int] = set()
    for (start,) in struct.iter_unpack("<I", chunk[_TABLES]):
        at = start
        while at:
            if at in seen or not _RECORDS <= at <= CHUNK - 4:
                return False
            seen.add(at)
            (at,) = struct.unpack_from("<I", chunk, at)
    return True


def _choose_better(results: list[_Result], others: list[_Result]) -> list[_Result]:
    return [other if isinstance(result, str) else result for result, other in zip(results, others, strict=True)]


def _write_filler(chunk: bytearray, at: int, size: int, index: int) -> None:
    """Write the head and the end of a record whose content ends at once."""
    chunk[at : at + _RECORD_HEAD] = struct.pack("<4sIQQ", _RECORD_MAGIC, size, _FILLER + index, 0)
    chunk[at + _RECORD_HEAD] = 0
    struct.pack_into("<I", chunk, at + size - 4, size)


def _run_parser(chunk: bytes, count: int, only: int | None = None) -> list[_Result]:
    """Return the parser's result for each record of a mended chunk, or only for one of them."""
    results: list[_Result] = ["it cannot be parsed"] * count
    errors = 0
    try:
        records = evtx.PyEvtxParser(io.BytesIO(_FILE_HEAD + chunk), number_of_threads=1).records_json()
        while errors <= 2 * count + 64:  # an error of a parser that makes no progress does not end it
            try:
                record = cast("dict[str, Any]", next(records))
            except StopIteration:
                break
            except RuntimeError as error:
                errors += 1
                _note_error(results, str(error))
                continue
            index = record["event_record_id"] - 1
            if 0 <= index < count and only in (None, index):
                results[index] = _decode_record(record["data"])
    except BaseException as error:
        # A panic of the parser is neither an Exception nor more than this chunk.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        results = [str(error) if isinstance(result, str) else result for result in results]
    return results


def _note_error(results: list[_Result], reason: str) -> None:
    named = _NAMED.search(reason)
    index = int(named[1]) - 1 if named else -1
    if 0 <= index < len(results) and isinstance(results[index], str):
        results[index] = reason
    elif index < 0:
        results[:] = [reason if isinstance(result, str) else result for result in results]


def _decode_record(text: str) -> _Result:
    if text.count("{") + text.count("[") > MAX_NESTING:
        return f"it is nested deeper than {MAX_NESTING} levels"
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        return str(error)
    if not isinstance(document, dict) or not isinstance(document.get("Event"), dict):
        return "it holds no event"
    return document, len(text)


def _get_own_number(document: Any, number: int) -> int:
    """Return the EventRecordID that the event itself names; exports of a part of a log number their records from 1."""
    system = document["Event"].get("System")
    own = system.get("EventRecordID") if isinstance(system, dict) else None
    return own if isinstance(own, int) and not isinstance(own, bool) else number


def _build_file_head() -> bytes:
    head = struct.pack("<8sQQQIHHHH", b"ElfFile\0", 0, 0, _FILLER * 2, 128, 1, 3, 4096, 1).ljust(120, b"\0")
    return (head + struct.pack("<II", 0, zlib.crc32(head))).ljust(4096, b"\0")


_FILE_HEAD = _build_file_head()
