"""Accepting what fails for a while, and taking that back: a reason, an owner and an expiry date, and an audit entry each."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from homeroom.apps.audit.commands import record
from homeroom.apps.posture.models import Acceptance
from homeroom.domain.ids import finding_subject, public_id

LONGEST = timedelta(days=731)
WITHHELD = "withheld"
"""What the trail keeps of a reason that is marked private: the acceptance itself keeps the words."""


class NotAccepted(ValueError):
    """The acceptance does not hold together; the text says what would."""


@transaction.atomic
def accept(
    *,
    district: Any,
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
    """Accepts a control's failing for a finding, or for one subject of it, until and with `expires_on`; gives its number.
    A `private` reason is kept from who may not change anything, and from exports.

    Raises NotAccepted without a reason or an owner, or where the date is not after `today` or over two years away.
    """
    if not reason.strip() or not owner.strip():
        raise NotAccepted("an acceptance needs a reason and an owner")
    if expires_on <= today:
        raise NotAccepted(f"{expires_on} is not after {today}; an acceptance ends on a later day")
    if expires_on > today + LONGEST:
        raise NotAccepted(f"{expires_on} is over two years away; {today + LONGEST} at the latest would fit")
    row = Acceptance.objects.create(
        district=district,
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
    _record(district=district, at=at, actor=actor, action="accept finding", row=row, detail=detail)
    return row.pk


@transaction.atomic
def withdraw(*, district: Any, at: datetime, actor: str, acceptance: int) -> None:
    """Takes an acceptance back from now on; one that is withdrawn already stays as it is. Raises LookupError for none."""
    row = Acceptance.objects.of(district).filter(pk=acceptance).first()
    if row is None:
        raise LookupError(f"there is no acceptance {acceptance}")
    if row.withdrawn_at is None:
        Acceptance.objects.of(district).filter(pk=acceptance, withdrawn_at=None).update(withdrawn_at=at)
        _record(
            district=district,
            at=at,
            actor=actor,
            action="withdraw acceptance",
            row=row,
            detail={"control": row.control},
        )


def _record(*, district: Any, at: datetime, actor: str, action: str, row: Acceptance, detail: dict[str, Any]) -> None:
    subject = public_id("finding", finding_subject(row.control, row.group))
    record(district=district, at=at, actor=actor, action=action, subject_kind="finding", subject=subject, detail=detail)
