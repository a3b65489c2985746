"""What holds until a day (`expires_on`), a page at a time: in the order of the days, and of the rows' numbers within one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Some[T]:
    """A page of rows; `after` is the key of the next page, empty on the last."""

    rows: tuple[T, ...] = ()
    after: str = ""


def by_day[T](
    rows: QuerySet[Any], told: Callable[[Any], T], *, after: str = "", last_first: bool = False, limit: int = PAGE
) -> Some[T]:
    """The next rows as `told` says them, those that end first on top or at the end; from the top for a key that is none."""
    order = ("-expires_on", "-pk") if last_first else ("expires_on", "pk")
    place = _place(after)
    found = list(_after(rows, place, last_first=last_first).order_by(*order)[: limit + 1])
    if place is not None and not found:  # what stood there was withdrawn meanwhile
        return by_day(rows, told, last_first=last_first, limit=limit)
    more = len(found) > limit
    key = f"{found[limit - 1].expires_on.isoformat()}.{found[limit - 1].pk}" if more else ""
    return Some(rows=tuple(map(told, found[:limit])), after=key)


def _after(rows: QuerySet[Any], place: tuple[date, int] | None, *, last_first: bool) -> QuerySet[Any]:
    """The rows that come after a place."""
    if place is None:
        return rows
    further = "lt" if last_first else "gt"
    same = Q(**{"expires_on": place[0], f"pk__{further}": place[1]})
    return rows.filter(Q(**{f"expires_on__{further}": place[0]}) | same)


def _place(key: str) -> tuple[date, int] | None:
    """The day and the number that a key names."""
    day, _, number = key.partition(".")
    try:
        return (
            (date.fromisoformat(day), int(number))
            if number.isascii() and number.isdecimal() and len(number) < 19
            else None
        )
    except ValueError:
        return None
