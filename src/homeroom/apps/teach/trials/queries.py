"""Queries over trials: the list, one trial, who is trained, and the lot. No estimate leaves before the end."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.teach.trials.commands import read_plan
from homeroom.apps.teach.trials.models import TrainingTrial, TrialMember
from homeroom.apps.teach.trials.outlooks import TrialOutlook, compute_outlook, draw_people
from homeroom.apps.teach.trials.required_courses import get_course_title, list_staff_courses
from homeroom.apps.teach.trials.results import count_known_drills
from homeroom.apps.teach.trials.trial_people import TrialPerson, list_staff
from homeroom.domain.ids import format_public_id
from homeroom.domain.platform.district import District
from homeroom.domain.teach.awareness.trial_plans import DrawnKind, TrialPlan, TrialRefused, TrialState
from homeroom.domain.teach.awareness.trials import TrialArm
from homeroom.engines.teach.awareness.lots import draw_scores

OFFERED_AGAIN = (TrialState.STARTED, TrialState.ENDED, TrialState.CANCELED)
"""States in which the seed is shown: before the start, its fingerprint alone."""


@dataclass(frozen=True, kw_only=True)
class TrialLine:
    """A trial in the list. `result` is the stored document of one that ended, else None."""

    id: str
    state: TrialState
    question: str
    courses: tuple[str, ...]
    unit: DrawnKind
    percent: int
    started_on: date | None
    ends_on: date
    closed_on: date | None
    result: Mapping[str, Any] | None
    made_by: str
    made_at: datetime

    def is_due(self, today: date) -> bool:
        """Check whether it is running past its last day, so that it can be ended."""
        return self.state is TrialState.STARTED and self.ends_on < today


@dataclass(frozen=True, kw_only=True)
class TrialView:
    """One trial. `outlook` is what it could see: as of now while it is planned, as stored afterwards.

    `refusal` is why it cannot start now. `seed` is empty before the start; `fingerprint` is the seed's SHA-256.
    `known_drills` are those with an outcome of a member while it runs past its end, else None.
    """

    line: TrialLine
    plan: TrialPlan
    course_titles: tuple[str, ...]
    outlook: Mapping[str, Any] | None
    refusal: str
    reason: str
    seed: str
    fingerprint: str
    arms: Mapping[str, int]
    erased: int
    known_drills: int | None
    can_redraw: bool | None


@dataclass(frozen=True, kw_only=True)
class TrialArmRow:
    """A row of the list by which training is assigned: a person of the lot with their arm.

    Of an erased person only stratum, arm and score are left.
    """

    name: str
    email: str
    school: str
    unit: str
    stratum: str
    arm: str
    score: str


@dataclass(frozen=True, kw_only=True)
class TrialChoices:
    """What the form of a plan offers: courses as (id, title), and schools with staff."""

    courses: tuple[tuple[str, str], ...]
    schools: tuple[str, ...]


def list_trials(*, district: District) -> tuple[TrialLine, ...]:
    """List the trials, the newest plan first."""
    rows = TrainingTrial.objects.of(district).order_by("-made_at", "-pk")
    return tuple(_build_line(row) for row in rows)


def find_trial(*, district: District, public: str, today: date) -> TrialView | None:
    """Return one trial, or None if the district has no such trial. Raise QueryTimeout."""
    row = TrainingTrial.objects.of(district).filter(public=public).first()
    if row is None:
        return None
    line, plan = _build_line(row), read_plan(row)
    outlook, refusal = row.outlook, ""
    if line.state is TrialState.PLANNED:
        outlook, refusal = _look_ahead(plan, district=district, seed=row.seed, today=today)
    members = list(TrialMember.objects.of(district).filter(trial=row).values_list("stratum", "score", "arm", "person"))
    arms = {arm.value: sum(value == arm for _, _, value, _ in members) for arm in TrialArm}
    return TrialView(
        line=line,
        plan=plan,
        course_titles=tuple(get_course_title(name) for name in plan.courses),
        outlook=outlook,
        refusal=refusal,
        reason=row.reason,
        seed=row.seed if row.started_on else "",
        fingerprint=hashlib.sha256(bytes.fromhex(row.seed)).hexdigest(),
        arms=arms,
        erased=sum(person is None for *_, person in members),
        known_drills=count_known_drills(row, district=district) if line.is_due(today) else None,
        can_redraw=_check_lot(row, members) if members else None,
    )


def list_choices(*, district: District) -> TrialChoices:
    """Return what the form of a plan offers. Raise QueryTimeout."""
    return TrialChoices(
        courses=tuple((course.id, course.title.en) for course in list_staff_courses()),
        schools=tuple(sorted({person.school for person in list_staff(district=district)} - {""})),
    )


def list_trained_members(*, district: District, public: str) -> tuple[int, ...]:
    """List the people, by the number of the identity ledger, whom a running trial trains: for an assignment.

    Empty for a trial that is not running. Raise LookupError if the district has no such trial.
    """
    row = _get_row(district, public)
    if row.state != TrialState.STARTED:
        return ()
    members = TrialMember.objects.of(district).filter(trial=row, arm=TrialArm.TRAINED)
    people = members.order_by("person").values_list("person", flat=True)
    return tuple(number for number in people if number is not None)


def list_running_trials(*, district: District) -> tuple[TrialLine, ...]:
    """List the trials that are running, by their end."""
    rows = TrainingTrial.objects.of(district).filter(state=TrialState.STARTED).order_by("ends_on", "pk")
    return tuple(_build_line(row) for row in rows)


def list_arms(*, district: District, public: str, actor: str, at: datetime) -> tuple[TrialArmRow, ...]:
    """List who was drawn into which arm, by name, and write the look into the audit trail.

    Raise LookupError for a trial that has not started, and QueryTimeout.
    """
    row = _get_row(district, public)
    if row.started_on is None:
        raise LookupError(f"the trial {public} has not started")
    people = {person.number: person for person in list_staff(district=district)}
    members = TrialMember.objects.of(district).filter(trial=row)
    rows = [_build_arm_row(member, people.get(member.person or 0)) for member in members]
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action="list arms of trial",
        subject_kind="trial",
        subject=public,
        detail={"rows": len(rows)},
    )
    return tuple(sorted(rows, key=lambda item: (item.name.casefold(), item.email, item.score)))


def build_trial_document(view: TrialView) -> dict[str, Any]:
    """Build the JSON document of a trial; `result` is null before the end."""
    line, plan = view.line, view.plan
    return {
        "id": line.id,
        "state": line.state.value,
        "question": line.question,
        "courses": list(line.courses),
        "schools": list(plan.schools),
        "title": plan.title or None,
        "unit": line.unit.value,
        "strata": plan.strata.value,
        "percent_held_out": line.percent,
        "drills": plan.drills,
        "started_on": line.started_on,
        "ends_on": line.ends_on,
        "closed_on": line.closed_on,
        "seed": view.seed or None,
        "seed_sha256": view.fingerprint,
        "outlook": dict(view.outlook) if view.outlook else None,
        "cannot_start": view.refusal or None,
        "result": dict(line.result) if line.result else None,
        "canceled_because": view.reason or None,
    }


def _get_row(district: District, public: str) -> TrainingTrial:
    row = TrainingTrial.objects.of(district).filter(public=public).first()
    if row is None:
        raise LookupError(f"there is no trial {public}")
    return row


def _look_ahead(plan: TrialPlan, *, district: District, seed: str, today: date) -> tuple[Mapping[str, Any] | None, str]:
    """Return what a planned trial could see if it started today, or why it cannot."""
    try:
        drawn = draw_people(plan, district=district, seed=seed)
    except TrialRefused as error:
        return None, str(error)
    outlook: TrialOutlook = compute_outlook(plan, drawn, district=district, today=today)
    return outlook.build_document(), ""


def _check_lot(row: TrainingTrial, members: list[tuple[str, str, str, int | None]]) -> bool:
    """Draw the lot again from its stored scores, and check that all arms are the same."""
    scores, arms = defaultdict(set), {}
    for stratum, score, arm, _person in members:
        scores[stratum].add(score)
        arms[score] = arm
    by_stratum = {stratum: sorted(values) for stratum, values in scores.items()}
    return draw_scores(by_stratum, seed=row.seed, percent=row.percent) == arms


def _build_arm_row(member: TrialMember, person: TrialPerson | None) -> TrialArmRow:
    return TrialArmRow(
        name=person.name if person else "",
        email=person.email if person else "",
        school=person.school if person else "",
        unit=member.unit or ("" if member.person is None else format_public_id("person", member.person)),
        stratum=member.stratum,
        arm=member.arm,
        score=member.score,
    )


def _build_line(row: TrainingTrial) -> TrialLine:
    return TrialLine(
        id=row.public,
        state=TrialState(row.state),
        question=row.question,
        courses=tuple(row.courses),
        unit=DrawnKind(row.unit),
        percent=row.percent,
        started_on=row.started_on,
        ends_on=row.ends_on,
        closed_on=row.closed_on,
        result=row.result if row.state == TrialState.ENDED else None,
        made_by=row.made_by,
        made_at=row.made_at,
    )
