"""Commands on duties: give one to an owner, record what was done in a case, and request answers in time."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from homeroom.apps.comply.duties.models import DutyOwner, DutyRecord
from homeroom.apps.comply.duties.queries import DistrictDuty, list_duties
from homeroom.apps.comply.laws.case_sources import find_law_case
from homeroom.apps.comply.laws.catalog import list_laws
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.protect.frameworks.attestations import InvalidAttestation, list_respondents, request_attestation
from homeroom.apps.protect.frameworks.queries import list_attestations
from homeroom.domain.comply.laws.duties import DutyState
from homeroom.domain.comply.laws.law import Law, LawDuty
from homeroom.domain.platform.district import District

ASK_AHEAD = timedelta(days=30)
"""How long before the day of a duty its owner is asked whether it is met."""
MAX_NOTE = 2_000


class InvalidDutyChange(ValueError):
    """A change of a duty is refused; the message states what would fit, and `field` names the form field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def get_duty(name: str, *, district: District) -> tuple[Law, LawDuty]:
    """Return the law and the duty of a name such as us-ferpa:access. Raise LookupError."""
    law_id, _colon, duty_id = name.partition(":")
    law = list_laws(district=district).get(law_id)
    duty = law.get_duty(duty_id) if law else None
    if law is None or duty is None:
        raise LookupError(f"there is no duty {name!r}")
    return law, duty


@transaction.atomic
def assign_duty(*, district: District, duty: str, owner: str, actor: str, at: datetime) -> None:
    """Give a duty to a person, or to nobody. Raise LookupError for an unknown duty, and InvalidDutyChange."""
    get_duty(duty, district=district)
    if owner and owner not in {name for name, _full in list_respondents(district=district)}:
        raise InvalidDutyChange("owner", _("somebody of the district who may answer would fit"))
    DutyOwner.objects.of(district).filter(duty=duty).delete()
    if owner:
        DutyOwner.objects.create(district_id=district.pk, duty=duty, owner=owner, changed_by=actor, changed_at=at)
    _record_audit(district, "assign duty", duty, {"owner": owner}, actor=actor, at=at)


@transaction.atomic
def record_duty_done(
    *,
    district: District,
    duty: str,
    case: str,
    done_on: date,
    note: str,
    actor: str,
    at: datetime,
    today: date,
    minutes: int | None = None,
) -> int:
    """Record that a duty was done in a case, and return the record's number; an older record of it is withdrawn.

    Raise LookupError for an unknown duty or case, and InvalidDutyChange.
    """
    law, law_duty = get_duty(duty, district=district)
    law_case = find_law_case(district=district, case=case)
    if law_case is None or not law_case.covers(law, law_duty):
        raise LookupError(f"{duty} is no duty of a case {case!r}")
    if not date(2000, 1, 1) <= done_on <= today:
        raise InvalidDutyChange("done_on", _("a day in the past would fit"))
    text = note.strip()
    if not text or len(text) > MAX_NOTE:
        raise InvalidDutyChange("note", _("what was done and to whom would fit, without a student’s name"))
    DutyRecord.objects.of(district).filter(duty=duty, case=case, withdrawn_at=None).update(withdrawn_at=at)
    row = DutyRecord.objects.create(
        district_id=district.pk,
        duty=duty,
        case=case,
        done_on=done_on,
        note=text,
        minutes=minutes,
        recorded_by=actor,
        recorded_at=at,
    )
    _record_audit(district, "record duty", duty, {"case": case, "done_on": done_on.isoformat()}, actor=actor, at=at)
    return row.pk


@transaction.atomic
def withdraw_duty_record(*, district: District, number: int, actor: str, at: datetime) -> None:
    """Withdraw the record that a duty was done. Raise LookupError if the district has no such record."""
    row = DutyRecord.objects.of(district).filter(pk=number, withdrawn_at=None).first()
    if row is None:
        raise LookupError(number)
    row.withdrawn_at = at
    row.save()
    _record_audit(district, "withdraw duty record", row.duty, {"case": row.case}, actor=actor, at=at)


@transaction.atomic
def start_attestation(*, district: District, duty: str, today: date, actor: str, at: datetime) -> int:
    """Return the open question whether a duty is met; without one, ask the actor.

    Raise LookupError for an unknown duty, and InvalidDutyChange for one of a law that does not apply.
    """
    law, law_duty = get_duty(duty, district=district)
    views = list_attestations(district=district, today=today, framework=law.id, goal=law_duty.id)
    number = next((view.id for view in views if not view.answer), None)
    if number is not None:
        return number
    try:
        return request_attestation(
            district=district,
            framework=law.id,
            goal=law_duty.id,
            owner=actor,
            due_on=max(today, at.date()) + timedelta(days=1),
            actor=actor,
            at=at,
            question=law_duty.attested_by,
        )
    except InvalidAttestation as error:
        raise InvalidDutyChange("duty", str(error)) from None


def request_due_answers(*, district: District, today: date, at: datetime) -> int:
    """Ask the owners of duties that are due within 30 days and not met whether they are; return how many.

    Who was asked and has not answered is not asked again. Raise QueryTimeout if the tenant settings take too long.
    """
    waiting = [
        entry for entry in list_duties(district=district, today=today, at=at).duties if _needs_answer(entry, today)
    ]
    requested = 0
    for entry in waiting:
        duty = entry.status.duty
        try:
            request_attestation(
                district=district,
                framework=entry.status.law.id,
                goal=duty.id,
                owner=entry.owner,
                due_on=max(entry.status.due or today, today + timedelta(days=1)),
                actor="",
                at=at,
                question=duty.attested_by,
            )
        except InvalidAttestation:
            continue  # the owner has left
        requested += 1
    return requested


def _needs_answer(entry: DistrictDuty, today: date) -> bool:
    status = entry.status
    if not entry.owner or status.case is not None or any(proof.due_on is not None for proof in status.proofs):
        return False
    if status.state is DutyState.MET_BY_ATTESTATION:
        return all(proof.until <= today + ASK_AHEAD for proof in status.proofs if proof.holds and proof.until)
    is_near = status.due is not None and status.due <= today + ASK_AHEAD
    return status.state in (DutyState.DUE, DutyState.LATE) and is_near


def _record_audit(
    district: District, action: str, duty: str, detail: dict[str, str], *, actor: str, at: datetime
) -> None:
    record_audit_entry(
        district=district, at=at, actor=actor, action=action, subject_kind="duty", subject=duty, detail=detail
    )
