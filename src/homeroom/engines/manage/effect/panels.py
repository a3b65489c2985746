"""A study as arrays: schools × weeks, without what cannot be compared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homeroom.domain.manage.estimates.studies import Study

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]
MIN_BESIDE = 2
"""Schools that have not started, of which there must be as many in a week for the week to count."""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """Values of schools (rows) by week (columns), NaN where missing.

    `starts` are the columns of the first started week: the number of columns where a school never started.
    """

    values: Floats
    starts: Numbers

    @property
    def started(self) -> Flags:
        """Which school-weeks are started."""
        return np.arange(self.values.shape[1])[None, :] >= self.starts[:, None]

    @property
    def observed(self) -> Flags:
        """Which school-weeks have a value."""
        return ~np.isnan(self.values)

    @property
    def weeks_since(self) -> Numbers:
        """Weeks of the panel since the start, 0 in the first started week; below zero before."""
        since: Numbers = np.arange(self.values.shape[1])[None, :] - self.starts[:, None]
        return since


def build_panel(study: Study) -> Panel:
    """Return the values of a study, schools and weeks in order, each school's less its median.

    What is estimated does not depend on the level of a school; without it, rounding hides no difference between weeks.
    """
    weeks = sorted({row.week for row in study.weeks})
    schools = sorted(study.starts)
    column = {week: number for number, week in enumerate(weeks)}
    row = {school: number for number, school in enumerate(schools)}
    values = np.full((len(schools), len(weeks)), np.nan)
    for item in study.weeks:
        if item.value is not None:
            values[row[item.school], column[item.week]] = item.value
    for number in np.flatnonzero((~np.isnan(values)).any(axis=1)):
        values[number] -= np.nanmedian(values[number])
    starts = [sum(week < start for week in weeks) if (start := study.starts[name]) else len(weeks) for name in schools]
    return Panel(values=values, starts=np.array(starts, dtype=np.int64))


def select_comparable(panel: Panel) -> Panel:
    """Return the schools with a value before their start, and the weeks in which two of them had not started.

    Leaving out a week changes what is left neither of schools nor of weeks.
    """
    has_base = (panel.observed & ~panel.started).any(axis=1)
    panel = replace(panel, values=panel.values[has_base], starts=panel.starts[has_base])
    compared = (panel.observed & ~panel.started).sum(axis=0) >= MIN_BESIDE
    starts = np.append(np.cumsum(compared) - compared, compared.sum())[panel.starts]
    panel = Panel(values=panel.values[:, compared], starts=starts.astype(np.int64))
    still: Any = (panel.observed & ~panel.started).any(axis=1)
    return panel if still.all() else select_comparable(replace(panel, values=panel.values[still], starts=starts[still]))
