"""End the trials that nobody ended, once a night in every district, before outcomes may go by retention."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from homeroom.apps.platform.districts.queries import list_districts
from homeroom.apps.teach.trials.commands import end_due_trials
from homeroom.domain.platform.district import District
from homeroom.domain.scheduling.past_times import is_within
from homeroom.domain.scheduling.sync_hours import NIGHT, is_allowed
from homeroom.evidence.files.manifests import EvidenceDamaged
from homeroom.evidence.query.executor import QueryTimeout

_log = logging.getLogger(__name__)
MIN_INTERVAL = timedelta(hours=18)


class TrialClock:
    """Ends due trials once a night by each district's own time, however often it is called."""

    def __init__(self) -> None:
        self._applied_at: dict[str, datetime] = {}

    def apply(self, *, at: datetime | None = None) -> int:
        """End the trials that are due where it is night, and return how many."""
        now = at or timezone.now()
        return sum(self._apply_to(district, at=now) for district in list_districts())

    def _apply_to(self, district: District, *, at: datetime) -> int:
        zone = ZoneInfo(district.timezone)
        is_done = is_within(MIN_INTERVAL, self._applied_at.get(district.slug), at=at)
        if is_done or not is_allowed(at, quiet=NIGHT, zone=zone, calendar=lambda _day: None):
            return 0
        self._applied_at[district.slug] = at
        try:
            return end_due_trials(district=district, today=at.astimezone(zone).date(), at=at)
        except (QueryTimeout, EvidenceDamaged, OSError, ValueError) as error:  # a damaged file: the doctor names it
            _log.warning("Trials were not ended in a district: %s", type(error).__name__)
            return 0
