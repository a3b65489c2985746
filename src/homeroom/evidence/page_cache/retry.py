"""Retry of queries for files and reports, for which nobody waits on a page."""

from __future__ import annotations

from collections.abc import Callable

from homeroom.evidence.query.executor import QueryTimeout

MAX_ATTEMPTS = 5


def retry_on_timeout[T](query: Callable[[], T]) -> T:
    """Run a query, up to MAX_ATTEMPTS times while it times out. Raise the last QueryTimeout."""
    for _ in range(MAX_ATTEMPTS - 1):
        try:
            return query()
        except QueryTimeout:
            continue
    return query()
