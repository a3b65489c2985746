"""The counts of a control week by week and school by school."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from homeroom.apps.protect.posture.catalog.confinement import is_confined, list_confined_controls
from homeroom.apps.protect.posture.models import ControlWeek
from homeroom.domain.platform.district import District


@dataclass(frozen=True, kw_only=True)
class SchoolCounts:
    """Counts of a control in the last assessment of a week, by school: those that pass and those that fail."""

    week: date
    schools: Mapping[str, tuple[int, int]]


def list_control_weeks(*, district: District, control: str) -> tuple[SchoolCounts, ...]:
    """Return the weeks of a control that are stored, oldest first.

    Empty before an assessment counted it by school, and if the control is confined.
    """
    if is_confined(control):
        return ()
    rows = ControlWeek.objects.of(district).filter(control=control).order_by("week")
    return tuple(
        SchoolCounts(week=week, schools={name: (good, bad) for name, (good, bad) in schools.items()})
        for week, schools in rows.values_list("week", "schools")
    )


def list_weekly_controls(*, district: District) -> tuple[str, ...]:
    """Return the ids of the controls with stored weeks that are not confined, in alphabetical order."""
    rows = ControlWeek.objects.of(district).exclude(control__in=list_confined_controls())
    return tuple(rows.order_by("control").values_list("control", flat=True).distinct())
