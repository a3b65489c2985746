"""Duties as tasks of the weekly plan: done there is done here, with a record or an answer."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from homeroom.apps.comply.duties.commands import InvalidDutyChange, assign_duty, record_duty_done, withdraw_duty_record
from homeroom.apps.comply.duties.queries import DistrictDuty, list_day_duties
from homeroom.apps.comply.laws.facts import load_fact_values
from homeroom.apps.manage.planning.tasks import DUTY, TASK_PREFIX, InvalidPlanChange, PlanTask
from homeroom.apps.protect.frameworks.attestations import (
    MAX_VALIDITY,
    InvalidAttestation,
    answer_attestation,
    request_attestation,
    withdraw_attestation,
)
from homeroom.domain.comply.laws.duties import DutyProof, ProofKind
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.incidents.playbooks import ResponseRole
from homeroom.engines.protect.frameworks.compliance import AttestationAnswer

SHOWN_DONE = timedelta(days=14)
"""How long a duty that was done stays a task, so that it can be opened again."""


class DutyTasks:
    """The duties that are late or due within two weeks, as a source of tasks of the plan."""

    def list_tasks(self, *, district: District, today: date) -> tuple[PlanTask, ...]:
        """Return the tasks of duties with minutes, the most urgent first, and those that were done lately."""
        return tuple(_build_task(entry) for entry in _list_planned(district, today))

    def finish_task(self, *, district: District, task: str, minutes: int | None, actor: str, at: datetime) -> None:
        """Record a duty as done today, or answer that it is met. Raise LookupError and InvalidPlanChange."""
        today = _get_local_date(district, at)
        entry = _find_entry(district, task, today)
        try:
            if entry.status.case is not None:
                record_duty_done(
                    district=district,
                    duty=entry.status.name,
                    case=entry.status.case.id,
                    done_on=today,
                    note="Done in the weekly plan.",
                    minutes=minutes,
                    actor=actor,
                    at=at,
                    today=today,
                )
            else:
                _attest(district, entry, actor=actor, at=at)
        except (InvalidDutyChange, InvalidAttestation) as error:
            raise InvalidPlanChange(str(error)) from None

    def reopen_task(self, *, district: District, task: str, actor: str, at: datetime) -> None:
        """Withdraw the record or the answer of a duty. Raise LookupError."""
        entry = _find_entry(district, task, _get_local_date(district, at))
        proof = _find_recent_proof(entry, date.min)
        if proof is None:
            raise LookupError(f"{task} is not done")
        withdraw = withdraw_duty_record if proof.kind is ProofKind.RECORD else withdraw_attestation
        withdraw(district=district, number=int(proof.id), actor=actor, at=at)

    def assign_task(self, *, district: District, task: str, owner: str, actor: str, at: datetime) -> None:
        """Give a duty to a person. Raise LookupError and InvalidPlanChange."""
        entry = _find_entry(district, task, _get_local_date(district, at))
        try:
            assign_duty(district=district, duty=entry.status.name, owner=owner, actor=actor, at=at)
        except InvalidDutyChange as error:
            raise InvalidPlanChange(str(error)) from None


def name_task(entry: DistrictDuty) -> str:
    """Return the id of a duty's task, which is the same from week to week."""
    return f"{TASK_PREFIX}{DUTY}-{hashlib.sha256(entry.id.encode()).hexdigest()[:24]}"


def _list_planned(district: District, today: date) -> list[DistrictDuty]:
    """Return the duties that take minutes of the week; none before the district stated facts."""
    if not load_fact_values(district=district):
        return []
    return [
        entry
        for entry in list_day_duties(district=district, today=today).duties
        if entry.status.duty.effort and (entry.is_soon(today) or _find_recent_proof(entry, today - SHOWN_DONE))
    ]


def _find_recent_proof(entry: DistrictDuty, since: date) -> DutyProof | None:
    """Return the record or answer that meets a duty, if it is not older than a day."""
    kinds = (ProofKind.RECORD, ProofKind.ATTESTATION)
    return next(
        (
            proof
            for proof in entry.status.proofs
            if proof.kind in kinds and proof.holds and proof.on and proof.on >= since
        ),
        None,
    )


def _build_task(entry: DistrictDuty) -> PlanTask:
    status = entry.status
    return PlanTask(
        id=name_task(entry),
        title=status.duty.title,
        severity=Severity.HIGH,
        minutes=status.duty.effort,
        role=ResponseRole.DIRECTOR,
        owner=entry.owner,
        origin=entry.id,
        origin_title=status.law.title,
        origin_kind=DUTY,
        is_open=status.is_open,
        due_on=status.due,
    )


def _find_entry(district: District, task: str, today: date) -> DistrictDuty:
    for entry in _list_planned(district, today):
        if name_task(entry) == task:
            return entry
    raise LookupError(f"there is no task {task}")


def _attest(district: District, entry: DistrictDuty, *, actor: str, at: datetime) -> None:
    """Answer that a duty of the district is met, until its next day or for a year."""
    today = at.date()
    requested = next(
        (proof for proof in entry.status.proofs if proof.kind is ProofKind.ATTESTATION and proof.due_on), None
    )
    number = (
        int(requested.id)
        if requested
        else request_attestation(
            district=district,
            framework=entry.status.law.id,
            goal=entry.status.duty.id,
            owner=actor,
            due_on=today,
            actor=actor,
            at=at,
            question=entry.status.duty.attested_by,
        )
    )
    answer_attestation(
        district=district,
        number=number,
        choice=AttestationAnswer.YES,
        note="Done in the weekly plan.",
        expires_on=today + MAX_VALIDITY,
        actor=actor,
        at=at,
    )


def _get_local_date(district: District, at: datetime) -> date:
    return at.astimezone(ZoneInfo(district.timezone)).date()
