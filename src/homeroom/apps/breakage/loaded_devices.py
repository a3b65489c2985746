"""Breakage of the loaded devices: what asset lists say of those that left, and when they were seen last.

Asset lists rarely have the day on which a device left: it is the last day on which any console saw it, at the earliest
its first day. A list counts from the first departure that it has: what broke before it began is unknown.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any

import duckdb

from homeroom.apps.districts.evidence_store import get_evidence_store
from homeroom.domain.district import District
from homeroom.domain.estimates.breakage import Departure, ModelBreakage, WatchedDevice
from homeroom.engines.breakage.model_breakage import estimate_breakage
from homeroom.evidence.loads.store import NoSuchLoad
from homeroom.evidence.query.executor import query_executor

REMEMBERED = 8
"""How many districts' figures a process remembers, until other evidence is loaded or the day is over."""
FATAL_WORDS = r"(?i)not fixable|un-?repairable|irreparable|beyond (economic(al)? )?repair|total loss|\bdead\b"
BROKEN_WORDS = r"(?i)\b(broken?|broke|damaged?|cracked|smashed)\b"
REPAIR_WORDS = r"(?i)repair|diagnos|\brma\b|warranty"
"""A broken device that is being repaired has not left."""
SOLD_WORDS = r"(?i)\b(sold|auction(ed)?|surplus|donated|traded)\b"
_DEVICES_SQL = """WITH listed AS (
        SELECT l.id, min(r.instance) AS instance, min(r.purchased_on) AS purchased_on,
            min(r.enrolled_at)::DATE AS enrolled_on, max(r.last_seen)::DATE AS seen_on,
            arg_max(r.status, r.status IN ('retired', 'lost')) FILTER (r.managed IS NOT TRUE) AS status,
            string_agg(r.status_word, ' ' ORDER BY r.instance, r.key) FILTER (r.managed IS NOT TRUE) AS words
        FROM links l JOIN device_records r ON l.instance = r.instance AND l.key = r.key
        WHERE l.subject_kind = 'device' AND l.table_name = 'device_records' GROUP BY l.id)
    SELECT coalesce(d.model, ''), b.instance, coalesce(b.purchased_on, b.enrolled_on), b.seen_on,
        coalesce(d.retired, false) OR coalesce(b.status, '') IN ('retired', 'lost')
            OR regexp_matches(coalesce(b.words, ''), $fatal) OR (regexp_matches(coalesce(b.words, ''), $broken)
                AND NOT regexp_matches(coalesce(b.words, ''), $repair)),
        coalesce(b.status, ''), regexp_matches(coalesce(b.words, ''), $fatal)
            OR regexp_matches(coalesce(b.words, ''), $broken),
        regexp_matches(coalesce(b.words, ''), $sold)
    FROM devices d JOIN listed b USING (id) WHERE d.in_assets ORDER BY d.id"""


class NoAssetList(LookupError):
    """The district has no resolved devices of an asset list."""


@dataclass(frozen=True, kw_only=True)
class DistrictBreakage:
    """Breakage by model, and how many devices are not in it by reason."""

    models: tuple[ModelBreakage, ...]
    left_out: Mapping[str, int]


_remembered: OrderedDict[tuple[str, ...], DistrictBreakage] = OrderedDict()
_lock = Lock()


def load_breakage(*, district: District, today: date) -> DistrictBreakage:
    """Return the breakage of a district's devices as of a day, remembered until the evidence changes.

    Raise NoAssetList, QueryTimeout.
    """
    store = get_evidence_store(district=district)
    derived = store.get_latest_derived()
    if derived is None:
        raise NoAssetList("no asset list is loaded yet")
    key = (str(store.folder), derived.id, store.compute_sources_id(), today.isoformat())
    with _lock:
        if key in _remembered:
            _remembered.move_to_end(key)
            return _remembered[key]
    try:
        rows = query_executor().run(
            snapshot_id=f"{store.folder}/{derived.id}/{key[2]}",
            pin=lambda: store.pin_snapshot(derived=derived.id),
            query=_read_devices,
        )
    except NoSuchLoad:
        rows = []
    if not rows:
        raise NoAssetList("no asset list is loaded yet")
    devices, left_out = build_watched_devices(rows, today=today)
    breakage = DistrictBreakage(models=tuple(estimate_breakage(devices, today=today)), left_out=left_out)
    with _lock:
        _remembered[key] = breakage
        while len(_remembered) > REMEMBERED:
            _remembered.popitem(last=False)
    return breakage


def _read_devices(session: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return session.execute(
        _DEVICES_SQL, {"fatal": FATAL_WORDS, "broken": BROKEN_WORDS, "repair": REPAIR_WORDS, "sold": SOLD_WORDS}
    ).fetchall()


def build_watched_devices(
    rows: Sequence[tuple[Any, ...]], *, today: date
) -> tuple[list[WatchedDevice], dict[str, int]]:
    """Return the devices that are watched, and how many are left out by reason.

    A row has model, list, first day, day last seen, whether it left, status, and whether the list's words are of broken
    or sold devices.
    """
    left_out: Counter[str] = Counter()
    fitting: list[tuple[str, str, date, date | None, Departure | None]] = []
    for model, instance, first_day, seen_on, has_left, status, is_broken, is_sold in rows:
        if not model:
            left_out["no model"] += 1
        elif first_day is None or first_day > today:
            left_out["no first day"] += 1
        elif not has_left:
            fitting.append((model, instance, first_day, None, None))
        elif seen_on is None or seen_on < first_day:
            left_out["no day on which it left"] += 1
        else:
            departure = _find_departure(status, is_broken=is_broken, is_sold=is_sold)
            fitting.append((model, instance, first_day, min(seen_on, today), departure))
    began: dict[str, date] = {}
    for _, instance, _, left_on, _ in fitting:
        if left_on is not None:
            began[instance] = min(left_on, began.get(instance, left_on))
    devices = [
        WatchedDevice(
            device=str(number),
            model=model,
            in_service=first_day,
            listed_since=max(first_day, began.get(instance, first_day)),
            left_on=left_on,
            departure=departure,
        )
        for number, (model, instance, first_day, left_on, departure) in enumerate(fitting)
    ]
    return devices, dict(left_out)


def _find_departure(status: str, *, is_broken: bool, is_sold: bool) -> Departure:
    if status == "lost":
        return Departure.LOST
    if is_broken:
        return Departure.BROKEN
    return Departure.SOLD if is_sold else Departure.RETIRED
