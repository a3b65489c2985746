"""Assign courses and policies, and end assignments; each change is in the audit trail."""

from __future__ import annotations

import secrets
from datetime import date, datetime

from django.db import transaction

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.protect.posture.catalog.controls import load_all_controls
from homeroom.apps.protect.posture.published.queries import get_published_assessment, list_failing_subjects
from homeroom.apps.teach.courses.models import AssignedPerson, Assignment, Policy
from homeroom.apps.teach.trials.queries import list_running_trials, list_trained_members
from homeroom.domain.platform.district import District
from homeroom.domain.teach.awareness.trials import TrialArm
from homeroom.domain.teach.courses.course_forms import (
    AssignmentChoices,
    AssignmentForm,
    CourseRefused,
    check_assignment,
)
from homeroom.library.comply.laws.law_files import load_laws
from homeroom.library.teach.courses.course_files import load_courses

TRAINABLE = "people"
"""What a control asks about if courses may be assigned to those who fail it."""


def assign_course(*, district: District, form: AssignmentForm, today: date, actor: str, at: datetime) -> str:
    """Assign a course, or the newest version of a policy, and return the assignment's id.

    The people of a control are those who fail it now; those of a trial are the arm that is trained, never who is held
    out. Raise CourseRefused with what would fit.
    """
    rule = check_assignment(form, choices=list_choices(district=district), today=today)
    fixed = _list_fixed_people(district, form)
    policy = Policy.objects.of(district).filter(public=form.subject).first()
    newest = policy.versions.order_by("-number").first() if policy else None
    row = Assignment(
        district_id=district.pk,
        public=f"assignment-{secrets.token_hex(6)}",
        course="" if policy else form.subject,
        policy=policy,
        policy_version=newest.number if newest else None,
        role=rule.role,
        school=rule.school,
        new_days=rule.new_days,
        control=form.control,
        trial=form.trial[:80],
        arm=TrialArm.TRAINED if form.trial else "",
        is_fixed=fixed is not None,
        law=form.law,
        assigned_on=rule.assigned_on,
        due_on=rule.due_on,
        made_by=actor,
        made_at=at,
    )
    with transaction.atomic():
        row.save(force_insert=True)
        AssignedPerson.objects.bulk_create(
            AssignedPerson(district_id=district.pk, assignment=row, subject=subject)
            for subject in sorted(set(fixed or ()))
        )
        _audit(row, "assign course", district=district, actor=actor, at=at)
    return row.public


def end_assignment(*, district: District, public: str, actor: str, at: datetime) -> None:
    """End an assignment: what is not done is not asked for any more. Raise LookupError if there is none that runs."""
    with transaction.atomic():
        row = Assignment.objects.of(district).select_for_update().filter(public=public, ended_at=None).first()
        if row is None:
            raise LookupError(f"there is no assignment {public}")
        row.ended_by, row.ended_at = actor, at
        row.save(update_fields=["ended_by", "ended_at"])
        _audit(row, "end assignment", district=district, actor=actor, at=at)


def list_choices(*, district: District) -> AssignmentChoices:
    """Return what an assignment may name: courses taken alone, policies, controls over people, running trials, laws."""
    return AssignmentChoices(
        courses=[course.id for course in load_courses() if course.taught == "alone"],
        policies=list(Policy.objects.of(district).values_list("public", flat=True)),
        controls=[control.id for control in load_all_controls().values() if control.asks == TRAINABLE],
        trials=[trial.id for trial in list_running_trials(district=district)],
        laws=[law.id for law in load_laws()],
    )


def _list_fixed_people(district: District, form: AssignmentForm) -> tuple[int, ...] | None:
    """Return the people of a control or a trial, None if the form names neither."""
    if form.trial:
        return list_trained_members(district=district, public=form.trial)
    if not form.control:
        return None
    assessment = get_published_assessment(district=district)
    if assessment is None:
        raise CourseRefused("control", "nothing was assessed yet; a role or school would fit")
    return list_failing_subjects(district=district, assessment=assessment, control=form.control)


def _audit(row: Assignment, action: str, *, district: District, actor: str, at: datetime) -> None:
    names = ("course", "policy_version", "role", "school", "new_days", "control", "trial", "arm", "law")
    detail = {name: getattr(row, name) for name in names if getattr(row, name)}
    if row.policy:
        detail["policy"] = row.policy.public
    if row.due_on:
        detail["due_on"] = row.due_on.isoformat()
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action=action,
        subject_kind="assignment",
        subject=row.public,
        detail=detail,
    )
