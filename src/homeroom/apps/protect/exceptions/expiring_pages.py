"""Pages of rows with an expiry day (`expires_on`), ordered by the day and the row's number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Page[T]:
    """A page of rows; `after` is the key of the next page, empty on the last."""

    rows: tuple[T, ...] = ()
    after: str = ""


def get_page_by_expiry[T](
    rows: QuerySet[Any], convert: Callable[[Any], T], *, after: str = "", newest_first: bool = False, limit: int = PAGE
) -> Page[T]:
    """Return the next rows converted by `convert`, those that expire first or last on top.

    An invalid key starts from the top.
    """
    order = ("-expires_on", "-pk") if newest_first else ("expires_on", "pk")
    page_start = _parse_page_key(after)
    matches = list(_filter_after(rows, page_start, newest_first=newest_first).order_by(*order)[: limit + 1])
    if page_start is not None and not matches:  # what stood there was withdrawn meanwhile
        return get_page_by_expiry(rows, convert, newest_first=newest_first, limit=limit)
    has_more = len(matches) > limit
    key = f"{matches[limit - 1].expires_on.isoformat()}.{matches[limit - 1].pk}" if has_more else ""
    return Page(rows=tuple(map(convert, matches[:limit])), after=key)


def _filter_after(rows: QuerySet[Any], page_start: tuple[date, int] | None, *, newest_first: bool) -> QuerySet[Any]:
    """Return the rows that come after a page key."""
    if page_start is None:
        return rows
    lookup = "lt" if newest_first else "gt"
    is_same_day = Q(**{"expires_on": page_start[0], f"pk__{lookup}": page_start[1]})
    return rows.filter(Q(**{f"expires_on__{lookup}": page_start[0]}) | is_same_day)


def _parse_page_key(key: str) -> tuple[date, int] | None:
    """Return the day and the number of a page key; None if it is not valid."""
    day, _, number = key.partition(".")
    try:
        return (
            (date.fromisoformat(day), int(number))
            if number.isascii() and number.isdecimal() and len(number) < 19
            else None
        )
    except ValueError:
        return None
