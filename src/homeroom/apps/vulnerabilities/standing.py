"""Where a district stands with flaws: every remedy, end of support and silence of its newest snapshot, asked once and kept;
over it what the published review says of it: what is overdue, excepted and not seen."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings

from homeroom.apps.vulnerabilities.queries import MOST, Ending, Remedy, Unmatched, endings, remedies, unmatched
from homeroom.apps.vulnerabilities.tallies import Looked, Tallied, looked, tallies
from homeroom.evidence.asking import TooSlow
from homeroom.evidence.store import Store

KEPT = 8
"""Snapshots whose answers are kept by a process. A snapshot never changes, so that its answers never do either."""
PATIENCE = 2.0
"""Seconds that a page waits for somebody else's question about the same."""
_kept: OrderedDict[tuple[str, str, str], Standing] = OrderedDict()
_judged: OrderedDict[tuple[tuple[str, str, str], int], Standing] = OrderedDict()
_one = threading.Lock()
"""Of many who ask for a new snapshot at once, one asks the evidence and the others take its answer."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the newest snapshot, `derived`, says: at most 5,000 rows of each; `at` is when it was resolved, UTC.

    `review` is the published review where it is of that snapshot, else None, and nothing is known of days and exceptions.
    `away` are things that no device has in the snapshot, and how many devices had them when they were seen last.
    """

    derived: str
    at: datetime
    remedies: tuple[Remedy, ...]
    endings: tuple[Ending, ...]
    unmatched: tuple[Unmatched, ...]
    review: Looked | None = None
    away: tuple[tuple[str, int], ...] = ()

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
    found = _kept.get(key) or _asked_once(key, store, at=newest.at)
    review = looked(district=district)
    if review is None or review.derived != newest.id:
        return found
    return _judged.get((key, review.number)) or _over(found, key, district, review)


def _over(found: Standing, key: tuple[str, str, str], district: Any, review: Looked) -> Standing:
    """The answers of a snapshot under its review, kept as they are."""
    told = tallies(district=district, of=review)
    every = [_under(one, told[one.thing]) if one.thing in told else one for one in found.remedies]
    every.sort(key=lambda one: (not one.devices, -one.points, -one.closes, one.thing))
    there = {one.thing for one in every}
    away = tuple((thing, one.missed) for thing, one in sorted(told.items()) if one.missed and thing not in there)
    made = replace(found, remedies=tuple(every), review=review, away=away)
    _judged[key, review.number] = made
    while len(_judged) > KEPT:
        _judged.popitem(last=False)
    return made


def _under(one: Remedy, told: Tallied) -> Remedy:
    """A remedy with the numbers of its review; a catalogue's day is among those that make it due."""
    taken: Mapping[str, Any] = {
        name: getattr(told, name)
        for name in (
            "devices", "excepted", "overdue", "missed", "due_on", "since", "closes", "without_fix", "excepted_flaws",
            "exploited", "worst", "points", "reasons",
        )
    }  # fmt: skip
    return replace(one, **taken)


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
