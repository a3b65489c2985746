"""Commands for the team's week: set hours, plan it, and record work. Each writes an audit entry.

The week is computed before the transaction begins, so that no one waits for a locked database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from homeroom.apps.manage.planning.finding_acts import write_finding_acts
from homeroom.apps.manage.planning.hours import load_team_hours
from homeroom.apps.manage.planning.models import TeamHours, Work
from homeroom.apps.manage.planning.tasks import InvalidPlanChange, TaskSource, is_task, list_plan_tasks
from homeroom.apps.manage.planning.weeks import WeekPlan, plan_for_week
from homeroom.apps.manage.planning.work_log import (
    DEFERRED,
    DONE,
    NOTED,
    PINNED,
    PLANNED,
    REASSIGNED,
    RELEASED,
    REOPENED,
)
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.protect.finding_work.commands import ASSIGN, FINISH, NOTE, REOPEN, SNOOZE, START
from homeroom.domain.platform.district import District
from homeroom.engines.manage.plan.plan import PlanItem

MAX_HOURS = 60
MAX_MINUTES = 60 * 60
MAX_DEFERRAL = timedelta(days=366)


class UnknownPlanItem(LookupError):
    """The week has no such item."""


@dataclass(frozen=True, kw_only=True)
class WorkAmount:
    """How much work an act covers, as columns of `Work`: subjects, and minutes by the plan and by content."""

    subjects: int = 0
    open_then: int = 0
    assessment: int = 0
    estimated: int = 0
    basis: int = 0


@transaction.atomic
def set_hours(*, district: District, at: datetime, actor: str, hours: Mapping[str, float]) -> None:
    """Store the weekly hours of each named person; 0 removes a person from the plan.

    Raise InvalidPlanChange for unknown people and hours out of range.
    """
    people = {entry.person for entry in load_team_hours(district=district)}
    for person, person_hours in hours.items():
        if person not in people:
            raise _build_person_refusal(person)
        if not 0 <= person_hours <= MAX_HOURS:
            raise InvalidPlanChange(_("Hours must be between 0 and %(most)s.") % {"most": MAX_HOURS})
    for person, person_hours in hours.items():
        TeamHours.objects.of(district).update_or_create(
            person=person,
            defaults={"minutes": round(person_hours * 60)},
            create_defaults={"district_id": district.pk, "minutes": round(person_hours * 60)},
        )
    detail = {person: round(person_hours, 2) for person, person_hours in hours.items()}
    record_audit_entry(district=district, at=at, actor=actor, action="set hours", subject_kind="team", detail=detail)


def plan_week(*, district: District, at: datetime, today: date, actor: str) -> int:
    """Plan the best items for the team's week, and release planned items that are not among them.

    Finished, deferred, pinned, reassigned and noted items stay. Return the number of items.
    """
    before = plan_for_week(district=district, today=today)
    planned_ids = {planned_item.item.job.id for planned_item in before.items if planned_item.planned}
    planned_ids |= {
        planned_item.left_out.job.id
        for planned_item in before.left_out
        if planned_item.status.state == PLANNED and not planned_item.pinned
    }
    week = plan_for_week(district=district, today=today, replan=True)
    proposed = {planned_item.item.job.id: planned_item for planned_item in week.items}
    with transaction.atomic():
        for name in sorted(planned_ids - proposed.keys()):
            _write_work(district, week, name, RELEASED, at=at, actor=actor)
        for name in sorted(proposed.keys() - planned_ids):
            planned_item = proposed[name]
            amount = _compute_work_amount(planned_item.item, week, subjects=planned_item.item.subjects)
            person = planned_item.status.person
            _write_work(district, week, name, PLANNED, at=at, actor=actor, person=person, amount=amount)
        _record_audit(
            district, at, actor, "plan week", "", {"week": week.monday.isoformat(), "items": sorted(proposed)}
        )
    return len(proposed)


def mark_done(
    *,
    district: District,
    at: datetime,
    today: date,
    actor: str,
    item: str,
    minutes: int | None = None,
    subjects: int | None = None,
    note: str = "",
) -> None:
    """Mark an item of the week as done in so many minutes; the next assessment of newer data verifies it.

    `subjects` is how many were done if the item is part of a long job. Raise UnknownPlanItem and InvalidPlanChange.
    """
    week, plan_item, person = _find_item(district, today, item)
    if minutes is not None and not 0 < minutes <= MAX_MINUTES:
        raise InvalidPlanChange(_("Minutes must be a whole number from 1 to %(most)s.") % {"most": MAX_MINUTES})
    done_subjects = plan_item.subjects if subjects is None else subjects
    min_subjects = min(1, plan_item.subjects)  # a week may only set up a long job
    if not min_subjects <= done_subjects <= plan_item.job.subjects:
        message_values = {"all": plan_item.job.subjects, "least": min_subjects}
        raise InvalidPlanChange(_("Enter a number from %(least)s to %(all)s.") % message_values)
    amount = _compute_work_amount(plan_item, week, subjects=done_subjects)
    with transaction.atomic():
        _write_work(
            district, week, item, DONE, at=at, actor=actor, actual=minutes, note=note, person=person, amount=amount
        )
        act = FINISH if done_subjects >= plan_item.job.subjects else START
        _write_finding_acts(district, week, item, act, at=at, actor=actor, person=person, note=note)
        if source := _find_task_source(district, item, today):
            source.finish_task(district=district, task=item, minutes=minutes, actor=actor, at=at)
        _record_audit(district, at, actor, "work done", item, {"minutes": minutes, "subjects": done_subjects})


def defer_item(
    *, district: District, at: datetime, today: date, actor: str, item: str, until: date, reason: str
) -> None:
    """Defer an item until that day.

    Raise UnknownPlanItem, and InvalidPlanChange without a reason or without a later day.
    """
    week = _load_week_with(district, today, item)
    if not reason.strip():
        raise InvalidPlanChange(_("Enter a reason."))
    if not today < until <= today + MAX_DEFERRAL:
        raise InvalidPlanChange(_("Choose a date after today and within a year."))
    with transaction.atomic():
        _write_work(district, week, item, DEFERRED, at=at, actor=actor, until=until, note=reason.strip())
        _write_finding_acts(district, week, item, SNOOZE, at=at, actor=actor, until=until, note=reason.strip())
        _record_audit(district, at, actor, "defer work", item, {"until": until.isoformat(), "reason": reason.strip()})


def drop_item(*, district: District, at: datetime, today: date, actor: str, item: str, reason: str) -> None:
    """Defer an item to next week.

    Raise UnknownPlanItem, and InvalidPlanChange without a reason.
    """
    next_monday = today + timedelta(days=7 - today.weekday())
    defer_item(district=district, at=at, today=today, actor=actor, item=item, until=next_monday, reason=reason)


def pin_item(*, district: District, at: datetime, today: date, actor: str, item: str) -> None:
    """Pin an item to this week, so that it goes before all others. Raise UnknownPlanItem."""
    week, plan_item, person = _find_item(district, today, item)
    amount = _compute_work_amount(plan_item, week, subjects=plan_item.job.subjects)
    with transaction.atomic():
        _write_work(district, week, item, PINNED, at=at, actor=actor, person=person, amount=amount)
        _record_audit(district, at, actor, "pin work", item, {"week": week.monday.isoformat()})


def unpin_item(*, district: District, at: datetime, today: date, actor: str, item: str) -> None:
    """Take the pin off an item, which is then planned by its urgency. Raise UnknownPlanItem."""
    week = _load_week_with(district, today, item)
    with transaction.atomic():
        _write_work(district, week, item, RELEASED, at=at, actor=actor)
        _record_audit(district, at, actor, "unpin work", item, {"week": week.monday.isoformat()})


def reassign_item(*, district: District, at: datetime, today: date, actor: str, item: str, person: str) -> None:
    """Assign an item to a person.

    Raise UnknownPlanItem, and InvalidPlanChange for a person who is not on the team or has no hours.
    """
    week = _load_week_with(district, today, item)
    person_entry = next((entry for entry in week.team if entry.person == person), None)
    if person_entry is None:
        raise _build_person_refusal(person)
    if not week.assumed and not person_entry.minutes:
        raise InvalidPlanChange(_("%(name)s has no hours this week. Enter hours first.") % {"name": person_entry.name})
    with transaction.atomic():
        _write_work(district, week, item, REASSIGNED, at=at, actor=actor, person=person)
        _write_finding_acts(district, week, item, ASSIGN, at=at, actor=actor, person=person)
        if source := _find_task_source(district, item, today):
            source.assign_task(district=district, task=item, owner=person, actor=actor, at=at)
        _record_audit(district, at, actor, "reassign work", item, {"to": person})


def add_note(*, district: District, at: datetime, today: date, actor: str, item: str, text: str) -> None:
    """Add a note to an item. Raise UnknownPlanItem, and InvalidPlanChange for an empty note."""
    week = _load_week_with(district, today, item)
    if not text.strip():
        raise InvalidPlanChange(_("Enter a note."))
    with transaction.atomic():
        _write_work(district, week, item, NOTED, at=at, actor=actor, note=text.strip())
        _write_finding_acts(district, week, item, NOTE, at=at, actor=actor, note=text.strip())
        _record_audit(district, at, actor, "note on work", item, {})


def reopen_item(*, district: District, at: datetime, today: date, actor: str, item: str) -> None:
    """Cancel that an item of this week is done or deferred. Raise UnknownPlanItem."""
    week = _load_week_with(district, today, item)
    task = week.tasks.get(item)
    with transaction.atomic():
        _write_work(district, week, item, REOPENED, at=at, actor=actor)
        _write_finding_acts(district, week, item, REOPEN, at=at, actor=actor)
        if task and not task.is_open and (source := _find_task_source(district, item, today)):
            source.reopen_task(district=district, task=item, actor=actor, at=at)
        _record_audit(district, at, actor, "reopen work", item, {})


def _build_person_refusal(person: str) -> InvalidPlanChange:
    message = _("%(person)s does not do planned work in this district.") % {"person": person}
    return InvalidPlanChange(message)


def _find_item(district: District, today: date, item: str) -> tuple[WeekPlan, PlanItem, str]:
    """Return the week, one of its items (the complete job for one left out), and its person; raise UnknownPlanItem."""
    week = _load_week_with(district, today, item)
    for planned_item in week.items:
        if planned_item.item.job.id == item:
            return (
                week,
                planned_item.item,
                planned_item.status.person or (planned_item.item.shares[0][0] if planned_item.item.shares else ""),
            )
    for deferred in week.left_out:
        if deferred.left_out.job.id == item:
            job = deferred.left_out.job
            full_item = PlanItem(
                job=job, subjects=job.subjects, minutes=job.minutes, setup_minutes=job.setup_minutes, risk=0
            )
            return week, full_item, deferred.status.person
    raise UnknownPlanItem(f"{item!r} waits for proof already")


def _load_week_with(district: District, today: date, item: str) -> WeekPlan:
    """Return the week if anything is open under that control, or it has that task; raise UnknownPlanItem."""
    week = plan_for_week(district=district, today=today)
    if item not in (week.open_jobs or {}) and item not in week.tasks:
        raise UnknownPlanItem(f"nothing is open under {item!r}")
    return week


def _find_task_source(district: District, item: str, today: date) -> TaskSource | None:
    """Return where the task is kept; None for the work on a control."""
    return list_plan_tasks(district=district, today=today)[item][1] if is_task(item) else None


def _compute_work_amount(item: PlanItem, week: WeekPlan, *, subjects: int) -> WorkAmount:
    """Return the amount of work for so many subjects; `basis` are the minutes by content, without learned ratios.

    `basis` includes set-up minutes if the item pays them: the largest of those that share the set-up, as the plan
    counts it.
    """
    open_job = (week.open_jobs or {})[item.job.id]
    is_complete = subjects == item.subjects
    shared_setup_minutes = [
        planned_item.open.control.effort.minutes_once
        for planned_item in week.items
        if planned_item.item.job.setup == item.job.setup
    ]
    once = open_job.control.effort.minutes_once
    setup_minutes = max([once, *shared_setup_minutes]) if item.setup_minutes else 0
    return WorkAmount(
        subjects=subjects,
        open_then=item.job.subjects,
        assessment=week.judgment.number if week.judgment else 0,
        estimated=item.minutes if is_complete else item.job.compute_minutes(subjects) + item.setup_minutes,
        basis=round(open_job.minutes_per_subject * subjects + setup_minutes),
    )


def _write_work(
    district: District,
    week: WeekPlan,
    item: str,
    act: str,
    *,
    at: datetime,
    actor: str,
    amount: WorkAmount | None = None,
    person: str = "",
    actual: int | None = None,
    until: date | None = None,
    note: str = "",
) -> None:
    amount = amount or WorkAmount()
    Work(
        district_id=district.pk,
        item=item,
        week=week.monday,
        act=act,
        made_at=at,
        made_by=actor,
        person=person,
        actual=actual,
        until=until,
        note=note,
        subjects=amount.subjects,
        open_then=amount.open_then,
        assessment=amount.assessment,
        estimated=amount.estimated,
        basis=amount.basis,
    ).save()


def _write_finding_acts(
    district: District,
    week: WeekPlan,
    item: str,
    act: str,
    *,
    at: datetime,
    actor: str,
    person: str = "",
    until: date | None = None,
    note: str = "",
) -> None:
    write_finding_acts(
        district=district,
        job=(week.open_jobs or {}).get(item),
        assessment=week.judgment.number if week.judgment else 0,
        act=act,
        at=at,
        actor=actor,
        person=person,
        until=until,
        note=note,
    )


def _record_audit(district: District, at: datetime, actor: str, action: str, item: str, detail: dict[str, Any]) -> None:
    record_audit_entry(
        district=district, at=at, actor=actor, action=action, subject_kind="control", subject=item, detail=detail
    )
