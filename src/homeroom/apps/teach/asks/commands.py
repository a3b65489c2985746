"""Answer an ask, and decide a request for exemption; each change is in the audit trail."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.protect.exceptions.commands import create_exception
from homeroom.apps.protect.exceptions.scopes import FindingScope
from homeroom.apps.protect.posture.published.queries import get_published_assessment
from homeroom.apps.teach.asks.models import AskClaim, AskExemption
from homeroom.apps.teach.asks.own_asks import FailingSubject, list_failing_subjects
from homeroom.domain.ids import format_public_id
from homeroom.domain.platform.district import District
from homeroom.domain.teach.awareness.ask_states import AskRefused, ExemptionState, check_end, check_reason


@dataclass(frozen=True, kw_only=True)
class ExemptionForm:
    """A decision about a request as somebody typed it.

    `reason` is the team's own, of the acceptance; `answer` is what the person reads.
    """

    outcome: str
    reason: str = ""
    until: str = ""
    answer: str = ""


def report_ask_done(*, district: District, person: int, control: str, today: date, actor: str, at: datetime) -> None:
    """Write down that a person did what a control asks: the next lists prove it.

    Raise LookupError if the person has no such ask, and QueryTimeout.
    """
    _check_asked(district, person, control, today)
    with transaction.atomic():
        AskClaim.objects.of(district).filter(person=person, control=control).delete()
        AskClaim.objects.create(
            district_id=district.pk, person=person, control=control, claimed_at=at, claimed_by=actor
        )
        _record(district, "report ask done", person=person, control=control, actor=actor, at=at)


def request_exemption(
    *, district: District, person: int, control: str, reason: str, today: date, actor: str, at: datetime
) -> str:
    """Write down why a person cannot do what a control asks, for the team to decide; return the request's id.

    An open request gets the new reason. Raise AskRefused with what would fit, LookupError if the person has no
    such ask, and QueryTimeout.
    """
    text = check_reason(reason)
    _check_asked(district, person, control, today)
    with transaction.atomic():
        rows = AskExemption.objects.of(district).filter(person=person, control=control, state=ExemptionState.OPEN)
        row = rows.select_for_update().first() or AskExemption(
            district_id=district.pk,
            public=f"exemption-{secrets.token_hex(8)}",
            person=person,
            control=control,
            state=ExemptionState.OPEN,
        )
        row.reason, row.requested_at, row.requested_by = text, at, actor
        row.save()
        _record(district, "request ask exemption", person=person, control=control, actor=actor, at=at)
    return row.public


def decide_exemption(
    *, district: District, public: str, form: ExemptionForm, today: date, actor: str, at: datetime
) -> None:
    """Grant a request until a day, which accepts the finding for the person's subjects, or refuse it with an answer.

    Raise AskRefused with what would fit, InvalidRiskException, LookupError if the district has no such request, and
    QueryTimeout.
    """
    if form.outcome not in (ExemptionState.GRANTED, ExemptionState.REFUSED):
        fits = f"{ExemptionState.GRANTED} or {ExemptionState.REFUSED} would fit"
        raise AskRefused("outcome", f"{form.outcome[:20]!r}; {fits}")
    is_granted = form.outcome == ExemptionState.GRANTED
    until = check_end(form.until, today=today) if is_granted else None
    reason = check_reason(form.reason) if is_granted else ""
    answer = form.answer.strip()
    if answer or not is_granted:
        answer = check_reason(answer, field="answer")
    with transaction.atomic():
        row = AskExemption.objects.of(district).select_for_update().filter(public=public).first()
        if row is None:
            raise LookupError(f"there is no request {public}")
        if row.state != ExemptionState.OPEN:
            raise AskRefused("outcome", "the request was decided already")
        row.state, row.until, row.answer = form.outcome, until, answer
        row.decided_by, row.decided_at = actor, at
        row.save()
        if until is not None:
            for failing in _list_failing(district, row.person, row.control, today):
                scope = FindingScope(control=row.control, group=failing.group, subject=failing.subject)
                create_exception(
                    district=district, at=at, today=today, actor=actor, scope=scope, reason=reason, owner=actor,
                    expires_on=until,
                )  # fmt: skip
        action = "grant ask exemption" if is_granted else "refuse ask exemption"
        _record(district, action, person=row.person, control=row.control, actor=actor, at=at, until=until)


def _check_asked(district: District, person: int, control: str, today: date) -> None:
    if not _list_failing(district, person, control, today):
        raise LookupError("nothing like that is asked")


def _list_failing(district: District, person: int, control: str, today: date) -> list[FailingSubject]:
    assessment = get_published_assessment(district=district)
    if assessment is None:
        return []
    return list_failing_subjects(district=district, assessment=assessment, person=person, today=today, control=control)


def _record(
    district: District, action: str, *, person: int, control: str, actor: str, at: datetime, until: date | None = None
) -> None:
    """Write what was done to the audit trail, without anybody's reason."""
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action=action,
        subject_kind="person",
        subject=format_public_id("person", person),
        detail={"control": control} | ({"until": until.isoformat()} if until else {}),
    )
