"""Watched devices of asset lists: those that are listed, those that a list has as broken, sold or lost, and those gone.

Asset lists rarely have the day on which a device left. Of one that is still in the list it is the last day on which any
console saw it; of one whose row is gone, the last load that has the row at the latest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import duckdb

from homeroom.domain.manage.estimates.breakage import Departure, WatchedDevice
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.executor import query_executor

FATAL_WORDS = r"(?i)not fixable|un-?repairable|irreparable|beyond (economic(al)? )?repair|total loss|\bdead\b"
BROKEN_WORDS = r"(?i)\b(broken?|broke|damaged?|cracked|smashed)\b"
REPAIR_WORDS = r"(?i)repair|diagnos|\brma\b|warranty"
"""A broken device that is being repaired has not left, unless its row is gone."""
SOLD_WORDS = r"(?i)\b(sold|auction(ed)?|surplus|donated|traded)\b"
_DEVICES_SQL = """WITH rows AS (
        SELECT *, false AS gone, managed IS NOT TRUE AS is_asset FROM device_records
        UNION ALL BY NAME
        SELECT *, true AS gone, managed IS NOT TRUE
            AND (managed IS FALSE OR asset_tag IS NOT NULL OR purchased_on IS NOT NULL) AS is_asset
        FROM device_records_gone),
    watched AS (
        SELECT l.id, min(r.purchased_on) AS purchased_on, min(r.enrolled_at)::DATE AS enrolled_on,
            max(r.last_seen)::DATE AS seen_on,
            arg_min(r.instance, (r.managed IS NULL, r.instance)) FILTER (r.is_asset AND NOT r.gone) AS instance,
            arg_max(r.status, r.status IN ('retired', 'lost')) FILTER (r.is_asset AND NOT r.gone) AS status,
            string_agg(r.status_word, ' ' ORDER BY r.instance, r.key) FILTER (r.is_asset AND NOT r.gone) AS words,
            arg_max(struct_pack(instance := r.instance, status := r.status, words := r.status_word, model := r.model,
                listed_on := r.seen_at::DATE), r.seen_at) FILTER (r.is_asset AND r.gone) AS departed
        FROM links l JOIN rows r ON l.instance = r.instance AND l.key = r.key
        WHERE l.subject_kind = 'device' AND l.table_name = 'device_records' GROUP BY l.id),
    described AS (
        SELECT w.id, coalesce(trim(coalesce(d.model, w.departed.model)), '') AS model, coalesce(d.in_assets, false)
            AS is_listed, coalesce(d.retired, false) AS is_retired, coalesce(purchased_on, enrolled_on) AS first_day,
            seen_on, departed.listed_on AS listed_on,
            CASE WHEN is_listed THEN instance ELSE departed.instance END AS instance,
            coalesce(CASE WHEN is_listed THEN status ELSE departed.status END, '') AS status,
            coalesce(CASE WHEN is_listed THEN words ELSE departed.words END, '') AS words
        FROM watched w LEFT JOIN devices d USING (id) WHERE d.in_assets OR w.departed IS NOT NULL),
    marked AS (
        SELECT *, regexp_matches(words, $fatal) OR regexp_matches(words, $broken) AS is_broken,
            (is_listed AND is_retired) OR status IN ('retired', 'lost') OR regexp_matches(words, $fatal)
                OR (regexp_matches(words, $broken) AND NOT regexp_matches(words, $repair)) AS has_ended
        FROM described)
    SELECT model, instance, first_day,
        CASE WHEN is_listed THEN seen_on WHEN has_ended THEN least(seen_on, listed_on) ELSE listed_on END,
        has_ended OR NOT is_listed, status, is_broken OR (NOT is_listed AND status = 'repair'),
        regexp_matches(words, $sold)
    FROM marked ORDER BY id"""


def load_watched_devices(
    store: EvidenceStore, *, derived: str, today: date
) -> tuple[list[WatchedDevice], dict[str, int]]:
    """Return the watched devices of a resolved snapshot, each once, and how many are left out by reason.

    Raise NoSuchLoad if the snapshot is gone, QueryTimeout.
    """
    rows = query_executor().run(
        snapshot_id=f"{store.folder}/{derived}/{store.compute_sources_id()}",
        pin=lambda: store.pin_snapshot(derived=derived),
        query=_read_devices,
    )
    first_loads: dict[str, date] = {}
    for load in store.list_loads():
        first_loads.setdefault(load.instance, load.loaded_at.date())
    return build_watched_devices(rows, first_loads=first_loads, today=today)


def _read_devices(session: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return session.execute(
        _DEVICES_SQL, {"fatal": FATAL_WORDS, "broken": BROKEN_WORDS, "repair": REPAIR_WORDS, "sold": SOLD_WORDS}
    ).fetchall()


def build_watched_devices(
    rows: Sequence[tuple[Any, ...]], *, first_loads: Mapping[str, date], today: date
) -> tuple[list[WatchedDevice], dict[str, int]]:
    """Return the devices that are watched, and how many are left out by reason.

    A row has model, list, first day, day last seen, whether it left, status, and whether the list's words are of broken
    or sold devices. A list counts from its first load, or from the first departure that it has if that is earlier: what
    broke before is unknown.
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
    began = {instance: min(day, today) for instance, day in first_loads.items()}
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
