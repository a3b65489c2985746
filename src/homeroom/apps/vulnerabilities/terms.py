"""By when flaws are to be closed here: the shipped days by severity, or the district's own; each change is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from homeroom.apps.audit.commands import record
from homeroom.apps.vulnerabilities.models import Deadlines
from homeroom.domain.states import Severity
from homeroom.library.weights import weights

MOST_DAYS = 730
SEVERITIES = tuple(str(one) for one in Severity)


class NotTerms(ValueError):
    """The days do not hold together; the text says what would."""


def days_of(*, district: Any) -> dict[str, int]:
    """By severity, the days within which a flaw should be closed; what is known to be exploited has its catalogue's day."""
    row = Deadlines.objects.of(district).first()
    return {name: int(getattr(row, name)) if row else weights().days[name] for name in SEVERITIES}


def own_days(*, district: Any) -> bool:
    """Whether the district said days of its own."""
    return Deadlines.objects.of(district).exists()


@transaction.atomic
def set_days(*, district: Any, at: datetime, actor: str, days: Mapping[str, int] | None) -> None:
    """Keeps the district's own days, one for each severity; None goes back to the shipped ones. Raises NotTerms."""
    if days is None:
        Deadlines.objects.of(district).delete()
    else:
        _fit(days)
        Deadlines.objects.of(district).delete()
        Deadlines.objects.create(
            district=district, critical=days["critical"], high=days["high"], medium=days["medium"], low=days["low"]
        )
    record(
        district=district, at=at, actor=actor, action="set deadlines", subject_kind="vulnerability", detail=days_of(district=district)
    )  # fmt: skip


def _fit(days: Mapping[str, int]) -> None:
    if set(days) != set(SEVERITIES):
        raise NotTerms(f"{', '.join(sorted(days))}; days for each of {', '.join(SEVERITIES)} would fit")
    for name, many in days.items():
        if not 1 <= many <= MOST_DAYS:
            raise NotTerms(f"{many} days for {name}; 1 to {MOST_DAYS} would fit")
    order = [days[name] for name in SEVERITIES]
    if order != sorted(order):
        raise NotTerms("what is less severe cannot be due earlier; days that grow from critical to low would fit")
