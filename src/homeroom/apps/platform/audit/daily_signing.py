"""Signing the trail of each district once a day."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from homeroom.apps.platform.audit.known_digests import get_last_checkpoint
from homeroom.apps.platform.audit.signing import sign_trail
from homeroom.apps.platform.districts.queries import list_districts
from homeroom.domain.platform.district import District
from homeroom.domain.scheduling.past_times import is_within

INTERVAL = timedelta(hours=1)
MAX_AGE = timedelta(hours=20)
_log = logging.getLogger(__name__)


class SigningClock:
    """Signs each trail whose last checkpoint is older than 20 hours; looks once an hour, however often it is called."""

    def __init__(self) -> None:
        self._looked_at: datetime | None = None

    def apply(self, *, at: datetime | None = None) -> int:
        """Sign what is due; return the number of new checkpoints."""
        now = at or timezone.now()
        if is_within(INTERVAL, self._looked_at, at=now):
            return 0
        self._looked_at = now
        return sum(_sign_due(district, at=now) for district in list_districts())


def _sign_due(district: District, *, at: datetime) -> bool:
    try:
        last = get_last_checkpoint(Path(settings.DATA), district=district)
        if last is not None and is_within(MAX_AGE, datetime.fromisoformat(last.at), at=at):
            return False
        return sign_trail(district=district, at=at) is not None
    except (OSError, ValueError) as error:
        _log.warning("An audit trail was not signed: %s", type(error).__name__)
        return False
