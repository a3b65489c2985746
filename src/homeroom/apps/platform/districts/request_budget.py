"""Budgets of requests: how much each key may spend in a window of time, in this process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime, timedelta


class RequestBudget:
    """Counts what each key spent in its present window; the oldest keys are forgotten."""

    def __init__(self, *, window: timedelta, max_cost: int, max_keys: int = 10_000) -> None:
        self._window, self._max_cost, self._max_keys = window, max_cost, max_keys
        self._spent: OrderedDict[str, tuple[datetime, int]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str, *, cost: int, at: datetime) -> bool:
        """Take from the budget of a key; return False if it has nothing left."""
        with self._lock:
            since, spent = self._spent.pop(key, (at, 0))
            if at - since >= self._window:
                since, spent = at, 0
            self._spent[key] = (since, min(spent + cost, 2 * self._max_cost))
            while len(self._spent) > self._max_keys:
                self._spent.popitem(last=False)
        return spent < self._max_cost

    def clear(self) -> None:
        """Forget what was spent."""
        with self._lock:
            self._spent.clear()
