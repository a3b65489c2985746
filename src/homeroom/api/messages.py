"""Bodies of machines: read within limits, searched for their credential, and decoded only after that was checked."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from itertools import islice
from typing import Any

import msgspec
from django.http import HttpRequest

from homeroom.ingest.json_files.nesting import decode_json

MAX_LEVELS = 16
"""Levels of one message; an agent's have five."""
MAX_VALUES = 500_000
"""Values of one message; the programs of one computer are some ten thousand."""
_MAX_CREDENTIALS = 4  # that are looked up of one message
_RATIO, _FREE_BYTES = 50, 256 << 10  # how much a packed message may grow; reports of programs grow tenfold


class MessageTooLarge(ValueError):
    """A message is larger than any agent sends."""


class MessageInvalid(ValueError):
    """A message is no JSON object."""


def read_message(request: HttpRequest, *, most_bytes: int) -> bytes:
    """Return the posted text, unpacked if it is gzip, but do not decode it.

    Raise MessageTooLarge or MessageInvalid. A length that the request states is believed before anything is read.
    """
    stated = request.META.get("CONTENT_LENGTH") or ""
    if stated.isdecimal() and int(stated) > most_bytes:
        raise MessageTooLarge
    body = request.read(most_bytes + 1)
    if request.headers.get("Content-Encoding", "").lower() == "gzip":
        body = _decompress(body, most_bytes=most_bytes)
    if len(body) > most_bytes:
        raise MessageTooLarge
    text = body.strip()
    if not (text.startswith(b"{") and text.endswith(b"}")):
        raise MessageInvalid("no JSON object")
    return text


def list_credentials(text: bytes, *, name: str) -> tuple[str, ...]:
    """Return the texts with this name anywhere in a message: the first of them, without decoding it.

    They are only candidates: only the decoded message shows which is at its top.
    """
    pattern = re.compile(rb'"' + re.escape(name.encode()) + rb'"[ \t\r\n]*:[ \t\r\n]*"([\w.~+/=-]{1,128})"', re.ASCII)
    values = islice(pattern.finditer(text), _MAX_CREDENTIALS)
    return tuple(dict.fromkeys(match[1].decode("ascii") for match in values))


def decode_message(text: bytes) -> Mapping[str, Any]:
    """Return the JSON object that a message is; raise MessageTooLarge or MessageInvalid."""
    if text.count(b",") > MAX_VALUES:
        raise MessageTooLarge
    try:
        message: dict[str, Any] = decode_json(text, type=dict[str, Any], max_levels=MAX_LEVELS)
    except (ValueError, msgspec.DecodeError, RecursionError):
        raise MessageInvalid("no JSON object") from None
    return message


def _decompress(body: bytes, *, most_bytes: int) -> bytes:
    most_bytes = min(most_bytes, _FREE_BYTES + _RATIO * len(body))
    decompressor = zlib.decompressobj(wbits=31)
    try:
        content = decompressor.decompress(body, most_bytes + 1)
    except zlib.error:
        raise MessageInvalid("no gzip") from None
    if len(content) > most_bytes:
        raise MessageTooLarge
    if not decompressor.eof:
        raise MessageInvalid("no whole gzip")
    return content
