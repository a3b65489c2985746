"""Reports as they stand: which there are, and one of them over the published judgement."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from homeroom.apps.posture.queries import judgement
from homeroom.apps.reports.asking import Asked, NothingJudged
from homeroom.apps.reports.report import Kind, Report
from homeroom.apps.reports.shelf import kinds


def report_kinds() -> Mapping[str, Kind]:
    """Every kind of report by name."""
    return kinds()


def report(*, district: Any, name: str, today: date) -> Report:
    """The report of that name on that day.

    Raises KeyError for a name that is none, NothingJudged before the first judgement, and TooSlow where evidence does
    not answer in time.
    """
    kind = kinds()[name]
    of = judgement(district=district)
    if of is None:
        raise NothingJudged("nothing was judged yet; load exports and run homeroom assess")
    return kind.make(Asked(district=district, of=of, today=today))
