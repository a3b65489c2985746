"""The calendar of a feed: its visits as they are planned now, numbered against what it had before."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext

from homeroom.apps.manage.rollouts.feeds.visit_feeds import PERSON, find_feed
from homeroom.apps.manage.rollouts.models import RolloutVisit, TargetRoom, VisitFeed
from homeroom.apps.manage.rollouts.records import NO_ENTRY, STOPPED
from homeroom.apps.manage.rollouts.visits.visit_calendars import (
    CalendarEntry,
    build_calendar,
    build_calendar_entry,
    continue_sequences,
    format_entry,
    parse_entry,
)
from homeroom.domain.platform.district import District

REFRESH = timedelta(hours=1)
HISTORY = timedelta(days=120)
"""How long a visit that is over, or was cancelled, stays in a feed."""


@dataclass(frozen=True, kw_only=True)
class FeedCalendar:
    """The calendar of a feed, and when it changed last. The same visits are the same bytes."""

    content: bytes
    changed_at: datetime

    @property
    def digest(self) -> str:
        """Return a fingerprint of the content."""
        return hashlib.sha256(self.content).hexdigest()


def load_feed_calendar(*, district: District, token: str, at: datetime) -> FeedCalendar | None:
    """Return the calendar of a feed; None if the secret opens none.

    What changed since it was read last gets the next sequence number, and what is gone is cancelled.
    """
    feed = find_feed(district=district, token=token)
    if feed is None:
        return None
    entries = list(_iter_entries(feed, district, since=(at - HISTORY).date()))
    merged = _merge_entries(feed, entries, at)
    if merged != _parse_entries(feed):
        feed, merged = _store_entries(feed, district, entries, at)
    title = gettext("Visits: %(name)s") % {"name": feed.name}
    content = build_calendar(merged, title=title, now=feed.changed_at, refresh=REFRESH)
    return FeedCalendar(content=content, changed_at=feed.changed_at)


def list_person_visits(*, district: District, names: Sequence[str], since: date) -> tuple[CalendarEntry, ...]:
    """Return the visits of all rollouts from a day on that name a person, under any of their names."""
    entries: dict[str, CalendarEntry] = {}
    for name in names:
        for entry in _iter_entries(VisitFeed(kind=PERSON, name=name), district, since=since):
            entries.setdefault(entry.uid, entry)
    return tuple(entries.values())


def _store_entries(
    feed: VisitFeed, district: District, entries: Sequence[CalendarEntry], at: datetime
) -> tuple[VisitFeed, list[CalendarEntry]]:
    with transaction.atomic():
        row = VisitFeed.objects.of(district).select_for_update().get(pk=feed.pk)
        merged = _merge_entries(row, entries, at)
        if merged != _parse_entries(row):
            row.entries = [format_entry(entry) for entry in merged]
            row.changed_at = at
            row.save(update_fields=["entries", "changed_at"])
    return row, merged


def _merge_entries(feed: VisitFeed, entries: Sequence[CalendarEntry], at: datetime) -> list[CalendarEntry]:
    before = {entry.uid: entry for entry in _parse_entries(feed) if entry.starts >= at - HISTORY}
    return continue_sequences(entries, before)


def _iter_entries(feed: VisitFeed, district: District, *, since: date) -> Iterator[CalendarEntry]:
    schools, zone = _load_schools(feed, district), ZoneInfo(district.timezone)
    uids: set[str] = set()
    for visit in _list_visits(feed, district, since=since):
        school = schools.get((visit["rollout"], visit["room"]))
        if school is None or (feed.kind == PERSON and feed.name not in visit["people"]):
            continue
        entry = build_calendar_entry(
            title=visit["rollout__title"],
            school=school,
            room=visit["room"],
            people=visit["people"],
            starts=_build_moment(visit["day"], visit["starts"], zone),
            ends=_build_moment(visit["day"], visit["ends"], zone),
        )
        if entry.uid in uids:  # a later rollout of the same title
            entry = replace(entry, uid=f"{visit['rollout']}-{entry.uid}")
        uids.add(entry.uid)
        yield entry


def _load_schools(feed: VisitFeed, district: District) -> dict[tuple[int, str], str]:
    """Return the schools of the rooms of a feed, by rollout and room."""
    rooms = TargetRoom.objects.of(district)
    if feed.rollout_id is not None:
        rooms = rooms.filter(rollout=feed.rollout_id)
    if feed.kind != PERSON:
        rooms = rooms.filter(school=feed.name)
    return {(rollout, room): school for rollout, room, school in rooms.values_list("rollout", "room", "school")}


def _list_visits(feed: VisitFeed, district: District, *, since: date) -> Iterable[Mapping[str, Any]]:
    """Return the visits of rollouts, one a room: a try that found the door closed only if no other is planned."""
    rows = RolloutVisit.objects.of(district).filter(day__gte=since)
    if feed.rollout_id is not None:
        rows = rows.filter(rollout=feed.rollout_id)
    values = rows.exclude(rollout__state=STOPPED, outcome="").values(
        "rollout", "rollout__title", "room", "day", "starts", "ends", "people", "outcome"
    )
    visits: dict[tuple[int, str], Mapping[str, Any]] = {}
    for visit in values.order_by("rollout", "day"):
        key = (visit["rollout"], visit["room"])
        if key not in visits or visit["outcome"] != NO_ENTRY:
            visits[key] = visit
    return visits.values()


def _build_moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    days, rest = divmod(minute, 24 * 60)
    return datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), tzinfo=zone)


def _parse_entries(feed: VisitFeed) -> list[CalendarEntry]:
    return [parse_entry(item) for item in feed.entries]
