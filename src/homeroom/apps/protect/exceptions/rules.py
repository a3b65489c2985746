"""Rules that every risk exception follows, whatever it covers."""

from __future__ import annotations

from datetime import date, timedelta

from homeroom.apps.platform.districts.queries import list_members
from homeroom.apps.protect.exceptions.scopes import ExceptionScope
from homeroom.domain.platform.district import District
from homeroom.domain.protect.suppressions import Justification

MAX_DURATION = timedelta(days=366)
"""Longest time from today to the expiry date: a year, counted over a leap day."""
MIN_REASON_LENGTH = 10
WITHHELD = "withheld"
"""What the audit trail and exports have instead of a private reason; the exception itself has the text."""


class InvalidRiskException(ValueError):
    """The exception is not valid; the message states what would be."""


def check_exception(
    *,
    district: District,
    today: date,
    scope: ExceptionScope,
    justification: str,
    reason: str,
    owner: str,
    expires_on: date,
) -> None:
    """Check the rules of an exception.

    Raise InvalidRiskException if its scope or justification is not valid, without a reason in words, an owner who is an
    active member of the district, or an expiry date from tomorrow to a year from now.
    """
    error = scope.find_error()
    if error:
        raise InvalidRiskException(error)
    if justification not in set(Justification):
        raise InvalidRiskException(f"{justification!r}; {', '.join(Justification)} would fit")
    if len(reason.strip()) < MIN_REASON_LENGTH:
        raise InvalidRiskException(f"the {scope.noun} needs a reason in a sentence")
    if owner not in {name for name, _, _ in list_members(district=district)}:
        raise InvalidRiskException(f"{owner!r} is nobody of this district; who answers for it has to be somebody of it")
    if not today < expires_on <= today + MAX_DURATION:
        raise InvalidRiskException(f"{expires_on}; a day from tomorrow to {today + MAX_DURATION} would fit")
