"""Breakage of the loaded devices by model, and the share of each model that is expected to break within a year."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from threading import Lock

from homeroom.apps.manage.breakage.watched_devices import load_watched_devices
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.manage.estimates.breakage import ModelBreakage
from homeroom.domain.platform.district import District
from homeroom.engines.manage.breakage.model_breakage import estimate_breakage
from homeroom.evidence.loads.store import NoSuchLoad

REMEMBERED = 8
"""How many districts' figures a process remembers, until other evidence is loaded or the day is over."""
UNDATED = "no day on which it left"


class NoAssetList(LookupError):
    """The district has no resolved devices of an asset list."""


@dataclass(frozen=True, kw_only=True)
class DistrictBreakage:
    """Breakage by model, how many devices of each are there, and how many are not in it by reason."""

    models: tuple[ModelBreakage, ...]
    remaining: Mapping[str, int]
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
        devices, left_out = load_watched_devices(store, derived=derived.id, today=today)
    except NoSuchLoad:
        devices, left_out = [], {}
    if not devices and not left_out:
        raise NoAssetList("no asset list is loaded yet")
    breakage = DistrictBreakage(
        models=tuple(estimate_breakage(devices, today=today)),
        remaining=Counter(device.model for device in devices if device.left_on is None),
        left_out=left_out,
    )
    with _lock:
        _remembered[key] = breakage
        while len(_remembered) > REMEMBERED:
            _remembered.popitem(last=False)
    return breakage


def estimate_breaking_shares(*, district: District, today: date) -> tuple[dict[str, float], tuple[str, ...]]:
    """Return the share of each model's devices that is expected to break within a year, and why others have none.

    Raise QueryTimeout.
    """
    try:
        breakage = load_breakage(district=district, today=today)
    except NoAssetList:
        return {}, ()
    shares = {
        item.model: item.expected / breakage.remaining[item.model]
        for item in breakage.models
        if item.expected is not None and breakage.remaining.get(item.model)
    }
    undated = breakage.left_out.get(UNDATED, 0)
    if not undated:
        return shares, ()
    return shares, (f"{undated:,} devices that the list has as retired, lost or broken have no day, and tell nothing",)
