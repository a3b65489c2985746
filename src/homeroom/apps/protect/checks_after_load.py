"""What the wing does after new data: it judges logs, then it assesses, reviews vulnerabilities and verifies fixes."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from homeroom.apps.protect.detection.judging.judge_district import judge_district
from homeroom.apps.protect.exceptions.queries import list_active_suppressions
from homeroom.apps.protect.fixes.verify import verify_fixes
from homeroom.apps.protect.posture.commands import assess
from homeroom.apps.protect.vulnerabilities.review.review import review_vulnerabilities
from homeroom.domain.platform.district import District
from homeroom.domain.progress import Progress
from homeroom.evidence.loads.store import EvidenceStore


def judge_new_events(*, district: District, store: EvidenceStore, at: datetime, progress: Progress) -> None:
    """Judge the events that came since the last time."""
    judge_district(district=district, store=store, at=at, progress=progress)


def check_controls(*, district: District, store: EvidenceStore, at: datetime, progress: Progress) -> None:
    """Assess the newest inventory, review its vulnerabilities and verify what was fixed."""
    today = at.astimezone(ZoneInfo(district.timezone)).date()
    suppressions = list_active_suppressions(district=district, today=today)
    assess(district=district, store=store, today=today, at=at, progress=progress, suppressions=suppressions)
    review_vulnerabilities(district=district, store=store, today=today, at=at)
    verify_fixes(district=district, store=store, at=at)
