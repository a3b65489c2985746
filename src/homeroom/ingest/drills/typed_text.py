"""Take what people typed into forms out of exports of gophish while they arrive, before any byte is on disk.

Entries of a timeline have their details as JSON in a text: in an export of a campaign as the value of `details`, in the
CSV of its events as a quoted cell. Of details with typed text the visitor remains, and a mark by which the event is
counted. All other bytes pass as they are. Packed files pass too: they are in an upload's folder until its load ends.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from homeroom.ingest.drills.gophish import OWN_FIELDS, strip_details

MARK = {"dropped": ["1"]}
"""Stands in a payload for what was typed: a reader counts it as a typed value."""
MAX_DETAILS = 4 << 20
"""Longer details are dropped as a whole, as far as they go."""
_TAIL = 64
_LONGEST_HEADER = 4_096
_JSON_START, _JSON_END = (
    re.compile(rb'"details"\s{0,8}:\s{0,8}"'),
    re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL),
)
_CSV_START, _CSV_END = re.compile(rb'[,\r\n]"(?=\{)'), re.compile(rb'[^"]*+(?:""[^"]*+)*+"(?!")')
_CSV_COLUMNS = (b"campaign_id", b"email", b"time", b"message", b"details")


class TypedTextRemover:
    """One file while it arrives. `removed` counts the details that lost typed text."""

    def __init__(self) -> None:
        self.removed = 0
        self._buffer = b""
        self._kind: str | None = None
        self._discarding = False

    def receive(self, data: bytes) -> bytes:
        """Return the bytes that may be stored now; some wait until what follows them is known."""
        self._buffer += data
        if self._kind is None:
            self._kind = _recognize(self._buffer)
        if self._kind is None:
            return b""
        if not self._kind:
            return self._take_all()
        return self._take_ready(is_last=False)

    def finish(self) -> bytes:
        """Return the remaining bytes; details that the end of the file cuts are dropped."""
        return self._take_ready(is_last=True) if self._kind else self._take_all()

    def _take_all(self) -> bytes:
        data, self._buffer = self._buffer, b""
        return data

    def _take_ready(self, *, is_last: bool) -> bytes:
        starts, ends = (_JSON_START, _JSON_END) if self._kind == "json" else (_CSV_START, _CSV_END)
        ready: list[bytes] = []
        while True:
            if self._discarding and not self._skip_to_end(is_last=is_last):
                return b"".join(ready)
            start = starts.search(self._buffer)
            if start is None:
                keep = 0 if is_last else _TAIL
                split = max(0, len(self._buffer) - keep)
                ready.append(self._buffer[:split])
                self._buffer = self._buffer[split:]
                return b"".join(ready)
            end = ends.match(self._buffer, start.end())
            is_open = end is None or (self._kind == "csv" and end.end() == len(self._buffer) and not is_last)
            if end is None or is_open:
                ready.append(self._buffer[: start.start()])
                self._buffer = self._buffer[start.start() :]
                if is_last or len(self._buffer) > MAX_DETAILS:
                    ready.append(self._open_discarded(start.end() - start.start()))
                if not self._discarding or is_last:
                    return b"".join(ready)
                continue
            literal = self._buffer[start.end() : end.end() - 1]
            ready += [self._buffer[: start.end()], self._clean(literal), b'"']
            self._buffer = self._buffer[end.end() :]

    def _open_discarded(self, start: int) -> bytes:
        """Return the start of details that are dropped, closed; what follows is skipped to their end."""
        opening = self._buffer[:start]
        self._buffer = self._buffer[start:]
        self._discarding = True
        self.removed += 1
        return opening + self._encode({"payload": MARK}) + b'"'

    def _skip_to_end(self, *, is_last: bool) -> bool:
        """Drop the rest of discarded details; return whether their end has come."""
        pattern = _JSON_END if self._kind == "json" else _CSV_END
        end = pattern.match(self._buffer)
        if end is not None and (self._kind == "json" or is_last or end.end() < len(self._buffer)):
            self._buffer = self._buffer[end.end() :]
            self._discarding = False
            return True
        odd = len(self._buffer) - len(self._buffer.rstrip(b'\\"' if self._kind == "json" else b'"'))
        self._buffer = b"" if is_last else self._buffer[len(self._buffer) - odd :]
        return False

    def _clean(self, literal: bytes) -> bytes:
        """Return details without typed text; those without any are returned as they are."""
        try:
            text = msgspec.json.decode(b'"' + literal + b'"') if self._kind == "json" else literal.replace(b'""', b'"')
            details = msgspec.json.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            is_suspicious = b"payload" in literal
            self.removed += is_suspicious
            return self._encode({"payload": MARK}) if is_suspicious else literal
        payload = details.get("payload") if isinstance(details, Mapping) else None
        if not payload or (isinstance(payload, Mapping) and payload.keys() <= set(OWN_FIELDS)):
            return literal
        self.removed += 1
        visitor, has_typed = strip_details(details)
        return self._encode({**(visitor or {}), **({"payload": MARK} if has_typed else {})})

    def _encode(self, details: Mapping[str, object]) -> bytes:
        text = msgspec.json.encode(details)
        return msgspec.json.encode(text.decode())[1:-1] if self._kind == "json" else text.replace(b'"', b'""')


def _recognize(head: bytes) -> str | None:
    """Return json or csv for what may be an export of gophish, else an empty text; None while that is not known."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] in (b"{", b"["):
        return "json"
    columns, line_end, _ = text.partition(b"\n")
    if not line_end and len(columns) < _LONGEST_HEADER:
        return None
    return "csv" if all(name in columns.lower() for name in _CSV_COLUMNS) else ""
