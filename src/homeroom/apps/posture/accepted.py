"""What is accepted: the findings and members that somebody lets fail until a date, with the reason and the owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from homeroom.apps.districts.ending import Some, by_day
from homeroom.apps.posture.models import Acceptance


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """Somebody accepted a control's failing for a finding, or one subject of it (`subject`), until a date."""

    id: int
    control: str
    group: str
    subject: int | None
    reason: str
    owner: str
    expires_on: date
    made_by: str
    made_at: datetime
    private: bool = False


def acceptances(*, district: Any, today: date, control: str = "") -> tuple[Accepted, ...]:
    """What is accepted today, of one control where it is named: neither withdrawn nor expired."""
    rows = Acceptance.objects.of(district).filter(withdrawn_at=None, expires_on__gte=today)
    return tuple(_accepted(row) for row in (rows.filter(control=control) if control else rows).order_by("-made_at"))


def acceptance(*, district: Any, number: int) -> Accepted | None:
    """One acceptance that was not withdrawn, by its number."""
    row = Acceptance.objects.of(district).filter(pk=number, withdrawn_at=None).first()
    return _accepted(row) if row else None


def accepted_now(*, district: Any, today: date, after: str = "") -> Some[Accepted]:
    """The next of what is accepted today: those that end first on top. `after` is the key of a page."""
    rows = Acceptance.objects.of(district).filter(withdrawn_at=None, expires_on__gte=today)
    return by_day(rows, _accepted, after=after)


def accepted_before(*, district: Any, since: date, today: date, after: str = "") -> Some[Accepted]:
    """The next of what expired from that day on and was not withdrawn: those that ended last on top."""
    rows = Acceptance.objects.of(district).filter(withdrawn_at=None, expires_on__gte=since, expires_on__lt=today)
    return by_day(rows, _accepted, after=after, last_first=True)


def _accepted(row: Acceptance) -> Accepted:
    return Accepted(
        id=row.pk,
        control=row.control,
        group=row.group,
        subject=row.subject,
        reason=row.reason,
        owner=row.owner,
        expires_on=row.expires_on,
        made_by=row.made_by,
        made_at=row.made_at,
        private=row.private,
    )
