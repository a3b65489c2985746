"""Whether a subject is gone, or only cannot be seen; and whether the sources that spoke of it still do.

It is gone only where every source instance that carried it, in the snapshot in which its member opened, has a newer
complete load that stands now. After an undone load, or where that snapshot is not kept any more, nobody can say.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import duckdb
import pyarrow as pa

from homeroom.apps.posture.comparing import Standing
from homeroom.evidence.session import session_of
from homeroom.evidence.store import NoSuchLoad, Store


def gone_of(store: Store, kind: str, members: Iterable[Standing], *, sources: pa.Table) -> set[int]:
    """The ids of those members whose subject is gone; `sources` has a row for each load that stands."""
    by_snapshot: dict[str, list[Standing]] = {}
    for one in members:
        by_snapshot.setdefault(one.snapshot, []).append(one)
    gone: set[int] = set()
    for snapshot, together in by_snapshot.items():
        subjects = _replaced(store, snapshot, kind, together, sources)
        gone |= {one.id for one in together if one.subject in subjects}
    return gone


def unheard_of(store: Store, kind: str, members: Iterable[Standing], anywhere: bool, *, now: str) -> set[int]:
    """The ids of members of whom a source that carried their subject when they opened carries no record of any now.

    With `anywhere`, of all members that opened while a source carried records that carries none now. `now` is the
    resolved snapshot that is judged.
    """
    by_snapshot: dict[str, list[Standing]] = {}
    for one in members:
        by_snapshot.setdefault(one.snapshot, []).append(one)
    mute: set[int] = set()
    standing = _sources(store, now)
    for snapshot, together in by_snapshot.items():
        mute |= _mute(store, snapshot, kind, together, _sources(store, snapshot) - standing, anywhere)
    return mute


def _mute(
    store: Store, snapshot: str, kind: str, members: list[Standing], missing: set[tuple[str, str, str]], anywhere: bool
) -> set[int]:
    if not missing or anywhere:
        return {one.id for one in members} if missing else set()
    session = session_of(store.pinned(derived=snapshot))
    carried = _carried(session, kind, [one.subject for one in members])
    session.close()
    instances = {(connector, instance) for connector, instance, _ in missing}
    mute = {subject for subject, connector, instance in carried if (connector, instance) in instances}
    return {one.id for one in members if one.subject in mute}


def _sources(store: Store, snapshot: str) -> set[tuple[str, str, str]]:
    """(connector, instance, table) of the records that stand in a snapshot; none where it is not kept any more."""
    try:
        session = session_of(store.pinned(derived=snapshot))
    except (NoSuchLoad, FileNotFoundError):
        return set()
    query = "SELECT DISTINCT connector, instance, table_name FROM links WHERE gone IS NOT TRUE"
    found = {(connector, instance, table) for connector, instance, table in session.execute(query).fetchall()}
    session.close()
    return found


def _replaced(store: Store, snapshot: str, kind: str, members: list[Standing], sources: pa.Table) -> set[int]:
    try:
        derived = store.derived(snapshot)
        session = session_of(store.pinned(derived=snapshot))
    except (NoSuchLoad, FileNotFoundError):
        return set()
    carried = _carried(session, kind, [one.subject for one in members])
    session.close()
    newer = _complete_since(sources, derived.at)
    held: dict[int, set[tuple[str, str]]] = {}
    for subject, connector, instance in carried:
        held.setdefault(subject, set()).add((connector, instance))
    return {subject for subject, instances in held.items() if instances <= newer}


def _carried(session: duckdb.DuckDBPyConnection, kind: str, subjects: list[int]) -> list[tuple[int, str, str]]:
    return session.execute(
        "SELECT DISTINCT id, connector, instance FROM links "
        "WHERE subject_kind = ? AND gone IS NOT TRUE AND id IN (SELECT unnest(?::BIGINT[]))",
        [kind, subjects],
    ).fetchall()


def _complete_since(sources: pa.Table, at: datetime) -> set[tuple[str, str]]:
    return {
        (row["connector"], row["instance"]) for row in sources.to_pylist() if row["complete"] and row["loaded_at"] > at
    }
