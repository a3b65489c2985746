"""Whether something was done a while ago, by a clock that may have been wrong."""

from __future__ import annotations

from datetime import datetime, timedelta


def is_within(interval: timedelta, last: datetime | None, *, at: datetime) -> bool:
    """Return whether something was done less than `interval` before `at`.

    A time after `at` does not count: it is of a clock that was ahead and was set back.
    """
    return last is not None and timedelta() <= at - last < interval
