"""JSON that spans lines: lists, pages, and objects one after another, each record read though others are damaged.

The text is scanned for brackets and strings only; each record is then decoded by itself. After a damaged record the
scan goes on where the next one begins as the others do: with the same first names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from homeroom.ingest.contract.limits import Limits
from homeroom.ingest.events.json_lines import ENVELOPES, decode_record, list_rows
from homeroom.ingest.events.records import Broken, Record

_TOKEN = re.compile(rb'"(?:[^"\\\n]++|\\[^\n])*+"|[{}\[\]]|"')
_BLANK = re.compile(rb"[\s,\x00]*")
_HEADING = re.compile(rb"\s*Record \d+[ \t\r]*(?=\n|\Z)")
_SCALAR = re.compile(rb"[^,\]\[{}\n]+")
_ENVELOPE = re.compile(rb"\s*:\s*(?=\[)")
_NAMES = frozenset(f'"{name}"'.encode() for name in ENVELOPES)
_START = re.compile(
    rb'\{(\s*)("(?:[^"\\\n]|\\[^\n]){1,80}+")\s*:(?:\s*(?:"(?:[^"\\\n]++|\\[^\n])*+"|[\w.+-]+)\s*,\s*("(?:[^"\\\n]|\\[^\n]){1,80}+")\s*:)?'
)
_VALUE = rb'\s*:\s*(?:"(?:[^"\\\n]++|\\[^\n])*+"|[\w.+-]+)\s*,\s*'
_BETWEEN = b", \t\r\n"
_OPENS, _QUOTE = b"{[", b'"'
_NEED_MORE, _TORN = -1, -2
_OVERLAP = 4096  # bytes in which a beginning may be cut by the end of a block
_ANY_START = re.compile(rb'\n(\{\s*")')
_MAX_SEARCHES = 10_000  # damaged records of one file after which the rest is one more


class _Text:
    """The part of the text that is held: from the record that is read up to the last block."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = iter(blocks)
        self.data = b""
        self.at = 0
        self.is_end = False

    def read_more(self) -> bool:
        """Append at least as much as is held; return whether there was more."""
        pieces, size = [self.data[self.at :]], 0
        held = len(pieces[0])
        while size <= held and (block := next(self._blocks, b"")):
            pieces.append(block)
            size += len(block)
        self.data, self.at = b"".join(pieces), 0
        self.is_end = size == 0
        return size > 0

    def skip(self, pattern: re.Pattern[bytes]) -> None:
        """Go on behind the text that matches here."""
        while True:
            match = pattern.match(self.data, self.at)
            if match is None or (match.end() == len(self.data) and self.read_more()):
                if match is None:
                    return
                continue
            self.at = match.end()
            return


class JsonDocuments:
    """One reading of a text; iterate over it once. Records are numbered from 1."""

    def __init__(self, blocks: Iterable[bytes], *, limits: Limits) -> None:
        self._text = _Text(blocks)
        self._limits = limits
        self._number = 0
        self._searches = 0
        self._pattern: re.Pattern[bytes] | None = None
        self._is_out_of_step = False

    def __iter__(self) -> Iterator[Record | Broken]:
        text = self._text
        while True:
            text.skip(_BLANK)
            if text.at >= len(text.data):
                return
            text.skip(_HEADING)
            text.skip(_BLANK)
            start = text.data[text.at : text.at + 1]
            if start == b"[":
                text.at += 1
                yield from self._iter_list()
            elif start == b"{":
                yield from self._iter_object()
            elif start:
                yield from self._pass_scalar()

    def _iter_object(self) -> Iterator[Record | Broken]:
        """Yield the records of a page, or the object itself."""
        text = self._text
        if guess := self._guess_record():
            yield guess
            return
        while True:
            end, inner = _scan_object(text.data, text.at)
            if inner or end != _NEED_MORE or len(text.data) - text.at > self._limits.row or not text.read_more():
                break
        if not inner:
            yield from self._take_record(end)
            return
        text.at = inner + 1
        yield from self._iter_list()
        while (end := _find_end(text.data, text.at, level=1)) == _NEED_MORE:
            if len(text.data) - text.at > self._limits.row or not text.read_more():
                yield self._break("the page is cut off")
                text.at = len(text.data)
                return
        text.at = end if end > 0 else text.at + 1

    def _iter_list(self) -> Iterator[Record | Broken]:
        text = self._text
        while True:
            text.skip(_BLANK)
            start = text.data[text.at : text.at + 1]
            if not start:
                if not self._is_out_of_step:
                    yield self._break("the list is cut off")
                return
            if start == b"]":
                text.at += 1
                return
            if start not in (b"{", b"["):
                yield from self._pass_scalar()
                continue
            if guess := self._guess_record():
                yield guess
                continue
            while (end := _find_end(text.data, text.at)) == _NEED_MORE:
                if len(text.data) - text.at > self._limits.row or not text.read_more():
                    break
            yield from self._take_record(end)

    def _guess_record(self) -> Record | None:
        """Return the record up to where the next one seems to begin, if that is one; so most need no scan."""
        text = self._text
        following = self._pattern.search(text.data, text.at + 1) if self._pattern else None
        if following is None:
            return None
        record = text.data[text.at : following.start(1)].rstrip(_BETWEEN)
        if not record.endswith(b"}"):
            return None
        result = decode_record(record, number=self._number + 1, limits=self._limits)
        if not isinstance(result, Record) or list_rows(result.value) is not None:
            return None
        self._number += 1
        text.at += len(record)
        return result

    def _take_record(self, end: int) -> Iterator[Record | Broken]:
        """Yield the record up to there, or what is wrong with it, and go on behind it."""
        text = self._text
        if end > 0:
            self._number += 1
            record = text.data[text.at : end]
            result = decode_record(record, number=self._number, limits=self._limits)
            yield result
            if isinstance(result, Record):
                self._pattern = self._pattern or _build_pattern(text.data, text.at)
                text.at = end
                return
            inner = self._search(text.at + 1, end)
            text.at = inner if inner > 0 else end
            return
        if end == _TORN:
            yield self._break("is no JSON: a bracket or quote is missing")
        else:
            is_long = len(text.data) - text.at > self._limits.row
            yield self._break(f"more than {self._limits.row:,} bytes" if is_long else "the record is cut off")
        self._find_next_record()

    def _break(self, reason: str) -> Broken:
        self._number += 1
        return Broken(number=self._number, reason=reason)

    def _pass_scalar(self) -> Iterator[Broken]:
        """Pass what is neither an object nor a list."""
        yield self._break("is no record")
        text = self._text
        text.at += 1
        text.skip(_SCALAR)

    def _search(self, start: int, end: int | None = None) -> int:
        """Return where a record begins as the others do, -1 if none does."""
        self._searches += 1
        if self._searches > _MAX_SEARCHES:
            return -1
        pattern = self._pattern or _build_pattern(self._text.data, self._text.at) or _ANY_START
        match = pattern.search(self._text.data, start, len(self._text.data) if end is None else end)
        return match.start(1) if match else -1

    def _find_next_record(self) -> None:
        """Go on where the next record begins, or at the end; how many lists are open there is not certain."""
        text = self._text
        self._is_out_of_step = True
        self._pattern = self._pattern or _build_pattern(text.data, text.at)
        start = text.at + 1
        while (place := self._search(start)) < 0:
            text.at = max(start, len(text.data) - _OVERLAP)
            start = 0
            if not text.read_more():
                text.at = len(text.data)
                return
        text.at = place


def _build_pattern(data: bytes, at: int) -> re.Pattern[bytes] | None:
    """Return what the beginning of a record looks like: its first two names, and the space around them."""
    match = _START.match(data, at)
    if match is None:
        return None
    line = data[max(0, data.rfind(b"\n", 0, at)) : at]
    before = re.escape(line) if line.startswith(b"\n") and line.isspace() else rb"[\s,\[}\]]"
    second = _VALUE + re.escape(match[3]) if match[3] else b""
    return re.compile(before + rb"(\{" + re.escape(match[1]) + re.escape(match[2]) + second + rb")")


def _find_end(data: bytes, at: int, level: int = 0) -> int:
    """Return the end of the value that begins there, or that its end is not read yet, or that it is torn."""
    stack = [b"}"] * level
    for match in _TOKEN.finditer(data, at):
        token = match.group()
        first = token[:1]
        if first == _QUOTE:
            if len(token) == 1:
                return _TORN if data.find(b"\n", match.end()) >= 0 else _NEED_MORE
        elif first in _OPENS:
            stack.append(b"}" if first == b"{" else b"]")
        elif not stack or stack.pop() != first:
            return _TORN
        elif not stack:
            return match.end()
    return _NEED_MORE


def _scan_object(data: bytes, at: int) -> tuple[int, int]:
    """Return the end of an object as `_find_end`, and where its list of records begins, 0 if it has none."""
    level = 0
    for match in _TOKEN.finditer(data, at):
        token = match.group()
        first = token[:1]
        if first == _QUOTE:
            if level == 1 and token in _NAMES and (colon := _ENVELOPE.match(data, match.end())):
                return _NEED_MORE, colon.end()
            if len(token) == 1:
                break
        else:
            level += 1 if first in _OPENS else -1
            if not level:
                break
    return _find_end(data, at), 0
