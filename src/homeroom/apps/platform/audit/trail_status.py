"""A quick look at the end of a district's trail, for pages and the doctor; `verification` reads all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from homeroom.apps.platform.audit.appending import build_head
from homeroom.apps.platform.audit.keys import open_audit_keys
from homeroom.apps.platform.audit.known_digests import (
    Contradiction,
    find_contradiction,
    get_last_checkpoint,
    read_newest_digests,
    select_telling,
)
from homeroom.apps.platform.audit.models import Head
from homeroom.domain.platform.audit.verifier import ChainProblem, ProblemKind, verify_head
from homeroom.domain.platform.district import District

UNSIGNED_DAYS = 3
"""After how many days without a checkpoint the doctor complains, if anything is new."""


@dataclass(frozen=True, kw_only=True)
class TrailStatus:
    """The end of a trail: its last number, the last checkpoint, and what is wrong (empty if nothing is)."""

    entries: int = 0
    signed_through: int = 0
    signed_at: datetime | None = None
    problem: str = ""


def get_trail_status(*, district: District, at: datetime) -> TrailStatus:
    """Return the status of a district's trail at a time (UTC)."""
    data = Path(settings.DATA)
    recorded = read_newest_digests(data, district=district)  # before the head: entries are added meanwhile
    last = get_last_checkpoint(data, district=district)
    row = Head.objects.of(district).first()
    if row is None:
        return TrailStatus(problem="the trail is gone from the database" if recorded else "")
    head = build_head(row)
    problems = verify_head(head, row.mac, district=district.slug, keys=open_audit_keys(data, create=False).mac_keys)
    through = last.number if last is not None else 0
    signed_at = datetime.fromisoformat(last.at) if last is not None else None
    problem = _describe_contradiction(_find_contradiction(recorded, data, district=district, end=head.number))
    problem = problem or (str(problems[0]) if problems else "")
    if not problem and signed_at is not None and head.number > through + 1:
        is_late = at - signed_at > timedelta(days=UNSIGNED_DAYS)
        problem = f"entries since {signed_at:%Y-%m-%d} are not signed; the background worker does it" if is_late else ""
    return TrailStatus(entries=head.number, signed_through=through, signed_at=signed_at, problem=problem)


def _find_contradiction(recorded: Mapping[int, str], data: Path, *, district: District, end: int) -> Contradiction:
    """Compare a few telling entries; all that were recorded only if these differ, since a busy day has thousands."""
    telling = select_telling(recorded, data, district=district)
    quick = find_contradiction(telling, district=district, end=end)
    return find_contradiction(recorded, district=district, end=end) if quick else quick


def _describe_contradiction(contradiction: Contradiction) -> str:
    if contradiction.missing:
        first, last = contradiction.missing[0], contradiction.missing[-1]
        text = "is missing at the end"
        return str(ChainProblem(kind=ProblemKind.TRUNCATED, first=first, last=last, text=text))
    if contradiction.other:
        first, last = contradiction.other[0], contradiction.other[-1]
        text = "is another one than what was recorded outside the database"
        return str(ChainProblem(kind=ProblemKind.REPLACED, first=first, last=last, text=text))
    return ""
