"""The deadlines of a week that flaws set: updates that are overdue, or due before it ends, by severity and CISA's catalogue.

They stand beside the plan and take no hours of it: work on flaws is planned under the controls that ask for it, once.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from homeroom.apps.vulnerabilities.queries import Remedy
from homeroom.apps.vulnerabilities.standing import standing
from homeroom.evidence.asking import TooSlow

WEEK = timedelta(days=6)


def flaw_deadlines(*, district: Any, monday: date) -> tuple[Remedy, ...] | None:
    """What is due by the Sunday of that week and not excepted, the earliest day first; None where evidence took too long."""
    try:
        stands = standing(district=district)
    except TooSlow:
        return None
    if stands is None or stands.review is None:
        return ()
    due = [(one.due_on, one) for one in stands.remedies if one.devices and one.due_on and one.due_on <= monday + WEEK]
    return tuple(one for _, one in sorted(due, key=lambda pair: (pair[0], -pair[1].points, pair[1].thing)))
