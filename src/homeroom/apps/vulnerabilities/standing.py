"""Where a district stands with flaws: every remedy, end of support and silence of its newest snapshot, asked once and written
beside it; over it what the published review says of it: what is overdue, excepted and not seen."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import msgspec
from django.conf import settings

from homeroom.apps.districts.stores import store_of
from homeroom.apps.vulnerabilities.queries import ASKED, VIEWS, Ending, Remedy, Unmatched, everything
from homeroom.apps.vulnerabilities.tallies import Looked, Tallied, looked, tallies
from homeroom.evidence.asking import TooSlow, asker
from homeroom.evidence.blobs import write_file
from homeroom.evidence.laid import FOLDER
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
    """What was written beside the snapshot; where nothing was yet, the evidence is asked, and its answer written."""
    with suppress(FileNotFoundError, msgspec.DecodeError):
        return msgspec.json.decode(_written(store, derived).read_bytes(), type=Standing)
    return asker().answer(
        pinned_to=f"{store.folder}/flaws/{derived}",
        pinned=lambda: store.pinned(derived=derived).only(*VIEWS),
        ask=lambda session: lay_standing(session, store=store, derived=derived, at=at),
    )


def lay_standing(session: duckdb.DuckDBPyConnection, *, store: Store, derived: str, at: datetime) -> Standing:
    """Asks the session of that snapshot what stands, and writes the answer beside what else is laid out of it for pages."""
    ranked, ends, silent = everything(session)
    made = Standing(derived=derived, at=at, remedies=ranked, endings=ends, unmatched=silent)
    write_file(_written(store, derived), msgspec.json.encode(made))
    return made


def _written(store: Store, derived: str) -> Path:
    return store.folder / FOLDER / derived / f"flaws-{ASKED}.json"
