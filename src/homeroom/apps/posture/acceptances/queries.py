"""Queries for acceptances: findings and members that may fail until a date, with the reason and the owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from homeroom.apps.districts.expiring_pages import Page, get_page_by_expiry
from homeroom.apps.posture.models import Acceptance
from homeroom.domain.district import District


@dataclass(frozen=True, kw_only=True)
class AcceptanceRecord:
    """One acceptance of a control's failing, for a finding or for one subject of it (`subject`), until a date."""

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


def list_acceptances(*, district: District, today: date, control: str = "") -> tuple[AcceptanceRecord, ...]:
    """Return the acceptances in effect today, of one control if given: neither withdrawn nor expired."""
    rows = Acceptance.objects.of(district).filter(withdrawn_at=None, expires_on__gte=today)
    return tuple(_convert_row(row) for row in (rows.filter(control=control) if control else rows).order_by("-made_at"))


def get_acceptance(*, district: District, number: int) -> AcceptanceRecord | None:
    """Return one acceptance that was not withdrawn, by its number; None if there is none."""
    row = Acceptance.objects.of(district).filter(pk=number, withdrawn_at=None).first()
    return _convert_row(row) if row else None


def page_active_acceptances(*, district: District, today: date, after: str = "") -> Page[AcceptanceRecord]:
    """Return the next page of acceptances in effect today, those that expire first on top.

    `after` is the key of a page.
    """
    rows = Acceptance.objects.of(district).filter(withdrawn_at=None, expires_on__gte=today)
    return get_page_by_expiry(rows, _convert_row, after=after)


def page_expired_acceptances(
    *, district: District, since: date, today: date, after: str = ""
) -> Page[AcceptanceRecord]:
    """Return the next page of acceptances that expired since a day and were not withdrawn, newest first."""
    rows = Acceptance.objects.of(district).filter(withdrawn_at=None, expires_on__gte=since, expires_on__lt=today)
    return get_page_by_expiry(rows, _convert_row, after=after, newest_first=True)


def _convert_row(row: Acceptance) -> AcceptanceRecord:
    return AcceptanceRecord(
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
