"""What a person's calendar has: their items of the week's plan, deadlines of the district, and visits.

No text that somebody typed is in it, since it may name a student: titles are those of controls, laws, tools and
vendors, and of rollouts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.utils.translation import gettext

from homeroom.apps.comply.duties.queries import list_duties
from homeroom.apps.comply.laws.facts import load_fact_values
from homeroom.apps.comply.vendors.vendor_pages import build_review_key, load_reviews
from homeroom.apps.manage.planning.tasks import DUTY
from homeroom.apps.manage.planning.weeks import PlannedItem, plan_for_week
from homeroom.apps.manage.planning.words import format_hours
from homeroom.apps.manage.rollouts.feeds.feed_calendars import HISTORY, list_person_visits
from homeroom.apps.manage.rollouts.visits.visit_calendars import CalendarEntry
from homeroom.apps.manage.tools.published_portfolio import load_published_portfolio
from homeroom.apps.manage.tools.renewal_sheet import build_renewal_sheet
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.platform.districts.queries import list_members
from homeroom.domain.platform.district import District

HORIZON = timedelta(days=120)
"""How far ahead deadlines are in the calendar."""
WORK_WEEK = 5


@dataclass(frozen=True, kw_only=True)
class AgendaOwner:
    """Whose calendar it is, and what they may see: a check of permissions by name.

    `with_deadlines` adds the duties that others have or nobody has, renewals and ends of agreements.
    """

    person: str
    holds: Callable[[str], bool]
    with_deadlines: bool


def list_agenda_entries(*, district: District, owner: AgendaOwner, today: date, at: datetime) -> list[CalendarEntry]:
    """Return the events of a person, each with a UID of its own. Raise QueryTimeout."""
    parts = (
        ("plan.read", _iter_plan),
        ("duties.read", _iter_duties),
        ("tools.read", _iter_renewals),
        ("duties.read", _iter_agreements),
        ("rollouts.read", _iter_visits),
    )
    return [
        entry for permission, part in parts if owner.holds(permission) for entry in part(district, owner, today, at)
    ]


def _iter_plan(district: District, owner: AgendaOwner, today: date, at: datetime) -> Iterator[CalendarEntry]:  # noqa: ARG001  all parts get the same
    """Yield this week's items of the person; each lasts over the days on which it may be done."""
    week = plan_for_week(district=district, today=today)
    for entry in week.items:
        minutes = dict(entry.item.shares).get(owner.person, 0)
        if minutes:
            values = {"what": _describe_item(entry), "time": format_hours(minutes)}
            first, last = find_item_days(entry, monday=week.monday)
            yield build_day_entry(
                f"{district.slug} plan {entry.job.id} {week.monday}",
                gettext("Plan: %(what)s (%(time)s)") % values,
                first=first,
                last=last,
            )


def find_item_days(entry: PlannedItem, *, monday: date) -> tuple[date, date]:
    """Return the first and last day on which an item of a week may be done: its quiet times, and its deadline."""
    days = [window.day for window in entry.item.windows] or [monday, monday + timedelta(days=WORK_WEEK - 1)]
    first, last = min(days), max(days)
    due = entry.job.due_on
    return first, max(first, min(last, due)) if due and due >= monday else last


def _describe_item(entry: PlannedItem) -> str:
    task = entry.open.task
    if task is None:
        return entry.problem
    return gettext("legal duty") if task.origin_kind == DUTY else gettext("incident follow-up")


def _iter_duties(district: District, owner: AgendaOwner, today: date, at: datetime) -> Iterator[CalendarEntry]:
    if not load_fact_values(district=district):
        return
    for duty in list_duties(district=district, today=today, at=at).duties:
        day = duty.status.due
        if day is None or not duty.status.is_open or day > today + HORIZON:
            continue
        if owner.with_deadlines or duty.owner == owner.person:
            title = gettext("Due: %(what)s") % {"what": duty.status.duty.title}
            yield build_day_entry(f"{district.slug} duty {duty.id}", title, first=day, place=duty.status.law.title)


def _iter_renewals(district: District, owner: AgendaOwner, today: date, at: datetime) -> Iterator[CalendarEntry]:  # noqa: ARG001
    if not owner.with_deadlines:
        return
    sheet = build_renewal_sheet(load_published_portfolio(store=get_evidence_store(district=district)))
    for line in sheet.lines:
        if line.decide_by is not None and line.decide_by <= today + HORIZON:
            text = gettext("Last day to cancel: %(tool)s") if line.is_notice else gettext("Contract ends: %(tool)s")
            title = text % {"tool": line.renewal.tool.name}
            yield build_day_entry(f"{district.slug} renewal {line.renewal.id}", title, first=line.decide_by)


def _iter_agreements(district: District, owner: AgendaOwner, today: date, at: datetime) -> Iterator[CalendarEntry]:  # noqa: ARG001
    if not owner.with_deadlines:
        return
    seen = set()
    for review in load_reviews(store=get_evidence_store(district=district)).reviews:
        if review.ends_on is None or not today - HISTORY <= review.ends_on <= today + HORIZON:
            continue
        if review.agreement not in seen:
            seen.add(review.agreement)
            title = gettext("Data agreement ends: %(vendor)s") % {"vendor": review.product or review.vendor}
            yield build_day_entry(f"{district.slug} agreement {build_review_key(review)}", title, first=review.ends_on)


def _iter_visits(district: District, owner: AgendaOwner, today: date, at: datetime) -> Iterator[CalendarEntry]:  # noqa: ARG001
    members = list_members(district=district)
    others = {name for username, name, _ in members if username != owner.person}
    own = {name for username, name, _ in members if username == owner.person}
    yield from list_person_visits(
        district=district, names=[owner.person, *sorted(own - others)], since=(at - HISTORY).date()
    )


def build_day_entry(key: str, title: str, *, first: date, last: date | None = None, place: str = "") -> CalendarEntry:
    """Return an event of entire days, from first to last; its UID depends on the key alone."""
    starts, ends = (datetime.combine(day, time.min, tzinfo=UTC) for day in (first, (last or first) + timedelta(days=1)))
    return CalendarEntry(
        uid=f"{hashlib.sha256(key.encode()).hexdigest()[:32]}@agenda.homeroom",
        sequence=0,
        starts=starts,
        ends=ends,
        summary=title,
        location=place,
        is_of_days=True,
    )
