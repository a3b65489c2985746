"""Decide whether a subject is gone or only cannot be observed, and whether its sources still report it.

A subject is gone only if every source instance that reported it, in the snapshot in which its member opened, has a
newer complete load that is current. After an undone load, or if that snapshot is not stored any more, it is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import duckdb
import pyarrow as pa

from homeroom.apps.protect.posture.findings.transitions import OpenMember
from homeroom.evidence.loads.store import EvidenceStore, NoSuchLoad
from homeroom.evidence.query.session import open_session


def find_disappeared(store: EvidenceStore, kind: str, members: Iterable[OpenMember], *, sources: pa.Table) -> set[int]:
    """Return the ids of members whose subject is gone; `sources` has a row for each current load."""
    by_snapshot: dict[str, list[OpenMember]] = {}
    for member in members:
        by_snapshot.setdefault(member.snapshot, []).append(member)
    disappeared: set[int] = set()
    for snapshot, members_of_snapshot in by_snapshot.items():
        subjects = _find_replaced(store, snapshot, kind, members_of_snapshot, sources)
        disappeared |= {member.id for member in members_of_snapshot if member.subject in subjects}
    return disappeared


def find_unreported(
    store: EvidenceStore, kind: str, members: Iterable[OpenMember], anywhere: bool, *, current_snapshot: str
) -> set[int]:
    """Return the ids of members whose subject a source reported when they opened and no longer reports.

    With `anywhere`, of all members that opened while a source had records that has none now. `current_snapshot` is the
    resolved snapshot that is assessed.
    """
    by_snapshot: dict[str, list[OpenMember]] = {}
    for member in members:
        by_snapshot.setdefault(member.snapshot, []).append(member)
    unreported: set[int] = set()
    current_sources = _load_sources(store, current_snapshot)
    for snapshot, members_of_snapshot in by_snapshot.items():
        unreported |= _find_without_source(
            store, snapshot, kind, members_of_snapshot, _load_sources(store, snapshot) - current_sources, anywhere
        )
    return unreported


def _find_without_source(
    store: EvidenceStore,
    snapshot: str,
    kind: str,
    members: list[OpenMember],
    missing: set[tuple[str, str, str]],
    anywhere: bool,
) -> set[int]:
    if not missing or anywhere:
        return {member.id for member in members} if missing else set()
    session = open_session(store.pin_snapshot(derived=snapshot).restrict_to("links"))
    carried = _load_carriers(session, kind, [member.subject for member in members])
    session.close()
    instances = {(connector, instance) for connector, instance, _ in missing}
    unreported_subjects = {subject for subject, connector, instance in carried if (connector, instance) in instances}
    return {member.id for member in members if member.subject in unreported_subjects}


def _load_sources(store: EvidenceStore, snapshot: str) -> set[tuple[str, str, str]]:
    """Return (connector, instance, table) of the current records of a snapshot; none if it is not stored any more."""
    try:
        session = open_session(store.pin_snapshot(derived=snapshot).restrict_to("links"))
    except (NoSuchLoad, FileNotFoundError):
        return set()
    query = "SELECT DISTINCT connector, instance, table_name FROM links WHERE gone IS NOT TRUE"
    sources = {(connector, instance, table) for connector, instance, table in session.execute(query).fetchall()}
    session.close()
    return sources


def _find_replaced(
    store: EvidenceStore, snapshot: str, kind: str, members: list[OpenMember], sources: pa.Table
) -> set[int]:
    try:
        derived = store.get_derived(snapshot)
        session = open_session(store.pin_snapshot(derived=snapshot).restrict_to("links"))
    except (NoSuchLoad, FileNotFoundError):
        return set()
    carried = _load_carriers(session, kind, [member.subject for member in members])
    session.close()
    newer = _list_complete_since(sources, derived.at)
    instances_by_subject: dict[int, set[tuple[str, str]]] = {}
    for subject, connector, instance in carried:
        instances_by_subject.setdefault(subject, set()).add((connector, instance))
    return {subject for subject, instances in instances_by_subject.items() if instances <= newer}


def _load_carriers(session: duckdb.DuckDBPyConnection, kind: str, subjects: list[int]) -> list[tuple[int, str, str]]:
    return session.execute(
        "SELECT DISTINCT id, connector, instance FROM links "
        "WHERE subject_kind = ? AND gone IS NOT TRUE AND id IN (SELECT unnest(?::BIGINT[]))",
        [kind, subjects],
    ).fetchall()


def _list_complete_since(sources: pa.Table, at: datetime) -> set[tuple[str, str]]:
    return {
        (row["connector"], row["instance"]) for row in sources.to_pylist() if row["complete"] and row["loaded_at"] > at
    }
