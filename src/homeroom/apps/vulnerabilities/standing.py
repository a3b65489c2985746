"""Where a district stands with flaws: every remedy, end of support and silence of its newest snapshot, asked once and kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from homeroom.apps.vulnerabilities.queries import MOST, Ending, Remedy, Unmatched, endings, remedies, unmatched
from homeroom.evidence.asking import TooSlow
from homeroom.evidence.store import Store

KEPT = 8
"""Snapshots whose answers are kept by a process. A snapshot never changes, so that its answers never do either."""
PATIENCE = 2.0
"""Seconds that a page waits for somebody else's question about the same."""
_kept: OrderedDict[tuple[str, str, str], Standing] = OrderedDict()
_one = threading.Lock()
"""Of many who ask for a new snapshot at once, one asks the evidence and the others take its answer."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the newest snapshot, `derived`, says: at most 5,000 rows of each; `at` is when it was resolved, UTC."""

    derived: str
    at: datetime
    remedies: tuple[Remedy, ...]
    endings: tuple[Ending, ...]
    unmatched: tuple[Unmatched, ...]

    @property
    def compared(self) -> bool:
        """Whether there was a feed or a tool to compare with; without one all three are empty."""
        return bool(self.remedies or self.endings or self.unmatched)


def store_of(*, district: Any) -> Store:
    """The district's evidence."""
    return Store(settings.DATA / "evidence", district=district.slug)


def standing(*, district: Any) -> Standing | None:
    """What stands; None before the first resolve. Raises TooSlow."""
    store = store_of(district=district)
    newest = store.latest_derived()
    if newest is None:
        return None
    key = (str(settings.DATA), district.slug, newest.id)
    return _kept.get(key) or _asked_once(key, store, at=newest.at)


def _asked_once(key: tuple[str, str, str], store: Store, *, at: datetime) -> Standing:
    if not _one.acquire(timeout=PATIENCE):
        raise TooSlow("too many questions at once")
    try:
        found = _kept.get(key) or _asked(store, derived=key[-1], at=at)
        _kept[key] = found
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
        return found
    finally:
        _one.release()


def _asked(store: Store, *, derived: str, at: datetime) -> Standing:
    return Standing(
        derived=derived,
        at=at,
        remedies=remedies(store=store, limit=MOST),
        endings=endings(store=store, limit=MOST),
        unmatched=unmatched(store=store),
    )
