"""Reviewing a district's flaws: the newest resolved snapshot in; out come which device lacks which remedy since when.

1. What a killed run left is removed. 2. Gaps and sightings that open and close, and the tallies, are written in short
transactions under the next number. 3. One transaction moves `Reviewed.review`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from time import perf_counter
from typing import Any

import duckdb
import filelock
import pyarrow as pa

from homeroom.apps.vulnerabilities.behind import lay_behind
from homeroom.apps.vulnerabilities.excepted import suppressions
from homeroom.apps.vulnerabilities.lapsed import Ended, ended
from homeroom.apps.vulnerabilities.models import Review
from homeroom.apps.vulnerabilities.standing import lay_standing
from homeroom.apps.vulnerabilities.terms import days_of
from homeroom.apps.vulnerabilities.writing import (
    lost_of,
    mark,
    publish,
    published,
    remedies,
    standing,
    swept,
    write_gaps,
    write_sightings,
    write_tallies,
)
from homeroom.domain.excepting import Suppression
from homeroom.domain.states import Closed
from homeroom.engines.vulnerabilities.gaps import stage_gaps, stage_known
from homeroom.engines.vulnerabilities.lives import BEFORE, Turned, done, summed, tallied, turned
from homeroom.evidence.session import session_of
from homeroom.evidence.store import NoSuchLoad, Store
from homeroom.library.software import products

LOCK_SECONDS = 600
_FLAWS = "SELECT DISTINCT thing, coalesce(fixed_in, '') AS fix, cve FROM vulnerabilities"


class ReviewBusy(Exception):
    """Another review of the district is running."""


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """What a review changed: gaps opened, fixed, otherwise closed, and newly out of sight. `number` is that of the published one."""

    number: int
    opened: int
    fixed: int
    closed: int
    missed: int
    seconds: float


def review(*, district: Any, store: Store, today: date, at: datetime) -> Reviewed | None:
    """Reviews the newest resolved snapshot and publishes it; with equal input it writes nothing. None before the first resolve.

    Raises ReviewBusy where another run does not end within LOCK_SECONDS.
    """
    store.folder.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(store.folder / "review.lock", timeout=LOCK_SECONDS):
            return _reviewed(district, store, today, at)
    except filelock.Timeout as late:
        raise ReviewBusy("another review of this district's flaws is running; try again when it has ended") from late


def _reviewed(district: Any, store: Store, today: date, at: datetime) -> Reviewed | None:
    begun = perf_counter()
    derived = store.latest_derived()
    if derived is None:
        return None
    number = published(district=district)
    swept(district=district, number=number)
    let, days = suppressions(district=district, today=today), days_of(district=district)
    asked = _asked(let, days)
    last = Review.objects.of(district).filter(number=number).first()
    if last is not None and (last.derived, last.today, last.asked) == (derived.id, today, asked):
        return Reviewed(number=number, opened=0, fixed=0, closed=0, missed=0, seconds=perf_counter() - begun)
    pinned = store.pinned(derived=derived.id)
    session = session_of(pinned)
    changed = _staged(session, district, store, let, days, last, today)
    lost = list(lost_of(district=district, lost=changed.lost))
    systems = frozenset(one.id for one in products() if one.system)
    over = ended(store, lost, session=session, now=derived.id, sources=pinned.sources, systems=systems)
    number += 1
    told: dict[str, Any] = {"district": district, "number": number, "today": today}
    write_gaps(**told, opening=changed.opening, ended=over, snapshot=derived.id)
    write_sightings(**told, seen=_seen(session), kept={one.thing for one in over.unseen})
    write_tallies(**told, tallies=tallied(session, today=today), unseen=over.unseen)
    mark(district=district, missed=over.missed, again=changed.again.column("id").to_pylist(), today=today)
    fixed = len(over.closing.get(Closed.FIXED, ()))
    sums, opened = summed(session, today=today), changed.opening.num_rows
    lay_behind(store, derived=derived.id)
    lay_standing(
        session, store=store, derived=derived.id, at=derived.at
    )  # killed between the two, the next run does both
    publish(**told, at=at, derived=derived.id, asked=asked, opened=opened, fixed=fixed, sums=sums)
    done(session)
    session.close()
    return _told(number, changed, over, fixed=fixed, seconds=perf_counter() - begun)


def _told(number: int, changed: Turned, over: Ended, *, fixed: int, seconds: float) -> Reviewed:
    closed = sum(len(ids) for ids in over.closing.values()) - fixed
    opened, missed = changed.opening.num_rows, len(over.missed)
    return Reviewed(number=number, opened=opened, fixed=fixed, closed=closed, missed=missed, seconds=seconds)


def _staged(
    session: duckdb.DuckDBPyConnection,
    district: Any,
    store: Store,
    let: Sequence[Suppression],
    days: Mapping[str, int],
    last: Review | None,
    today: date,
) -> Turned:
    wanted, number = stage_known(session, suppressions=let, days=days), (last.number if last else 0) + 1
    stage_gaps(session, remedies=remedies(district=district, number=number, wanted=wanted))
    return turned(
        session, standing=standing(district=district), before=_before(store, last.derived if last else ""), today=today
    )


def _seen(session: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    """Every flaw of every thing."""
    return set(session.execute("SELECT DISTINCT thing, cve FROM vn_known").fetchall())


def _before(store: Store, derived: str) -> pa.Table:
    """The flaws of the snapshot that was reviewed last, by remedy; none where it is not kept any more."""
    try:
        session = session_of(store.pinned(derived=derived)) if derived else None
    except (NoSuchLoad, FileNotFoundError):
        session = None
    if session is None:
        return BEFORE.empty_table()
    found: pa.Table = session.execute(_FLAWS).to_arrow_table().cast(BEFORE)
    session.close()
    return found


def _asked(let: Sequence[Suppression], days: Mapping[str, int]) -> str:
    """What was asked, as one hash: what is let stand today, and within how many days flaws are to be closed."""
    told = [(one.id, one.thing, one.cve, str(one.scope), one.value, one.device) for one in let]
    return hashlib.sha256(repr((sorted(told), sorted(days.items()))).encode()).hexdigest()
