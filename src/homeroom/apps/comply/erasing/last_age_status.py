"""The status of last ages: how many people are past each. Pages read it, so it does not import what erases people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from homeroom.evidence.erasing.retention import Expiry, LastAge, find_expiries, read_last_ages
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.cache import SingleFlightCache

_expiries: SingleFlightCache[Mapping[str, Expiry]] = SingleFlightCache(max_entries=8)
"""When people who left are past their last age, by snapshot and rules: pages ask for it each time."""


@dataclass(frozen=True, kw_only=True)
class LastAgeStatus:
    """Whether a last age is met: how many people are past it, since the night that erases them has not come yet."""

    rule: LastAge
    overdue: int

    @property
    def is_met(self) -> bool:
        """True if nobody is past it: a duty of retention is then met by data."""
        return self.overdue == 0


def list_last_ages(*, store: EvidenceStore, at: datetime) -> tuple[LastAgeStatus, ...]:
    """Return the last ages of a district and whether each is met. Raise QueryTimeout if others wait for it as well."""
    rules, newest = read_last_ages(store.folder), store.get_latest_derived()
    if not rules or newest is None:
        return tuple(LastAgeStatus(rule=rule, overdue=0) for rule in rules)
    key = (store.folder, newest.id, store.compute_sources_id(), rules)
    expiries = _expiries.get(key, lambda: find_expiries(store, rules=rules))
    overdue = Counter(rule for expiry in expiries.values() if expiry.at < at for rule in expiry.rules)
    return tuple(LastAgeStatus(rule=rule, overdue=overdue[rule]) for rule in rules)
