"""The id of the request that is being answered: in every log entry, on error pages, and in jobs that it queued."""

from __future__ import annotations

import hashlib
import hmac
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
"""The forms in which proxies make ids: 32 hexadecimal digits, and a UUID. No form fits a number of a person."""
_current: ContextVar[str] = ContextVar("request_id", default="")


def create_request_id() -> str:
    """Return a new id: 32 hexadecimal digits."""
    return uuid.uuid4().hex


def is_request_id(text: str) -> bool:
    """Check whether a text has a form of an id."""
    return _ID.fullmatch(text) is not None


def get_request_id() -> str:
    """Return the id of the current request, or of the request that queued the current job; else empty text."""
    return _current.get()


@contextmanager
def bind_request_id(request_id: str) -> Iterator[None]:
    """Let everything within belong to the request of that id."""
    token = _current.set(request_id)
    try:
        yield
    finally:
        _current.reset(token)


def compute_user_id(key: int, *, secret: str) -> str:
    """Return the id under which logs name a user: 16 hexadecimal digits, a keyed hash of the user's key."""
    return hmac.new(secret.encode(), f"log-user:{key}".encode(), hashlib.sha256).hexdigest()[:16]
