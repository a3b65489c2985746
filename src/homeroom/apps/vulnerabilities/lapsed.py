"""Why a device lacks a remedy no longer: it has it, it is gone, or nobody looked; never fixed by what could not be seen.

It was fixed only where what told of the device when the gap opened still tells of it: the same sources stand, and of
software each source that listed any on that device lists some now. A scanner's check needs a scanner that still speaks of
the device, a flaw of a system its version. After an undone load, or where that snapshot is not kept any more, nobody knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import duckdb
import pyarrow as pa

from homeroom.apps.posture.comparing import Standing
from homeroom.apps.posture.vanished import gone_of, unheard_of
from homeroom.domain.states import Closed
from homeroom.evidence.session import session_of
from homeroom.evidence.store import NoSuchLoad, Store

KIND = "device"
CHECK = "check:"
PORTS, FLAWS = ":ports", ":flaws"
SCANS = {PORTS, FLAWS}
"""What stands for a scan of ports and a scanner of flaws beside the names of sources that list software."""
_SCANNED = """SELECT id FROM links WHERE subject_kind = 'device' AND gone IS NOT TRUE AND connector IN (SELECT DISTINCT source FROM flaws)"""


@dataclass(frozen=True, kw_only=True)
class Lost:
    """One gap that the newest snapshot has not; `moved` where its flaws only have another remedy now."""

    id: int
    thing: str
    device: int
    kind: str
    since: date
    snapshot: str
    missed_since: date | None
    moved: bool


@dataclass(frozen=True, kw_only=True)
class Ended:
    """Gaps to close, by reason, and those that could not be seen."""

    closing: Mapping[Closed, tuple[Lost, ...]] = field(default_factory=dict)
    unseen: tuple[Lost, ...] = ()

    @property
    def missed(self) -> tuple[Lost, ...]:
        """Those that could be seen until now."""
        return tuple(one for one in self.unseen if one.missed_since is None)


def ended(
    store: Store,
    lost: Iterable[Lost],
    *,
    session: duckdb.DuckDBPyConnection,
    now: str,
    sources: pa.Table,
    systems: frozenset[str],
) -> Ended:
    """What became of lost gaps. `session` is over the snapshot `now`; `systems` are the things that are a device's system."""
    every = list(lost)
    here = _among(session, "SELECT id FROM devices WHERE id IN ({})", {one.device for one in every})
    absent = [one for one in every if one.device not in here]
    gone = gone_of(store, KIND, map(_as_member, absent), sources=sources)
    left = [one for one in every if one.device in here]
    mute = _mute(store, left, session=session, now=now, systems=systems)
    closing: dict[Closed, list[Lost]] = {Closed.GONE: [one for one in absent if one.id in gone]}
    for one in left:
        if one.id not in mute:
            closing.setdefault(Closed.NO_LONGER_APPLIES if one.moved else Closed.FIXED, []).append(one)
    unseen = [one for one in absent if one.id not in gone] + [one for one in left if one.id in mute]
    return Ended(closing={why: tuple(some) for why, some in closing.items() if some}, unseen=tuple(unseen))


def _mute(
    store: Store, lost: list[Lost], *, session: duckdb.DuckDBPyConnection, now: str, systems: frozenset[str]
) -> set[int]:
    """The ids of those of which what told of them tells no more."""
    mute = unheard_of(store, KIND, map(_as_member, lost), False, now=now)
    checks = [one for one in lost if one.thing.startswith(CHECK)]
    system = [one for one in lost if one.thing in systems]
    other = [one for one in lost if not one.thing.startswith(CHECK) and one.thing not in systems]
    scanned = _among(session, f"SELECT id FROM ({_SCANNED}) WHERE id IN ({{}})", {one.device for one in checks})
    told = "SELECT id FROM devices WHERE os_version IS NOT NULL AND id IN ({})"
    versioned = _among(session, told, {one.device for one in system})
    mute |= {one.id for one in checks if one.device not in scanned}
    mute |= {one.id for one in system if one.device not in versioned}
    return mute | _unlisted(store, other, session=session)


def _unlisted(store: Store, lost: list[Lost], *, session: duckdb.DuckDBPyConnection) -> set[int]:
    """Of gaps of programs, those whose device is not looked at any more by what looked at it when they opened."""
    now = _looked(session, {one.device for one in lost})
    by_snapshot: dict[str, list[Lost]] = {}
    for one in lost:
        by_snapshot.setdefault(one.snapshot, []).append(one)
    mute: set[int] = set()
    for snapshot, together in by_snapshot.items():
        then = _then(store, snapshot, {one.device for one in together})
        mute |= {
            one.id
            for one in together
            if then is None
            or not (needed := _needed(then.get(one.device, set()))) <= now.get(one.device, set())
            or not needed
        }
    return mute


def _then(store: Store, snapshot: str, devices: set[int]) -> dict[int, set[str]] | None:
    try:
        session = session_of(store.pinned(derived=snapshot))
    except (NoSuchLoad, FileNotFoundError):
        return None
    found = _looked(session, devices)
    session.close()
    return found


def _needed(looked: set[str]) -> set[str]:
    """Sources that list software, where one did; else the scans, which is how a program was known there."""
    return (looked - SCANS) or looked


def _looked(session: duckdb.DuckDBPyConnection, devices: set[int]) -> dict[int, set[str]]:
    """By device, what looks at its programs: each source that lists software there, a scan of its ports, a scanner of flaws."""
    if not devices:
        return {}
    text = f"""WITH asked AS ({_listed(devices)})
        SELECT DISTINCT s.device, s.source FROM software s JOIN asked a ON a.id = s.device WHERE s.name IS NOT NULL
        UNION ALL SELECT d.id, '{PORTS}' FROM devices d JOIN asked USING (id) WHERE d.scanned
        UNION ALL SELECT DISTINCT id, '{FLAWS}' FROM ({_SCANNED}) JOIN asked USING (id)"""
    found: dict[int, set[str]] = {}
    for device, who in session.execute(text).fetchall():
        found.setdefault(device, set()).add(who)
    return found


def _among(session: duckdb.DuckDBPyConnection, text: str, ids: set[int]) -> set[int]:
    if not ids:
        return set()
    return {number for (number,) in session.execute(text.format(_listed(ids))).fetchall()}


def _listed(ids: set[int]) -> str:
    """The ids as SQL, in one text: a list of 100,000 values takes DuckDB seconds."""
    return f"SELECT unnest(string_split('{','.join(map(str, sorted(ids)))}', ',')::BIGINT[]) AS id"


def _as_member(one: Lost) -> Standing:
    """As posture asks whether a subject is gone, or unheard of."""
    return Standing(
        id=one.id, finding=("", ""), subject=one.device, since=one.since, snapshot=one.snapshot, not_seen_since=None
    )
