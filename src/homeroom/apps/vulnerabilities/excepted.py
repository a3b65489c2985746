"""What is let stand: the flaws that somebody suppressed on some devices, with the justification, the owner and the day."""

from __future__ import annotations

from datetime import date
from typing import Any

from homeroom.apps.districts.ending import Some, by_day
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


def suppressed_now(*, district: Any, today: date, after: str = "") -> Some[Suppression]:
    """The next of what is let stand today: those that end first on top. `after` is the key of a page."""
    rows = Row.objects.of(district).filter(withdrawn_at=None, expires_on__gte=today)
    return by_day(rows, _told, after=after)


def suppressed_before(*, district: Any, since: date, today: date, after: str = "") -> Some[Suppression]:
    """The next of what expired from that day on and was not withdrawn: those that ended last on top."""
    rows = Row.objects.of(district).filter(withdrawn_at=None, expires_on__gte=since, expires_on__lt=today)
    return by_day(rows, _told, after=after, last_first=True)


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
