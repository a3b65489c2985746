"""Verifying each district's audit trail and manifests once a night, and the result for doctor, Today and metrics.

The trail is verified from the last verified checkpoint on, and from its beginning once a week and after any problem.
The result is a file below `run/` in the data folder, of this installation alone: no backup has it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.utils import timezone

from homeroom.apps.know.sources.verify_district import VerifiedDistrict, verify_district
from homeroom.apps.platform.districts.own_program import StartedProgram, start_own_program
from homeroom.apps.platform.districts.queries import list_districts
from homeroom.domain.platform.district import District
from homeroom.domain.scheduling.past_times import is_within
from homeroom.evidence.files.blobs import write_file

NIGHT_HOURS = range(1, 5)
"""Hours of a district's own time at which it is verified."""
MIN_INTERVAL, MAX_INTERVAL = timedelta(hours=18), timedelta(hours=30)
SHOWN_PROBLEMS = 3
WHOLE_INTERVAL = timedelta(days=7) - timedelta(hours=2)
"""How long the beginning of a trail is not read again: a night a week."""
VERIFY = ("verify", "--no-evidence", "--continue", "--json")
_log = logging.getLogger(__name__)


class VerificationResult(msgspec.Struct, frozen=True, kw_only=True):
    """When a district was last verified, how many problems there were, and the first of them.

    `through` is the last entry of a trail without problems, and `whole_at` when that was read from its beginning.
    """

    at: datetime
    problems: int = 0
    first: tuple[str, ...] = ()
    through: int = 0
    whole_at: datetime | None = None


class VerificationClock:
    """Starts the verification of each district once a night, or by day if no night was, however often it is called.

    Each is a process of its own, without the files that manifests name, and never two at a time: a long trail takes
    minutes, for which no other clock waits.
    """

    def __init__(self, *, start: Callable[[Sequence[str]], StartedProgram] | None = None) -> None:
        self._start = start or start_own_program
        self._run: StartedProgram | None = None
        self._district: District | None = None
        self._before: VerificationResult | None = None

    def apply(self, *, at: datetime | None = None) -> str:
        """Start what is due; return the district's short name, or an empty text if nothing is."""
        now = at or timezone.now()
        if self._run is not None and self._run.poll() is None:
            return ""
        self._record_failure(at=now)
        due = next((item for item in list_districts() if _is_due(item, at=now)), None)
        if due is None:
            return ""
        self._district, self._before = due, read_verification(district=due)
        self._run = self._start((*VERIFY, "--district", due.slug))
        return due.slug

    def _record_failure(self, *, at: datetime) -> None:
        """Record that a process ended without a result, as when the database could not be read."""
        district, self._run, self._district = self._district, None, None
        if district is not None and read_verification(district=district) == self._before:
            _log.warning("A district was not verified")
            _record(district, VerificationResult(at=at, problems=1, first=("it could not be read to its end",)))


def verify_and_record(
    *, district: District, at: datetime, reads_evidence: bool = True, goes_on: bool = False
) -> VerifiedDistrict:
    """Verify a district, and record the result for doctor, Today and metrics.

    With `goes_on` the trail is verified from the last verified checkpoint on, where its beginning was verified within a
    week.
    """
    last = read_verification(district=district) if goes_on else None
    is_recent = last is not None and not last.problems and is_within(WHOLE_INTERVAL, last.whole_at, at=at)
    verified = last.through if last is not None and is_recent else 0
    result = verify_district(district=district, reads_evidence=reads_evidence, verified=verified)
    texts = [*map(str, result.problems), *map(str, result.damages)]
    whole_at = last.whole_at if last is not None and result.trail.after else at
    recorded = VerificationResult(at=at, problems=len(texts), first=tuple(texts[:SHOWN_PROBLEMS]))
    if not texts:
        recorded = msgspec.structs.replace(recorded, through=result.trail.through, whole_at=whole_at)
    _record(district, recorded)
    return result


def read_verification(*, district: District) -> VerificationResult | None:
    """Return the result of the last verification of a district, None before the first."""
    try:
        return msgspec.json.decode(_get_path(district).read_bytes(), type=VerificationResult)
    except (OSError, msgspec.MsgspecError):
        return None


def _is_due(district: District, *, at: datetime) -> bool:
    last = read_verification(district=district)
    age = at - last.at if last is not None else MAX_INTERVAL
    is_night = at.astimezone(ZoneInfo(district.timezone)).hour in NIGHT_HOURS
    return not timedelta() <= age < (MIN_INTERVAL if is_night else MAX_INTERVAL)


def _record(district: District, result: VerificationResult) -> None:
    write_file(_get_path(district), msgspec.json.encode(result))


def _get_path(district: District) -> Path:
    return Path(settings.DATA) / "run" / "verified" / f"{district.slug}.json"
