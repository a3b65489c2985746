"""Charts of a study as plain numbers for SVG templates; each accompanies a table with the same values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from homeroom.apps.manage.effects.study_course import CourseWeek

WIDTH, HEIGHT = 600, 180
_MARGIN = 12


@dataclass(frozen=True, kw_only=True)
class CourseChart:
    """The means of the weeks as SVG lines; a line ends where a week has no school. `low`, `high` are at the edges."""

    started: tuple[str, ...]
    waiting: tuple[str, ...]
    low: float
    high: float
    width: int = WIDTH
    height: int = HEIGHT


def build_course_chart(course: Sequence[CourseWeek]) -> CourseChart | None:
    """Build the chart of a course, None where there are fewer than two weeks."""
    values = [value for week in course for value in (week.started, week.waiting) if value is not None]
    if len(course) < 2 or not values:
        return None
    low, high = min(values), max(values)
    return CourseChart(
        started=tuple(_iter_lines([week.started for week in course], low, high)),
        waiting=tuple(_iter_lines([week.waiting for week in course], low, high)),
        low=low,
        high=high,
    )


def _iter_lines(values: Sequence[float | None], low: float, high: float) -> Iterator[str]:
    """Yield the points of each run of values without a gap; one value alone is a short level line."""
    step, span = (WIDTH - 2 * _MARGIN) / (len(values) - 1), (high - low) or 1.0
    points: list[str] = []
    for number, value in enumerate([*values, None]):
        if value is not None:
            x, y = _MARGIN + number * step, HEIGHT - _MARGIN - (HEIGHT - 2 * _MARGIN) * (value - low) / span
            points.append(f"{x:.1f},{y:.1f}")
        elif points:
            yield " ".join(points if len(points) > 1 else [points[0], _shift(points[0])])
            points = []


def _shift(point: str) -> str:
    x, _, y = point.partition(",")
    return f"{float(x) + 4:.1f},{y}"
