"""Classify gaps that closed: fixed, gone, or not observed; never fixed by what could not be observed.

A gap is fixed only if what reported the device when the gap opened still reports it: the same sources are current, and
each source that listed software on that device still lists some. A scanner's check needs a scanner that still reports
the device, a vulnerability of an operating system its version. After an undone load, or if that snapshot is not stored
any more, the result is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import duckdb
import pyarrow as pa

from homeroom.apps.protect.posture.findings.disappearance import find_disappeared, find_unreported
from homeroom.apps.protect.posture.findings.transitions import OpenMember
from homeroom.domain.protect.control_states import CloseReason
from homeroom.evidence.loads.store import EvidenceStore, NoSuchLoad
from homeroom.evidence.query.session import open_session

KIND = "device"
CHECK = "check:"
PORTS, VULNERABILITY_SCANS = ":ports", ":vulnerabilities"
SCANS = {PORTS, VULNERABILITY_SCANS}
"""Observer names for a port scan and a vulnerability scanner, next to the sources that list software."""
_SCANNED = """SELECT id FROM links WHERE subject_kind = 'device' AND gone IS NOT TRUE
    AND connector IN (SELECT DISTINCT source FROM vulnerabilities_found)"""
_OBSERVER_TABLES = ("devices", "links", "software", "vulnerabilities_found")
"""The tables from which the observers of a device are read."""


@dataclass(frozen=True, kw_only=True)
class ClosedGap:
    """One gap missing from the newest snapshot; `moved` if its vulnerabilities only have another remedy now."""

    id: int
    product_key: str
    device: int
    kind: str
    since: date
    snapshot: str
    missed_since: date | None
    moved: bool


@dataclass(frozen=True, kw_only=True)
class ClosingResult:
    """Gaps to close, by reason, and those that could not be observed."""

    closing: Mapping[CloseReason, tuple[ClosedGap, ...]] = field(default_factory=dict)
    unseen: tuple[ClosedGap, ...] = ()

    @property
    def missed(self) -> tuple[ClosedGap, ...]:
        """Gaps that could be observed until now."""
        return tuple(gap for gap in self.unseen if gap.missed_since is None)


def classify_closed_gaps(
    store: EvidenceStore,
    gaps: Iterable[ClosedGap],
    *,
    session: duckdb.DuckDBPyConnection,
    current_snapshot: str,
    sources: pa.Table,
    system_products: frozenset[str],
) -> ClosingResult:
    """Classify gaps that the newest snapshot lacks.

    `session` is over `current_snapshot`; `system_products` are the products that are a device's operating system.
    """
    all_gaps = list(gaps)
    present_devices = _select_ids(session, "SELECT id FROM devices WHERE id IN ({})", {gap.device for gap in all_gaps})
    absent = [gap for gap in all_gaps if gap.device not in present_devices]
    disappeared_ids = find_disappeared(store, KIND, map(_convert_to_member, absent), sources=sources)
    present = [gap for gap in all_gaps if gap.device in present_devices]
    unobserved = _find_unobserved(
        store, present, session=session, current_snapshot=current_snapshot, system_products=system_products
    )
    closing: dict[CloseReason, list[ClosedGap]] = {
        CloseReason.GONE: [gap for gap in absent if gap.id in disappeared_ids]
    }
    for gap in present:
        if gap.id not in unobserved:
            closing.setdefault(CloseReason.NO_LONGER_APPLIES if gap.moved else CloseReason.FIXED, []).append(gap)
    unseen = [gap for gap in absent if gap.id not in disappeared_ids] + [gap for gap in present if gap.id in unobserved]
    return ClosingResult(
        closing={reason: tuple(members) for reason, members in closing.items() if members}, unseen=tuple(unseen)
    )


def _find_unobserved(
    store: EvidenceStore,
    gaps: list[ClosedGap],
    *,
    session: duckdb.DuckDBPyConnection,
    current_snapshot: str,
    system_products: frozenset[str],
) -> set[int]:
    """Return the ids of gaps whose sources no longer report them."""
    unobserved = find_unreported(store, KIND, map(_convert_to_member, gaps), False, current_snapshot=current_snapshot)
    checks = [gap for gap in gaps if gap.product_key.startswith(CHECK)]
    system = [gap for gap in gaps if gap.product_key in system_products]
    programs = [gap for gap in gaps if not gap.product_key.startswith(CHECK) and gap.product_key not in system_products]
    scanned = _select_ids(session, f"SELECT id FROM ({_SCANNED}) WHERE id IN ({{}})", {gap.device for gap in checks})
    versioned_sql = "SELECT id FROM devices WHERE os_version IS NOT NULL AND id IN ({})"
    versioned = _select_ids(session, versioned_sql, {gap.device for gap in system})
    unobserved |= {gap.id for gap in checks if gap.device not in scanned}
    unobserved |= {gap.id for gap in system if gap.device not in versioned}
    return unobserved | _find_unlisted(store, programs, session=session)


def _find_unlisted(store: EvidenceStore, gaps: list[ClosedGap], *, session: duckdb.DuckDBPyConnection) -> set[int]:
    """Return the program gaps whose device is no longer observed by what observed it when they opened."""
    current_observers = _load_observers(session, {gap.device for gap in gaps})
    by_snapshot: dict[str, list[ClosedGap]] = {}
    for gap in gaps:
        by_snapshot.setdefault(gap.snapshot, []).append(gap)
    unobserved: set[int] = set()
    for snapshot, gaps_of_snapshot in by_snapshot.items():
        past_observers = _load_past_observers(store, snapshot, {gap.device for gap in gaps_of_snapshot})
        unobserved |= {
            gap.id
            for gap in gaps_of_snapshot
            if past_observers is None
            or not (required := _select_required(past_observers.get(gap.device, set())))
            <= current_observers.get(gap.device, set())
            or not required
        }
    return unobserved


def _load_past_observers(store: EvidenceStore, snapshot: str, devices: set[int]) -> dict[int, set[str]] | None:
    try:
        session = open_session(store.pin_snapshot(derived=snapshot).restrict_to(*_OBSERVER_TABLES))
    except (NoSuchLoad, FileNotFoundError):
        return None
    observers = _load_observers(session, devices)
    session.close()
    return observers


def _select_required(observers: set[str]) -> set[str]:
    """Return the sources that list software, or if there were none, the scans that knew a program."""
    return (observers - SCANS) or observers


def _load_observers(session: duckdb.DuckDBPyConnection, devices: set[int]) -> dict[int, set[str]]:
    """Return by device what observes its programs: software sources, port scans, vulnerability scanners."""
    if not devices:
        return {}
    text = f"""WITH asked AS ({_build_ids_sql(devices)})
        SELECT DISTINCT s.device, s.source FROM software s JOIN asked a ON a.id = s.device WHERE s.name IS NOT NULL
        UNION ALL SELECT d.id, '{PORTS}' FROM devices d JOIN asked USING (id) WHERE d.scanned
        UNION ALL SELECT DISTINCT id, '{VULNERABILITY_SCANS}' FROM ({_SCANNED}) JOIN asked USING (id)"""
    observers: dict[int, set[str]] = {}
    for device, observer in session.execute(text).fetchall():
        observers.setdefault(device, set()).add(observer)
    return observers


def _select_ids(session: duckdb.DuckDBPyConnection, text: str, ids: set[int]) -> set[int]:
    if not ids:
        return set()
    return {number for (number,) in session.execute(text.format(_build_ids_sql(ids))).fetchall()}


def _build_ids_sql(ids: set[int]) -> str:
    """Return the ids as SQL, in one text: a list of 100,000 values takes DuckDB seconds."""
    return f"SELECT unnest(string_split('{','.join(map(str, sorted(ids)))}', ',')::BIGINT[]) AS id"


def _convert_to_member(gap: ClosedGap) -> OpenMember:
    """Convert a gap to the member type that posture uses to find disappeared and unreported subjects."""
    return OpenMember(
        id=gap.id, finding=("", ""), subject=gap.device, since=gap.since, snapshot=gap.snapshot, not_seen_since=None
    )
