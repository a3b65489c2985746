"""The calendar of a person's feed: their work as it is planned now, numbered against what it had before."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext

from homeroom.apps.manage.agendas.agenda_entries import AgendaOwner, list_agenda_entries
from homeroom.apps.manage.agendas.models import PersonalFeed
from homeroom.apps.manage.agendas.personal_feeds import find_personal_feed
from homeroom.apps.manage.planning.weeks import get_monday
from homeroom.apps.manage.rollouts.feeds.feed_calendars import HISTORY, REFRESH, FeedCalendar
from homeroom.apps.manage.rollouts.visits.visit_calendars import (
    CalendarEntry,
    build_calendar,
    continue_sequences,
    format_entry,
    parse_entry,
)
from homeroom.apps.platform.districts.memberships import NoSuchMember, get_member
from homeroom.apps.platform.permissions.queries import HeldPermissions
from homeroom.domain.platform.district import District
from homeroom.evidence.query.executor import QueryTimeout


def load_agenda_calendar(*, district: District, token: str, today: date, at: datetime) -> FeedCalendar | None:
    """Return the calendar of a person's feed; None if the secret opens none, or the person is no longer active.

    It has what the person's role may see now. What changed since it was read last gets the next sequence number, and
    what is gone is cancelled, except events of weeks that are over. If it takes too long, it is as it was read last.
    """
    feed = find_personal_feed(district=district, token=token)
    owner = _load_owner(district, feed) if feed else None
    if feed is None or owner is None:
        return None
    merged = _parse(feed)
    with suppress(QueryTimeout):
        entries = list_agenda_entries(district=district, owner=owner, today=today, at=at)
        if _merge(feed, entries, today, at) != merged:
            feed, merged = _store(feed, district, entries, today, at)
    content = build_calendar(merged, title=gettext("Homeroom"), now=feed.changed_at, refresh=REFRESH)
    return FeedCalendar(content=content, changed_at=feed.changed_at)


def _load_owner(district: District, feed: PersonalFeed) -> AgendaOwner | None:
    try:
        member = get_member(district=district, username=feed.person)
    except NoSuchMember:
        return None
    if not member.is_active or not member.user.is_active:
        return None
    held = HeldPermissions(district=district, role=member.role, is_limited_to_schools=bool(member.schools))
    return AgendaOwner(person=feed.person, holds=held.holds, with_deadlines=feed.with_deadlines)


def _store(
    feed: PersonalFeed, district: District, entries: Sequence[CalendarEntry], today: date, at: datetime
) -> tuple[PersonalFeed, list[CalendarEntry]]:
    with transaction.atomic():
        row = PersonalFeed.objects.of(district).select_for_update().get(pk=feed.pk)
        merged = _merge(row, entries, today, at)
        if merged != _parse(row):
            row.entries = [format_entry(entry) for entry in merged]
            row.changed_at = at
            row.save(update_fields=["entries", "changed_at"])
    return row, merged


def _merge(feed: PersonalFeed, entries: Sequence[CalendarEntry], today: date, at: datetime) -> list[CalendarEntry]:
    before = {entry.uid: entry for entry in _parse(feed) if entry.ends >= at - HISTORY}
    new = {entry.uid for entry in entries}
    over = datetime.combine(get_monday(today), time.min, tzinfo=UTC) - timedelta(days=1)
    past = [entry for uid, entry in before.items() if uid not in new and entry.ends <= over]
    for entry in past:
        del before[entry.uid]
    return sorted([*continue_sequences(entries, before), *past], key=lambda entry: (entry.starts, entry.uid))


def _parse(feed: PersonalFeed) -> list[CalendarEntry]:
    return [parse_entry(item) for item in feed.entries]
