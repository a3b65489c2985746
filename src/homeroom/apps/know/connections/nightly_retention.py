"""Apply the retention of events once a night in every district, then the nightly steps that apps name."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from homeroom.apps.know.sources.event_retention import apply_retention
from homeroom.apps.platform.districts.app_sources import load_functions
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.platform.districts.queries import list_districts
from homeroom.domain.platform.district import District
from homeroom.domain.scheduling.past_times import is_within
from homeroom.domain.scheduling.sync_hours import NIGHT, is_allowed
from homeroom.evidence.files.manifests import EvidenceDamaged
from homeroom.evidence.loads.store import EvidenceStore, StoreBusy

_log = logging.getLogger(__name__)
MIN_INTERVAL = timedelta(hours=18)


class RetentionClock:
    """Applies retention once a night by each district's own time, however often it is called."""

    def __init__(self, *, open_store: Callable[[District], EvidenceStore] | None = None) -> None:
        self._applied_at: dict[str, datetime] = {}
        self._open_store = open_store or (lambda district: get_evidence_store(district=district))

    def apply(self, *, at: datetime | None = None) -> int:
        """Apply retention in the districts where it is night and it was not done yet; return in how many.

        A district that a load is being written of has its turn at the next call.
        """
        now = at or timezone.now()
        return sum(self._apply_to(district, at=now) for district in list_districts())

    def _apply_to(self, district: District, *, at: datetime) -> bool:
        is_done = is_within(MIN_INTERVAL, self._applied_at.get(district.slug), at=at)
        zone = ZoneInfo(district.timezone)
        if is_done or not is_allowed(at, quiet=NIGHT, zone=zone, calendar=lambda _day: None):
            return False
        try:
            apply_retention(district=district, store=self._open_store(district), at=at)
        except StoreBusy:
            return False
        except (EvidenceDamaged, OSError, ValueError) as error:  # a damaged file: the doctor names it
            _log.warning("Retention of events was not applied in a district: %s", type(error).__name__)
        for step in load_functions("nightly_steps").values():
            step(district=district, today=at.astimezone(zone).date(), at=at)
        self._applied_at[district.slug] = at
        return True
