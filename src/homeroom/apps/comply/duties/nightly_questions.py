"""Ask the owners of duties once a night whether those that are due are met."""

from __future__ import annotations

import logging
from datetime import date, datetime

from homeroom.apps.comply.duties.commands import request_due_answers
from homeroom.domain.platform.district import District
from homeroom.evidence.files.manifests import EvidenceDamaged
from homeroom.evidence.query.executor import QueryTimeout

_log = logging.getLogger(__name__)


def ask_owners(*, district: District, today: date, at: datetime) -> None:
    """Ask the owners of a district's duties; a failure costs this night's questions alone."""
    try:
        request_due_answers(district=district, today=today, at=at)
    except (QueryTimeout, EvidenceDamaged, OSError, ValueError) as error:
        _log.warning("Owners of duties were not asked in a district: %s", type(error).__name__)
