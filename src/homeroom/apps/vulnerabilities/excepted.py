"""What is let stand: the flaws that somebody suppressed on some devices, with the justification, the owner and the day."""

from __future__ import annotations

from datetime import date
from typing import Any

from homeroom.apps.vulnerabilities.models import Suppression as Row
from homeroom.domain.excepting import Justification, Scope, Suppression


def suppressions(*, district: Any, today: date) -> tuple[Suppression, ...]:
    """What is let stand today: neither withdrawn nor expired."""
    rows = Row.objects.of(district).filter(withdrawn_at=None, expires_on__gte=today).order_by("pk")
    return tuple(map(_told, rows))


def suppression(*, district: Any, number: int) -> Suppression | None:
    """One that was not withdrawn, by its number."""
    row = Row.objects.of(district).filter(pk=number, withdrawn_at=None).first()
    return _told(row) if row else None


def every_suppression(*, district: Any, since: date) -> tuple[Suppression, ...]:
    """What is let stand, and what expired since that day and was not withdrawn: those that end first before the others."""
    rows = Row.objects.of(district).filter(withdrawn_at=None, expires_on__gte=since)
    return tuple(map(_told, rows.order_by("expires_on", "pk")))


def _told(row: Row) -> Suppression:
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
