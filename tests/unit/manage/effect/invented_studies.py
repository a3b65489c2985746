"""Studies for tests: values by school and week as arrays, and as files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from homeroom.domain.manage.estimates.studies import Study, WeekValue

MONDAY = date(2026, 8, 3)
HEADER = "study,school,week,started,value,per\n"


def build_study(values: np.ndarray, starts: Sequence[int | None], *, name: str = "tickets") -> Study:
    """Build a study of schools × weeks; NaN is missing, a start is the number of a week."""
    weeks = tuple(
        WeekValue(
            school=f"school {row:02}",
            week=MONDAY + timedelta(weeks=column),
            value=None if np.isnan(values[row, column]) else float(values[row, column]),
        )
        for row in range(values.shape[0])
        for column in range(values.shape[1])
    )
    days = (None if start is None else MONDAY + timedelta(weeks=start) for start in starts)
    return Study(name=name, weeks=weeks, starts={f"school {row:02}": day for row, day in enumerate(days)})


def invent_values(
    schools: int, weeks: int, starts: Sequence[int | None], *, effect: float = 0.0, noise: float = 1.0, seed: int = 1
) -> np.ndarray:
    """Invent values: a level of each school, a course that all share, noise, and an effect from the start on."""
    rng = np.random.default_rng(seed)
    values = rng.normal(0, 3, (schools, 1)) + rng.normal(0, 1, (1, weeks)).cumsum(1)
    values = values + rng.normal(0, noise, (schools, weeks))
    for row, start in enumerate(starts):
        if start is not None:
            values[row, start:] += effect
    return values


def write_panel(path: Path, rows: str, *, header: str = HEADER) -> Path:
    """Write a file of rows under the header."""
    path.write_text(header + rows, encoding="utf-8")
    return path
