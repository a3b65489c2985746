"""The state of a duty: from the answer of its clock, and from what shows that it is met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from homeroom.domain.comply.laws.cases import CANNOT_TELL, NO, ClockAnswer
from homeroom.domain.comply.laws.clocks import MOMENTS, list_starts
from homeroom.domain.comply.laws.duties import DutyProof, DutyState, DutyStatus, LawCase, ProofKind
from homeroom.domain.comply.laws.facts import INCIDENT
from homeroom.domain.comply.laws.law import Law, LawDuty

RENEWAL = timedelta(days=30)
"""How long before the next deadline of a duty that comes again an answer about an earlier period no longer counts."""
DATA_PROOFS = (ProofKind.CONTROL, ProofKind.LAST_AGE)
"""Proofs that follow from what is stored; they count before what people answer."""


@dataclass(frozen=True, kw_only=True)
class _Judgment:
    """A state, with reasons beyond those of the clock, and a day in place of the clock's."""

    state: DutyState
    because: tuple[str, ...] = ()
    due: date | None = None


def judge_duty(
    answer: ClockAnswer,
    *,
    law: Law,
    duty: LawDuty,
    proofs: Sequence[DutyProof] = (),
    case: LawCase | None = None,
    starts_on: date | None = None,
    today: date,
    now: datetime,
) -> DutyStatus:
    """Judge a duty of a district, or of a case, on a day; `now` decides deadlines that have a time.

    `starts_on` is the first day of the period whose deadline comes next, of a duty that comes again.
    """
    current = [proof for proof in proofs if not _is_outdated(proof, answer, starts_on=starts_on, today=today)]
    judgment = _judge_case(answer, proofs, today, now) if case else _judge_district(answer, duty, current, today)
    return DutyStatus(
        law=law,
        duty=duty,
        case=case,
        state=judgment.state,
        because=(*answer.because, *judgment.because),
        due=judgment.due or answer.due,
        due_at=answer.due_at,
        extended_to=answer.extended_to,
        certain=answer.certain,
        readings=answer.readings,
        waits_for=answer.waits_for,
        proofs=tuple(proofs),
    )


def _is_outdated(proof: DutyProof, answer: ClockAnswer, *, starts_on: date | None, today: date) -> bool:
    """Return whether an answer is about an earlier period than the one whose deadline is near."""
    if proof.kind is not ProofKind.ATTESTATION or proof.on is None or starts_on is None or answer.due is None:
        return False
    return proof.on < starts_on and answer.due <= today + RENEWAL


def _judge_district(answer: ClockAnswer, duty: LawDuty, proofs: Sequence[DutyProof], today: date) -> _Judgment:
    if answer.applies == NO:
        return _Judgment(state=DutyState.DOES_NOT_APPLY)
    taken_out = next((proof for proof in proofs if proof.takes_out), None)
    if taken_out is not None:
        return _Judgment(state=DutyState.DOES_NOT_APPLY, because=(f"attested until {taken_out.until}",))
    if answer.applies == CANNOT_TELL and not _is_only_about_cases(answer):
        return _Judgment(state=DutyState.CANNOT_TELL, because=_describe_unknown(answer))
    if list_starts(duty.clock) or answer.applies == CANNOT_TELL:
        return _Judgment(state=DutyState.WAITS, because=(f"nothing is known that starts it: {duty.trigger}",))
    return _judge_proofs(answer, proofs, today)


def _judge_proofs(answer: ClockAnswer, proofs: Sequence[DutyProof], today: date) -> _Judgment:
    """Judge a duty that does not wait for a case by its proofs: data counts first, then an answer, then the day."""
    controls = [proof for proof in proofs if proof.kind in DATA_PROOFS and proof.holds is not None]
    if controls and all(proof.holds for proof in controls):
        return _Judgment(state=DutyState.MET_BY_DATA)
    attested = next((proof for proof in proofs if proof.kind is ProofKind.ATTESTATION and proof.holds), None)
    if attested is not None and not controls:
        return _Judgment(state=DutyState.MET_BY_ATTESTATION, because=(f"attested until {attested.until}",))
    reasons = tuple(f"{proof.title}: {proof.note}" for proof in controls if proof.holds is False and proof.note)
    requested_by = min((proof.due_on for proof in proofs if proof.due_on and proof.on is None), default=None)
    if requested_by is not None and requested_by < today:
        return _Judgment(
            state=DutyState.LATE, because=(*reasons, f"an answer was due on {requested_by}"), due=requested_by
        )
    if answer.due is not None and answer.due < today:
        return _Judgment(state=DutyState.LATE, because=(*reasons, "nothing shows that it was done by then"))
    if answer.due is not None:
        return _Judgment(state=DutyState.DUE, because=reasons)
    if answer.waits_for:
        return _Judgment(state=DutyState.CANNOT_TELL, because=(*reasons, *_describe_unknown(answer)))
    return _Judgment(state=DutyState.DUE, because=reasons, due=requested_by)


def _judge_case(answer: ClockAnswer, proofs: Sequence[DutyProof], today: date, now: datetime) -> _Judgment:
    if answer.applies == NO:
        return _Judgment(state=DutyState.DOES_NOT_APPLY)
    done = next((proof for proof in proofs if proof.kind is ProofKind.RECORD), None)
    if done is not None:
        late = (f"done on {done.on}, after {answer.due}",) if _is_after(done.on, answer.due) else ()
        return _Judgment(state=DutyState.MET_BY_ATTESTATION, because=late)
    if answer.applies == CANNOT_TELL:
        return _Judgment(state=DutyState.CANNOT_TELL, because=_describe_unknown(answer))
    if answer.due is not None:
        is_late = answer.due_at < now if answer.due_at else answer.due < today
        return _Judgment(state=DutyState.LATE if is_late else DutyState.DUE)
    if answer.waits_for:
        return _Judgment(state=DutyState.WAITS)
    return _Judgment(state=DutyState.DUE)


def _is_after(day: date | None, due: date | None) -> bool:
    return day is not None and due is not None and day > due


def _is_only_about_cases(answer: ClockAnswer) -> bool:
    """Return whether only facts of an incident are unknown, so that the duty waits for one."""
    unknown = [name for name in answer.waits_for if name not in MOMENTS]
    return bool(unknown) and all(name.startswith(f"{INCIDENT}.") for name in unknown)


def _describe_unknown(answer: ClockAnswer) -> tuple[str, ...]:
    """Return the facts and calendars that are missing, unless the reasons of the clock already name them."""
    reasons = (f"{name} is not known" for name in answer.waits_for if name not in MOMENTS)
    return tuple(reason for reason in reasons if reason not in answer.because)
