"""Accept failing findings for a while, and withdraw acceptances; each change writes an audit entry.

An acceptance needs a reason, an owner and an expiry date.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from homeroom.apps.audit.commands import record_audit_entry
from homeroom.apps.posture.models import Acceptance
from homeroom.domain.district import District
from homeroom.domain.ids import format_public_id, hash_finding_id

MAX_DURATION = timedelta(days=731)
WITHHELD = "withheld"
"""What the audit trail stores instead of a private reason; the acceptance itself has the text."""


class InvalidAcceptance(ValueError):
    """The acceptance is not valid; the message states what would be."""


@transaction.atomic
def accept_finding(
    *,
    district: District,
    at: datetime,
    today: date,
    actor: str,
    control: str,
    reason: str,
    owner: str,
    expires_on: date,
    group: str = "",
    subject: int | None = None,
    private: bool = False,
) -> int:
    """Accept a control's failing for a finding, or for one subject of it, through `expires_on`; return its number.

    A `private` reason is hidden from users who may not change anything, and from exports.

    Raise InvalidAcceptance without a reason or an owner, or if the date is not after `today` or over two years away.
    """
    if not reason.strip() or not owner.strip():
        raise InvalidAcceptance("an acceptance needs a reason and an owner")
    if expires_on <= today:
        raise InvalidAcceptance(f"{expires_on} is not after {today}; an acceptance ends on a later day")
    if expires_on > today + MAX_DURATION:
        raise InvalidAcceptance(f"{expires_on} is over two years away; {today + MAX_DURATION} at the latest would fit")
    row = Acceptance.objects.create(
        district_id=district.pk,
        control=control,
        group=group,
        subject=subject,
        reason=reason.strip(),
        owner=owner,
        expires_on=expires_on,
        made_by=actor,
        made_at=at,
        private=private,
    )
    detail = {
        "control": control,
        "group": group,
        "until": expires_on.isoformat(),
        "owner": owner,
        "reason": WITHHELD if private else reason.strip(),
    }
    _record_audit(district=district, at=at, actor=actor, action="accept finding", row=row, detail=detail)
    return row.pk


@transaction.atomic
def withdraw_acceptance(*, district: District, at: datetime, actor: str, acceptance: int) -> None:
    """Withdraw an acceptance from now on; one that is withdrawn already stays unchanged.

    Raise LookupError if there is no such acceptance.
    """
    row = Acceptance.objects.of(district).filter(pk=acceptance).first()
    if row is None:
        raise LookupError(f"there is no acceptance {acceptance}")
    if row.withdrawn_at is None:
        Acceptance.objects.of(district).filter(pk=acceptance, withdrawn_at=None).update(withdrawn_at=at)
        _record_audit(
            district=district,
            at=at,
            actor=actor,
            action="withdraw acceptance",
            row=row,
            detail={"control": row.control},
        )


def _record_audit(
    *, district: District, at: datetime, actor: str, action: str, row: Acceptance, detail: dict[str, Any]
) -> None:
    subject = format_public_id("finding", hash_finding_id(row.control, row.group))
    record_audit_entry(
        district=district, at=at, actor=actor, action=action, subject_kind="finding", subject=subject, detail=detail
    )
