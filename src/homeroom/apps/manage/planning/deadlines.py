"""Deadlines of a week from vulnerabilities: remedies that are overdue or due before it ends.

Due dates follow severity and CISA's catalog. They are shown beside the plan and use none of its hours: work on
vulnerabilities is planned once, under the controls that require it.
"""

from __future__ import annotations

from datetime import date, timedelta

from homeroom.apps.protect.vulnerabilities.published.queries import RemedySummary
from homeroom.apps.protect.vulnerabilities.published.summary import get_current_summary
from homeroom.domain.platform.district import District
from homeroom.evidence.query.executor import QueryTimeout

WEEK_LENGTH = timedelta(days=6)


def list_vulnerability_deadlines(*, district: District, monday: date) -> tuple[RemedySummary, ...] | None:
    """Return the remedies due by the Sunday of that week and not excepted, earliest day first.

    Return None if the query times out.
    """
    try:
        summary = get_current_summary(district=district)
    except QueryTimeout:
        return None
    if summary is None or summary.review is None:
        return ()
    due_remedies = [
        (remedy.due_on, remedy)
        for remedy in summary.remedies
        if remedy.devices and remedy.due_on and remedy.due_on <= monday + WEEK_LENGTH
    ]
    return tuple(
        remedy for _, remedy in sorted(due_remedies, key=lambda pair: (pair[0], -pair[1].points, pair[1].product_key))
    )
