"""Queries for suppressions of vulnerabilities on devices, with the justification, the owner and the day."""

from __future__ import annotations

from datetime import date

from homeroom.apps.districts.expiring_pages import Page, get_page_by_expiry
from homeroom.apps.vulnerabilities.models import Suppression as Row
from homeroom.domain.district import District
from homeroom.domain.suppressions import Justification, Scope, Suppression


def list_active_suppressions(*, district: District, today: date) -> tuple[Suppression, ...]:
    """Return the suppressions in effect today: neither withdrawn nor expired."""
    rows = Row.objects.of(district).filter(withdrawn_at=None, expires_on__gte=today).order_by("pk")
    return tuple(map(_convert_row, rows))


def get_suppression(*, district: District, number: int) -> Suppression | None:
    """Return one suppression that was not withdrawn, by its number; None if there is none."""
    row = Row.objects.of(district).filter(pk=number, withdrawn_at=None).first()
    return _convert_row(row) if row else None


def page_active_suppressions(*, district: District, today: date, after: str = "") -> Page[Suppression]:
    """Return the next page of suppressions in effect today, those that expire first on top.

    `after` is the key of a page.
    """
    rows = Row.objects.of(district).filter(withdrawn_at=None, expires_on__gte=today)
    return get_page_by_expiry(rows, _convert_row, after=after)


def page_expired_suppressions(*, district: District, since: date, today: date, after: str = "") -> Page[Suppression]:
    """Return the next page of suppressions that expired since a day and were not withdrawn, newest first."""
    rows = Row.objects.of(district).filter(withdrawn_at=None, expires_on__gte=since, expires_on__lt=today)
    return get_page_by_expiry(rows, _convert_row, after=after, newest_first=True)


def _convert_row(row: Row) -> Suppression:
    return Suppression(
        id=row.pk,
        justification=Justification(row.justification),
        thing=row.thing,
        cve=row.cve,
        scope=Scope(row.scope),
        value=row.value,
        device=row.device,
        reason=row.reason,
        owner=row.owner,
        expires_on=row.expires_on,
        made_by=row.made_by,
        made_at=row.made_at,
        private=row.private,
    )
