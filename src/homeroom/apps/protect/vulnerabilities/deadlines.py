"""Deadlines for fixing vulnerabilities: built-in days by severity, or the district's own; changes are audited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.protect.vulnerabilities.models import Deadlines
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import Severity
from homeroom.library.protect.vulnerability_scoring import load_vulnerability_weights

MAX_DAYS = 730
SEVERITIES = tuple(str(severity) for severity in Severity)


class InvalidDeadlines(ValueError):
    """The days are not valid; the message states what would be."""


def get_deadline_days(*, district: District) -> dict[str, int]:
    """Return the days by severity within which a vulnerability should be fixed.

    Vulnerabilities known to be exploited have their catalog's day instead.
    """
    row = Deadlines.objects.of(district).first()
    return {name: int(getattr(row, name)) if row else load_vulnerability_weights().days[name] for name in SEVERITIES}


def has_own_deadlines(*, district: District) -> bool:
    """Check whether the district set days of its own."""
    return Deadlines.objects.of(district).exists()


@transaction.atomic
def set_deadlines(*, district: District, at: datetime, actor: str, days: Mapping[str, int] | None) -> None:
    """Store the district's own days, one for each severity; None goes back to the built-in ones.

    Raise InvalidDeadlines.
    """
    if days is None:
        Deadlines.objects.of(district).delete()
    else:
        _check_days(days)
        Deadlines.objects.of(district).delete()
        Deadlines.objects.create(
            district_id=district.pk,
            critical=days["critical"],
            high=days["high"],
            medium=days["medium"],
            low=days["low"],
        )
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action="set deadlines",
        subject_kind="vulnerability",
        detail=get_deadline_days(district=district),
    )


def _check_days(days: Mapping[str, int]) -> None:
    if set(days) != set(SEVERITIES):
        raise InvalidDeadlines(f"{', '.join(sorted(days))}; days for each of {', '.join(SEVERITIES)} would fit")
    for name, count in days.items():
        if not 1 <= count <= MAX_DAYS:
            raise InvalidDeadlines(f"{count} days for {name}; 1 to {MAX_DAYS} would fit")
    order = [days[name] for name in SEVERITIES]
    if order != sorted(order):
        raise InvalidDeadlines(
            "what is less severe cannot be due earlier; days that grow from critical to low would fit"
        )
