"""What each district of a service center needs from a person today, the most urgent district first.

Every figure is read by a query of its own district; nothing is compared or added up across districts in the database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.core.cache import cache

from homeroom.apps.comply.duties.queries import list_soon_duties
from homeroom.apps.manage.planning.queries import list_source_ages
from homeroom.apps.platform.audit.queries import get_newest_entry_id
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.detection.alert_pages import summarize_open_alerts
from homeroom.apps.protect.incidents.queries import get_reminders
from homeroom.apps.protect.posture.published.queries import get_published_assessment
from homeroom.apps.protect.posture.published.score_history import DayScore, get_overall_score
from homeroom.domain.comply.laws.duties import DutyState
from homeroom.domain.platform.district import District
from homeroom.evidence.files.manifests import EvidenceDamaged
from homeroom.evidence.query.executor import QueryTimeout

CACHE_SECONDS: Final = 3600
_LOWEST_SCORE: Final = 0.0


@dataclass(frozen=True, kw_only=True)
class DistrictStatus:
    """What one district needs: counts of what waits for a person, its data and its score.

    `score` is None before the first assessment, `assessed_on` its day. `duties` counts those that are late; None if
    they could not be computed in time. `is_readable` is False if the evidence is damaged: then nothing is known of
    loads and sources.
    """

    slug: str
    name: str
    incidents: int = 0
    alerts: int = 0
    duties: int | None = 0
    held_loads: int = 0
    old_sources: int = 0
    sources: int = 0
    loaded_at: datetime | None = None
    score: DayScore | None = None
    assessed_on: date | None = None
    is_readable: bool = True

    @property
    def needs_somebody(self) -> bool:
        """Return whether anything waits for a person."""
        return any(self._list_urgencies())

    def build_sort_key(self) -> tuple[object, ...]:
        """Return the key by which the district with the most urgent need comes first, then the lowest score."""
        low = self.score.low if self.score else _LOWEST_SCORE
        return (*(-count for count in self._list_urgencies()), low, self.name.casefold())

    def _list_urgencies(self) -> tuple[int, ...]:
        """Return what waits, the most urgent kind first."""
        damage = 0 if self.is_readable else 1
        return self.incidents, self.alerts, damage, self.duties or 0, self.held_loads, self.old_sources


def summarize_districts(*, districts: Iterable[District], at: datetime) -> tuple[DistrictStatus, ...]:
    """Return the status of each district at a time (UTC), the most urgent first."""
    statuses = (_summarize_district(district, at=at) for district in districts)
    return tuple(sorted(statuses, key=DistrictStatus.build_sort_key))


def _summarize_district(district: District, *, at: datetime) -> DistrictStatus:
    published = get_published_assessment(district=district)
    status = DistrictStatus(
        slug=district.slug,
        name=district.name,
        incidents=get_reminders(district=district, at=at).active,
        alerts=summarize_open_alerts(district=district).new,
        score=get_overall_score(district=district, assessment=published) if published else None,
        assessed_on=published.today if published else None,
    )
    try:
        return _add_evidence(status, district, at=at)
    except EvidenceDamaged:
        return replace(status, is_readable=False, duties=None)


def _add_evidence(status: DistrictStatus, district: District, *, at: datetime) -> DistrictStatus:
    """Add what is computed from the loads; raise EvidenceDamaged."""
    zone, store = ZoneInfo(district.timezone), get_evidence_store(district=district)
    today = at.astimezone(zone).date()
    loads = store.list_current_loads()
    ages = list_source_ages(loads, today=today, zone=zone)
    return replace(
        status,
        duties=_count_late_duties(district, today=today, at=at),
        held_loads=len(store.list_held_loads()),
        sources=len(ages),
        old_sources=sum(source.old for source in ages),
        loaded_at=max((load.loaded_at for load in loads), default=None),
    )


def _count_late_duties(district: District, *, today: date, at: datetime) -> int | None:
    """Return how many duties are late; None if that could not be computed in time.

    The number is cached until an entry is added to the district's audit trail, its evidence changes or an hour begins.
    """
    store, hour = get_evidence_store(district=district), at.replace(minute=0, second=0, microsecond=0)
    version = (district.pk, get_newest_entry_id(district=district), store.compute_sources_id(), today, hour)
    key = "late-duties:" + hashlib.sha256(repr(version).encode()).hexdigest()
    count: int | None = cache.get(key)
    if count is None:
        with suppress(QueryTimeout):
            duties = list_soon_duties(district=district, today=today, at=at)
            count = sum(duty.status.state is DutyState.LATE for duty in duties)
            cache.set(key, count, timeout=CACHE_SECONDS)
    return count
