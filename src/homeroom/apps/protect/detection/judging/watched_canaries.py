"""What judging needs of the page's canaries: which are watched, and which tests it saw a touch of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from homeroom.apps.protect.detection.models import CanaryTest, PlantedCanary, StoredDetection
from homeroom.domain.platform.district import District
from homeroom.domain.protect.detections.canaries import TouchWindow
from homeroom.engines.protect.enrich.district_knowledge import Canary

LATE = timedelta(days=3)
"""Logs come up to a day late: so long a canary that was retired is watched for what happened before."""


def list_watched_canaries(*, district: District, at: datetime) -> list[Canary]:
    """Return the canaries that are planted, or were until lately, with their tests."""
    rows = PlantedCanary.objects.of(district).filter(planted_at__isnull=False).order_by("pk")
    watched = [row for row in rows if row.retired_at is None or row.retired_at > at - LATE]
    tests: dict[int, list[TouchWindow]] = {}
    for test in CanaryTest.objects.of(district).filter(canary__in=watched):
        window = TouchWindow(started_by=test.started_by, since=test.started_at, until=test.ends_at)
        tests.setdefault(test.canary_id, []).append(window)
    return [_build_canary(row, tests.get(row.pk, ())) for row in watched]


def _build_canary(row: PlantedCanary, tests: Iterable[TouchWindow]) -> Canary:
    return Canary(
        kind=row.kind,
        value=row.value_key,
        name=row.title if row.kind == "document" else row.value,
        since=row.planted_at,
        until=row.retired_at,
        tests=tuple(tests),
    )


def record_seen_tests(*, district: District, at: datetime) -> None:
    """Store with each test that saw no touch yet the first that judging detected in its time."""
    open_tests = CanaryTest.objects.of(district).filter(seen_at__isnull=True).select_related("canary")
    for test in open_tests:
        touch = (
            StoredDetection.objects.of(district)
            .filter(canary=test.canary.value_key, at__gte=test.started_at, at__lte=test.ends_at)
            .exclude(canary="")
            .order_by("at", "pk")
            .first()
        )
        if touch is not None:
            test.seen_at, test.seen_log, test.judged_at = touch.at, f"{touch.source}/{touch.log}", at
            test.save(update_fields=["seen_at", "seen_log", "judged_at"])
