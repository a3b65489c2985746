"""Plan a trial, change its plan, start, end and cancel it; each step is in the audit trail."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.teach.trials.models import TrainingTrial, TrialMember
from homeroom.apps.teach.trials.outlooks import DrawnPerson, compute_outlook, draw_people
from homeroom.apps.teach.trials.required_courses import refuse_required_courses
from homeroom.apps.teach.trials.results import compute_result
from homeroom.apps.teach.trials.trial_people import get_evidence_day, list_staff
from homeroom.domain.platform.district import District
from homeroom.domain.teach.awareness.trial_plans import (
    DrawnKind,
    TrialForm,
    TrialPlan,
    TrialRefused,
    TrialState,
    TrialStrata,
    check_end,
    check_reason,
    check_trial_form,
)
from homeroom.engines.teach.awareness.lots import SEED_BYTES

GRACE = timedelta(days=14)
"""How long after its end a trial waits for late drills before it is ended by itself."""


def plan_trial(*, district: District, form: TrialForm, today: date, actor: str, at: datetime) -> str:
    """Write a plan down with the seed of its lot, and return its id. Raise TrialRefused, and QueryTimeout."""
    plan = _check_form(form, district=district, today=today)
    row = TrainingTrial(
        district_id=district.pk,
        public=f"trial-{secrets.token_hex(8)}",
        state=TrialState.PLANNED,
        seed=secrets.token_hex(SEED_BYTES),
        made_by=actor,
        made_at=at,
        **_list_fields(plan),
    )
    with transaction.atomic():
        row.save(force_insert=True)
        _record_audit(row, "plan trial", _describe_plan(plan), district=district, actor=actor, at=at)
    return row.public


def change_trial_plan(
    *, district: District, public: str, form: TrialForm, today: date, actor: str, at: datetime
) -> None:
    """Replace the plan of a trial that has not started. Raise TrialRefused, LookupError, and QueryTimeout."""
    plan = _check_form(form, district=district, today=today)
    with transaction.atomic():
        row = _get_row(district, public, TrialState.PLANNED, field="question")
        for name, value in _list_fields(plan).items():
            setattr(row, name, value)
        row.save()
        _record_audit(row, "change trial", _describe_plan(plan), district=district, actor=actor, at=at)


def start_trial(*, district: District, public: str, today: date, actor: str, at: datetime) -> None:
    """Draw the lot over the people of today, and freeze the plan.

    Raise TrialRefused with what would fit, LookupError if the district has no such trial, and QueryTimeout.
    """
    with transaction.atomic():
        row = _get_row(district, public, TrialState.PLANNED, field="start")
        plan = read_plan(row)
        check_end(plan.ends_on.isoformat(), today=today)
        refuse_required_courses(district=district, courses=plan.courses, today=today)
        drawn = draw_people(plan, district=district, seed=row.seed)
        _refuse_overlap(district, plan, drawn)
        outlook = compute_outlook(plan, drawn, district=district, today=today).build_document()
        row.state, row.started_on, row.outlook = TrialState.STARTED, today, outlook
        row.save()
        TrialMember.objects.bulk_create([_build_member(row, item) for item in drawn], batch_size=500)
        detail = {name: outlook[name] for name in ("people", "units", "held_out")}
        _record_audit(row, "start trial", detail, district=district, actor=actor, at=at)


def end_trial(*, district: District, public: str, today: date, actor: str, at: datetime) -> None:
    """Compute the result of a trial whose end has passed, and store it for good.

    Raise TrialRefused with what would fit, LookupError if the district has no such trial, and QueryTimeout.
    """
    with transaction.atomic():
        row = _get_row(district, public, TrialState.STARTED, field="end")
        _refuse_early_end(row, district=district, today=today)
        row.result = compute_result(row, district=district)
        row.state, row.closed_on = TrialState.ENDED, today
        row.save()
        _record_audit(row, "end trial", {"verdict": row.result["verdict"]}, district=district, actor=actor, at=at)


def end_due_trials(*, district: District, today: date, at: datetime) -> int:
    """End the trials whose end passed two weeks ago and whose drills are known; return how many. Raise QueryTimeout."""
    rows = TrainingTrial.objects.of(district).filter(state=TrialState.STARTED, ends_on__lt=today - GRACE)
    ended = 0
    for public in rows.order_by("pk").values_list("public", flat=True):
        try:
            end_trial(district=district, public=public, today=today, actor="", at=at)
        except TrialRefused:
            continue  # nothing is loaded yet; the trial's page names it
        ended += 1
    return ended


def cancel_trial(*, district: District, public: str, reason: str, today: date, actor: str, at: datetime) -> None:
    """Cancel a trial that has not ended: it never gets a result.

    Raise TrialRefused for no reason or a trial that is over, and LookupError if the district has no such trial.
    """
    text = check_reason(reason)
    with transaction.atomic():
        row = _get_row(district, public, TrialState.PLANNED, TrialState.STARTED, field="reason")
        row.state, row.reason, row.closed_on = TrialState.CANCELED, text, today
        row.save()
        _record_audit(row, "cancel trial", {}, district=district, actor=actor, at=at)


def read_plan(row: TrainingTrial) -> TrialPlan:
    """Return the plan of a stored trial."""
    return TrialPlan(
        question=row.question,
        courses=tuple(row.courses),
        schools=tuple(row.schools),
        title=row.title,
        unit=DrawnKind(row.unit),
        strata=TrialStrata(row.strata),
        percent=row.percent,
        drills=row.drills,
        ends_on=row.ends_on,
    )


def _check_form(form: TrialForm, *, district: District, today: date) -> TrialPlan:
    schools = {person.school for person in list_staff(district=district)}
    plan = check_trial_form(form, today=today, schools=schools)
    refuse_required_courses(district=district, courses=plan.courses, today=today)
    return plan


def _list_fields(plan: TrialPlan) -> dict[str, Any]:
    return {
        "question": plan.question,
        "courses": list(plan.courses),
        "schools": list(plan.schools),
        "title": plan.title,
        "unit": plan.unit,
        "strata": plan.strata,
        "percent": plan.percent,
        "drills": plan.drills,
        "ends_on": plan.ends_on,
    }


def _describe_plan(plan: TrialPlan) -> dict[str, Any]:
    return {
        "courses": list(plan.courses),
        "unit": plan.unit.value,
        "strata": plan.strata.value,
        "percent": plan.percent,
        "ends_on": plan.ends_on.isoformat(),
    }


def _build_member(row: TrainingTrial, item: DrawnPerson) -> TrialMember:
    return TrialMember(
        district_id=row.district_id,
        trial=row,
        person=item.person.number,
        unit=item.drawn.name if row.unit == DrawnKind.SCHOOL else "",
        stratum=item.drawn.stratum,
        arm=item.drawn.arm,
        score=item.drawn.score,
    )


def _refuse_overlap(district: District, plan: TrialPlan, drawn: tuple[DrawnPerson, ...]) -> None:
    """Raise TrialRefused if another running trial has one of the courses and one of the people."""
    people = {item.person.number for item in drawn}
    courses = {name.casefold() for name in plan.courses}
    for other in TrainingTrial.objects.of(district).filter(state=TrialState.STARTED):
        if courses.isdisjoint(name.casefold() for name in other.courses):
            continue
        members = TrialMember.objects.of(district).filter(trial=other, person__isnull=False)
        if not people.isdisjoint(members.values_list("person", flat=True)):
            raise TrialRefused(
                "courses",
                "another trial of the same course is running with some of these people; "
                "a start after its end would fit",
            )


def _refuse_early_end(row: TrainingTrial, *, district: District, today: date) -> None:
    """Raise TrialRefused if the last day has not passed, or the evidence is not from after it."""
    if today <= row.ends_on:
        raise TrialRefused(
            "end", f"the trial runs until {row.ends_on}; a day after it would fit, nothing is seen before"
        )
    day = get_evidence_day(district=district)
    if day is None or day <= row.ends_on:
        raise TrialRefused(
            "end", f"the newest assessment is of {day or 'no day'}; loading the drills and assessing would fit"
        )


def _get_row(district: District, public: str, *states: TrialState, field: str) -> TrainingTrial:
    """Return a trial in one of these states, locked. Raise LookupError, and TrialRefused for another state."""
    row = TrainingTrial.objects.of(district).select_for_update().filter(public=public).first()
    if row is None:
        raise LookupError(f"there is no trial {public}")
    if row.state not in states:
        raise TrialRefused(field, f"the trial is {row.state}; one that is {' or '.join(states)} would fit")
    return row


def _record_audit(
    row: TrainingTrial, action: str, detail: Mapping[str, Any], *, district: District, actor: str, at: datetime
) -> None:
    record_audit_entry(
        district=district, at=at, actor=actor, action=action, subject_kind="trial", subject=row.public, detail=detail
    )
