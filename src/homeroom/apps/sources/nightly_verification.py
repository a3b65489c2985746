"""Verifying each district's audit trail and manifests once a night, and the result for doctor, Today and metrics.

The result is a file below `run/` in the data folder, of this installation alone: no backup has it.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from homeroom.apps.districts.queries import list_districts
from homeroom.apps.sources.verify_district import VerifiedDistrict, verify_district
from homeroom.domain.district import District
from homeroom.evidence.files.blobs import write_file
from homeroom.evidence.files.manifests import EvidenceDamaged

NIGHT_HOURS = range(1, 5)
"""Hours of a district's own time at which it is verified."""
MIN_INTERVAL, MAX_INTERVAL = timedelta(hours=18), timedelta(hours=30)
SHOWN_PROBLEMS = 3
_log = logging.getLogger(__name__)


class VerificationResult(msgspec.Struct, frozen=True, kw_only=True):
    """When a district was last verified, how many problems there were, and the first of them."""

    at: datetime
    problems: int = 0
    first: tuple[str, ...] = ()


class VerificationClock:
    """Verifies each district once a night, or by day if no night was, however often it is called."""

    def apply(self, *, at: datetime | None = None) -> int:
        """Verify what is due, without the files that manifests name; return the number of districts."""
        now = at or timezone.now()
        return sum(_verify_due(district, at=now) for district in list_districts())


def verify_and_record(*, district: District, at: datetime, reads_evidence: bool = True) -> VerifiedDistrict:
    """Verify a district, and record the result for doctor, Today and metrics."""
    result = verify_district(district=district, reads_evidence=reads_evidence)
    texts = [*map(str, result.problems), *map(str, result.damages)]
    _record(district, VerificationResult(at=at, problems=len(texts), first=tuple(texts[:SHOWN_PROBLEMS])))
    return result


def read_verification(*, district: District) -> VerificationResult | None:
    """Return the result of the last verification of a district, None before the first."""
    try:
        return msgspec.json.decode(_get_path(district).read_bytes(), type=VerificationResult)
    except (OSError, msgspec.MsgspecError):
        return None


def _verify_due(district: District, *, at: datetime) -> bool:
    last = read_verification(district=district)
    age = at - last.at if last is not None else MAX_INTERVAL
    is_night = at.astimezone(ZoneInfo(district.timezone)).hour in NIGHT_HOURS
    if timedelta() <= age < (MIN_INTERVAL if is_night else MAX_INTERVAL):
        return False
    try:
        verify_and_record(district=district, at=at, reads_evidence=False)
    except (DatabaseError, EvidenceDamaged, OSError, ValueError) as error:
        _log.warning("A district was not verified: %s", type(error).__name__)
        _record(district, VerificationResult(at=at, problems=1, first=("it could not be read to its end",)))
    return True


def _record(district: District, result: VerificationResult) -> None:
    write_file(_get_path(district), msgspec.json.encode(result))


def _get_path(district: District) -> Path:
    return Path(settings.DATA) / "run" / "verified" / f"{district.slug}.json"
