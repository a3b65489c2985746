"""The course of a study: the mean of each week, of schools that had started and of those that had not."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from statistics import fmean

from homeroom.domain.manage.estimates.studies import Study


@dataclass(frozen=True, kw_only=True)
class CourseWeek:
    """A week of a study: the means and how many schools each is over; None where there are too few."""

    week: date
    started: float | None
    started_schools: int
    waiting: float | None
    waiting_schools: int


def build_course(study: Study, *, least_schools: int = 1) -> tuple[CourseWeek, ...]:
    """Build the course of a study, the oldest week first; missing values are left out.

    A mean over fewer than `least_schools` schools is None.
    """
    started: dict[date, list[float]] = defaultdict(list)
    waiting: dict[date, list[float]] = defaultdict(list)
    for item in study.weeks:
        start = study.starts.get(item.school)
        if item.value is not None:
            (started if start is not None and item.week >= start else waiting)[item.week].append(item.value)

    def compute_mean(values: list[float]) -> float | None:
        return fmean(values) if values and len(values) >= least_schools else None

    return tuple(
        CourseWeek(
            week=week,
            started=compute_mean(started[week]),
            started_schools=len(started[week]),
            waiting=compute_mean(waiting[week]),
            waiting_schools=len(waiting[week]),
        )
        for week in sorted({*started, *waiting})
    )
