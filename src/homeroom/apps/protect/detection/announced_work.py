"""Read announced work, from loaded files and from the page, in the district's time zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from homeroom.apps.protect.detection.models import AnnouncedWork
from homeroom.domain.platform.district import District
from homeroom.domain.protect.detections.expected_activity import ExpectedActivity

ENTRY_LISTS = ("who", "targets", "hosts", "addresses", "countries")


def list_announced_work(*, district: District) -> tuple[ExpectedActivity, ...]:
    """Return the work that was announced on the page and not taken back, that which is over among it."""
    rows = AnnouncedWork.objects.of(district).filter(withdrawn_at=None).order_by("pk")
    return tuple(read_announced_work(row, zone=ZoneInfo(district.timezone)) for row in rows)


def read_announced_work(row: AnnouncedWork, *, zone: ZoneInfo) -> ExpectedActivity:
    """Return announced work from its row; one that somebody ended early covers nothing after that."""
    item = build_activity({**row.entry, "key": f"page-{row.pk}", "reason": row.reason}, zone=zone)
    return replace(item, ends=min(filter(None, (item.ends, row.ended_at)))) if row.ended_at else item


def build_activity(row: Mapping[str, Any], *, zone: ZoneInfo) -> ExpectedActivity:
    """Return announced work from a row; days, and times without a zone, are those of the zone."""
    daily_from, daily_until = row["daily_from"], row["daily_until"]
    return ExpectedActivity(
        number=row["key"],
        starts=read_moment(row["starts"], zone=zone, at_end=False),
        ends=read_moment(row["ends"], zone=zone, at_end=True),
        daily=(time.fromisoformat(daily_from), time.fromisoformat(daily_until)) if daily_from and daily_until else None,
        reason=row["reason"] or "",
        **{name: tuple(row[name] or ()) for name in ENTRY_LISTS},
    )


def read_moment(text: str | None, *, zone: ZoneInfo, at_end: bool) -> datetime | None:
    """Return the time of a day or time in ISO form, in the zone unless it names one; of a day its beginning or end."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    if len(text) == len("2026-12-19") and at_end:
        moment += timedelta(days=1, microseconds=-1)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
