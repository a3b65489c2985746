"""Encode a fetched page for the spool: its rows only, in the envelope that its reader expects."""

from __future__ import annotations

from typing import Any

import msgspec

from homeroom.ingest.remote.api_spec import Feed, FeedPage, Request, Response

_RAW = dict[str, msgspec.Raw]


def build_page(request: Request, response: Response, *, envelope: str) -> FeedPage:
    """Build the page of a response."""
    return FeedPage(request=request, response=response, envelope=envelope)


def is_complete_page(response: Response, *, envelope: str, may_lack: bool) -> bool:
    """Return whether a response is complete: JSON, with a list of rows where one belongs.

    A truncated page is not JSON.
    """
    try:
        document = response.document
    except ValueError:
        return False
    if may_lack and isinstance(document, dict) and envelope not in document:
        return True
    rows = document.get(envelope) if envelope and isinstance(document, dict) else document
    return isinstance(rows, list) or (may_lack and rows is None)


def encode_page(feed: Feed, page: FeedPage) -> tuple[bytes, int]:
    """Return the content to store for a page, and its number of rows.

    Rows are stored as the very text that came, numbers to the last digit.
    """
    if feed.shape is not None:
        return encode_rows(list(feed.shape(page)), envelope=page.envelope)
    rows = len(page.rows)
    if not rows:
        return encode_rows([], envelope=page.envelope)
    if not page.envelope:
        return page.response.body, rows
    raw = msgspec.json.decode(page.response.body, type=_RAW)[page.envelope]
    return b"{" + msgspec.json.encode(page.envelope) + b":" + bytes(raw) + b"}", rows


def encode_rows(rows: list[Any], *, envelope: str) -> tuple[bytes, int]:
    """Return rows in their envelope as JSON, and how many they are."""
    return msgspec.json.encode({envelope: rows} if envelope else rows), len(rows)


def extract_list(content: bytes, *, envelope: str) -> bytes:
    """Return the text between the brackets of a stored page's list; empty if it has no rows."""
    raw = bytes(msgspec.json.decode(content, type=_RAW)[envelope]) if envelope else content
    return raw.strip()[1:-1].strip()
