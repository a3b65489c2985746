"""The course of a study: the mean of each week, of schools that had started and of those that had not."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from statistics import fmean

from homeroom.domain.estimates.studies import Study


@dataclass(frozen=True, kw_only=True)
class CourseWeek:
    """A week of a study: the means and how many schools each is over; None where there is no school."""

    week: date
    started: float | None
    started_schools: int
    waiting: float | None
    waiting_schools: int


def build_course(study: Study) -> tuple[CourseWeek, ...]:
    """Build the course of a study, the oldest week first; missing values are left out."""
    started: dict[date, list[float]] = defaultdict(list)
    waiting: dict[date, list[float]] = defaultdict(list)
    for item in study.weeks:
        start = study.starts.get(item.school)
        if item.value is not None:
            (started if start is not None and item.week >= start else waiting)[item.week].append(item.value)
    return tuple(
        CourseWeek(
            week=week,
            started=fmean(started[week]) if started[week] else None,
            started_schools=len(started[week]),
            waiting=fmean(waiting[week]) if waiting[week] else None,
            waiting_schools=len(waiting[week]),
        )
        for week in sorted({*started, *waiting})
    )
