"""A page as it came and as it is kept: nothing but its rows, in the envelope by which the reader of files knows them."""

from __future__ import annotations

from typing import Any

import msgspec

from homeroom.ingest.remote.client import Answer, Feed, Page, Request

_RAW = dict[str, msgspec.Raw]


def page_of(request: Request, answer: Answer, *, envelope: str) -> Page:
    """The page that an answer is."""
    return Page(request=request, answer=answer, envelope=envelope)


def well(answer: Answer, *, envelope: str, may_lack: bool) -> bool:
    """Whether an answer came whole: JSON, and a list of rows where one belongs. A page that was cut off is no JSON."""
    try:
        document = answer.document
    except ValueError:
        return False
    if may_lack and isinstance(document, dict) and envelope not in document:
        return True
    found = document.get(envelope) if envelope and isinstance(document, dict) else document
    return isinstance(found, list) or (may_lack and found is None)


def kept_of(feed: Feed, page: Page) -> tuple[bytes, int]:
    """What is written of a page, and how many rows that is. Rows keep the very text that came, numbers to the last digit."""
    if feed.shape is not None:
        return wrapped(list(feed.shape(page)), envelope=page.envelope)
    rows = len(page.rows)
    if not rows:
        return wrapped([], envelope=page.envelope)
    if not page.envelope:
        return page.answer.body, rows
    raw = msgspec.json.decode(page.answer.body, type=_RAW)[page.envelope]
    return b"{" + msgspec.json.encode(page.envelope) + b":" + bytes(raw) + b"}", rows


def wrapped(rows: list[Any], *, envelope: str) -> tuple[bytes, int]:
    """Rows in their envelope as JSON, and how many they are."""
    return msgspec.json.encode({envelope: rows} if envelope else rows), len(rows)


def list_in(content: bytes, *, envelope: str) -> bytes:
    """The text between the brackets of a kept page's list; empty where it has no rows."""
    raw = bytes(msgspec.json.decode(content, type=_RAW)[envelope]) if envelope else content
    return raw.strip()[1:-1].strip()
