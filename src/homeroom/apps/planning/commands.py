"""What people do with their week: say hours, plan it, and say what became of an item; each with an audit entry.

The week is worked out before the writing begins, so that nobody waits for a database that thinks.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from homeroom.apps.audit.commands import record
from homeroom.apps.planning.acts import DEFERRED, DONE, NOTED, PLANNED, REASSIGNED, RELEASED, REOPENED
from homeroom.apps.planning.hours import team_hours
from homeroom.apps.planning.models import TeamHours, Work
from homeroom.apps.planning.weeks import Week, week_of
from homeroom.engines.plan.plan import Item

MOST_HOURS = 60
MOST_MINUTES = 60 * 60
LONGEST = timedelta(days=366)


class NotPlanned(ValueError):
    """What somebody said does not hold together; the text says what would."""


class NoSuchItem(LookupError):
    """The week has no such item."""


@transaction.atomic
def set_hours(*, district: Any, at: datetime, actor: str, hours: Mapping[str, float]) -> None:
    """Keeps the hours a week of each named person; 0 takes somebody out. Raises NotPlanned for others and odd numbers."""
    people = {one.person for one in team_hours(district=district)}
    for person, some in hours.items():
        if person not in people:
            raise _nobody(person)
        if not 0 <= some <= MOST_HOURS:
            fits = {"hours": f"{some:g}", "most": MOST_HOURS}
            raise NotPlanned(_("%(hours)s hours a week; 0 to %(most)s would fit.") % fits)
    for person, some in hours.items():
        TeamHours.objects.of(district).update_or_create(
            person=person,
            defaults={"minutes": round(some * 60)},
            create_defaults={"district": district, "minutes": round(some * 60)},
        )
    detail = {person: round(some, 2) for person, some in hours.items()}
    record(district=district, at=at, actor=actor, action="set hours", subject_kind="team", detail=detail)


def plan_week(*, district: Any, at: datetime, today: date, actor: str) -> int:
    """Puts the best items into the team's week, and takes out those that were planned and are not among them.

    What was done, deferred, reassigned or noted stays. Gives the number of items.
    """
    before = week_of(district=district, today=today)
    standing = {one.item.job.id for one in before.items if one.planned}
    standing |= {one.left.job.id for one in before.left_out if one.told.state == PLANNED}
    week = week_of(district=district, today=today, afresh=True)
    wanted = {one.item.job.id: one for one in week.items}
    with transaction.atomic():
        for name in sorted(standing - wanted.keys()):
            _write(district, week, name, RELEASED, at=at, actor=actor)
        for name in sorted(wanted.keys() - standing):
            one = wanted[name]
            covered = _covered(one.item, week, subjects=one.item.subjects)
            _write(district, week, name, PLANNED, at=at, actor=actor, person=one.told.person, **covered)
        _record(district, at, actor, "plan week", "", {"week": week.monday.isoformat(), "items": sorted(wanted)})
    return len(wanted)


def done(
    *,
    district: Any,
    at: datetime,
    today: date,
    actor: str,
    item: str,
    minutes: int | None = None,
    subjects: int | None = None,
    note: str = "",
) -> None:
    """Claims that an item of the week is done, in so many minutes; the next judgement of newer data proves it.

    `subjects` are those that were done where the item is part of a long job. Raises NoSuchItem and NotPlanned.
    """
    week, one, person = _found(district, today, item)
    if minutes is not None and not 0 < minutes <= MOST_MINUTES:
        raise NotPlanned(_("Minutes are a whole number; 1 to %(most)s would fit.") % {"most": MOST_MINUTES})
    told = one.subjects if subjects is None else subjects
    least = min(1, one.subjects)  # a week may only set up a long job
    if not least <= told <= one.job.subjects:
        fits = {"told": told, "all": one.job.subjects, "least": least}
        raise NotPlanned(_("%(told)s of %(all)s cannot be done; %(least)s to %(all)s would fit.") % fits)
    covered = _covered(one, week, subjects=told)
    with transaction.atomic():
        _write(district, week, item, DONE, at=at, actor=actor, actual=minutes, note=note, person=person, **covered)
        _record(district, at, actor, "work done", item, {"minutes": minutes, "subjects": told})


def defer(*, district: Any, at: datetime, today: date, actor: str, item: str, until: date, reason: str) -> None:
    """Takes an item out of the plan until that day. Raises NoSuchItem, and NotPlanned without a reason or a later day."""
    week = _known(district, today, item)
    if not reason.strip():
        raise NotPlanned(_("Say why it waits."))
    if not today < until <= today + LONGEST:
        raise NotPlanned(
            _("It cannot wait until %(day)s; a day from tomorrow to a year from now would fit.") % {"day": until}
        )
    with transaction.atomic():
        _write(district, week, item, DEFERRED, at=at, actor=actor, until=until, note=reason.strip())
        _record(district, at, actor, "defer work", item, {"until": until.isoformat(), "reason": reason.strip()})


def reassign(*, district: Any, at: datetime, today: date, actor: str, item: str, person: str) -> None:
    """Says who does an item. Raises NoSuchItem, and NotPlanned for somebody who is not of the team or gives it no hours."""
    week = _known(district, today, item)
    named = next((one for one in week.team if one.person == person), None)
    if named is None:
        raise _nobody(person)
    if not week.assumed and not named.minutes:
        raise NotPlanned(_("%(name)s gives no hours this week; say them first.") % {"name": named.name})
    with transaction.atomic():
        _write(district, week, item, REASSIGNED, at=at, actor=actor, person=person)
        _record(district, at, actor, "reassign work", item, {"to": person})


def note(*, district: Any, at: datetime, today: date, actor: str, item: str, text: str) -> None:
    """Keeps a note about an item. Raises NoSuchItem, and NotPlanned for an empty one."""
    week = _known(district, today, item)
    if not text.strip():
        raise NotPlanned(_("Write the note first."))
    with transaction.atomic():
        _write(district, week, item, NOTED, at=at, actor=actor, note=text.strip())
        _record(district, at, actor, "note on work", item, {})


def reopen(*, district: Any, at: datetime, today: date, actor: str, item: str) -> None:
    """Takes back that an item of this week is done or deferred. Raises NoSuchItem."""
    week = _known(district, today, item)
    with transaction.atomic():
        _write(district, week, item, REOPENED, at=at, actor=actor)
        _record(district, at, actor, "reopen work", item, {})


def _nobody(person: str) -> NotPlanned:
    told = _("%(person)s is nobody of this district who does planned work.") % {"person": person}
    return NotPlanned(told)


def _found(district: Any, today: date, item: str) -> tuple[Week, Item, str]:
    """The week, one of its items (the whole job for one that was left out), and who does it; raises NoSuchItem."""
    week = _known(district, today, item)
    for one in week.items:
        if one.item.job.id == item:
            return week, one.item, one.told.person or (one.item.shares[0][0] if one.item.shares else "")
    for left in week.left_out:
        if left.left.job.id == item:
            job = left.left.job
            whole = Item(job=job, subjects=job.subjects, minutes=job.minutes, setup_minutes=job.setup_minutes, risk=0)
            return week, whole, left.told.person
    raise NoSuchItem(f"{item!r} waits for proof already")


def _known(district: Any, today: date, item: str) -> Week:
    """The week, where anything is open under that control; raises NoSuchItem."""
    week = week_of(district=district, today=today)
    if item not in (week.titles or {}):
        raise NoSuchItem(f"nothing is open under {item!r}")
    return week


def _covered(item: Item, week: Week, *, subjects: int) -> dict[str, Any]:
    """What an act covers; `basis` are the minutes by content, without what was learned, set-up where the item pays it.

    The set-up that it pays is the largest of those that share it, as the plan counts it.
    """
    effort = (week.titles or {})[item.job.id].control.effort
    whole = subjects == item.subjects
    sharing = [one.open.control.effort.minutes_once for one in week.items if one.item.job.setup == item.job.setup]
    once = max([effort.minutes_once, *sharing]) if item.setup_minutes else 0
    return {
        "subjects": subjects,
        "open_then": item.job.subjects,
        "assessment": week.judgement.number if week.judgement else 0,
        "estimated": item.minutes if whole else item.job.minutes_for(subjects) + item.setup_minutes,
        "basis": round(effort.minutes_per_subject * subjects + once),
    }


def _write(district: Any, week: Week, item: str, act: str, *, at: datetime, actor: str, **values: Any) -> None:
    row = Work(district=district, item=item, week=week.monday, act=act, made_at=at, made_by=actor)
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def _record(district: Any, at: datetime, actor: str, action: str, item: str, detail: dict[str, Any]) -> None:
    record(district=district, at=at, actor=actor, action=action, subject_kind="control", subject=item, detail=detail)
