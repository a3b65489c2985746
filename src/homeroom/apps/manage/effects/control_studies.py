"""What a start changed in a control: the share of failing subjects by school, in the weeks that are stored."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from homeroom.apps.manage.effects.started_files import read_started_file
from homeroom.apps.protect.posture.published.control_weeks import list_control_weeks, list_weekly_controls
from homeroom.domain.manage.estimates.studies import Study, StudyEffect, WeekValue
from homeroom.domain.platform.district import District
from homeroom.engines.manage.effect.effects import estimate_effect


class NoWeeks(ValueError):
    """No week of a control is stored; the message names what would fit."""


def estimate_control_effect(path: Path, *, control: str, district: District) -> StudyEffect:
    """Estimate what the starts of a file changed in the share of subjects that fail a control.

    Schools that the file does not name never started. Raise NoWeeks, and FileRefused if the file does not fit.
    """
    return estimate_effect(read_control_study(path, control=control, district=district))


def read_control_study(path: Path, *, control: str, district: District) -> Study:
    """Return the study of a control with the starts of a file. Raise NoWeeks, and FileRefused."""
    weeks = list_control_weeks(district=district, control=control)
    if not weeks:
        stored = list_weekly_controls(district=district)
        fits = f"one of {', '.join(stored[:8])}{' …' if len(stored) > 8 else ''}" if stored else "homeroom assess first"
        raise NoWeeks(f"no week of the control {control!r} is stored by school; {fits} would fit")
    schools = sorted({school for item in weeks for school in item.schools})
    days = read_started_file(path, schools=schools)
    mondays = {school: day - timedelta(days=day.weekday()) for school, day in days.items() if day is not None}
    values = (
        WeekValue(school=school, week=item.week, value=failing / (passing + failing))
        for item in weeks
        for school, (passing, failing) in item.schools.items()
    )
    starts = {school: mondays.get(school) for school in schools}
    return Study(name=control, weeks=tuple(values), starts=starts)
