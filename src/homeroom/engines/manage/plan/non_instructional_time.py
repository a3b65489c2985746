"""Non-instructional time of a week: before first bell, after last bell, breaks of all schools, days without school."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from homeroom.domain.manage.planning import (
    AFTER_SCHOOL,
    BEFORE_SCHOOL,
    BETWEEN_CLASSES,
    NO_SCHOOL,
    MaintenanceWindow,
    PlanningRules,
)
from homeroom.domain.schooldays import SCHOOL, SchoolDay

WORKDAY_KINDS = ("break", "summer", "staff")
"""Kinds of day without class on which the technology team may work; on a closed day the buildings are shut."""
HOLIDAY_WORK_KIND = "staff"
"""The kind of day that is worked even on a public holiday: the calendar gave it to staff."""


def find_quiet_windows(
    days: Iterable[SchoolDay], *, week: date, today: date, rules: PlanningRules
) -> tuple[MaintenanceWindow, ...]:
    """Return the quiet times of Monday to Friday of a week, from `today` on, within the team's working day.

    A weekday that the calendar does not list has no school. Public holidays within a break are not worked. Without
    bells the rules' minutes count. A break between classes is a quiet time where every school has it.
    """
    days_by_date = {day.day: day for day in days}
    quiet_windows: list[MaintenanceWindow] = []
    for day in (week + timedelta(days=n) for n in range(5)):
        if day >= today:
            quiet_windows += _list_day_windows(days_by_date.get(day, SchoolDay(day=day, kind="break")), rules)
    return tuple(window for window in quiet_windows if window.minutes > 0)


def find_next_day_without_class(
    days: Mapping[date, SchoolDay], *, after: date, rules: PlanningRules
) -> SchoolDay | None:
    """Return the first listed weekday after a day on which the team may work and there is no class."""
    fit = (day for day in days.values() if day.day > after and _is_workday(day, rules) and day.day.weekday() < 5)
    return min(fit, key=lambda day: day.day, default=None)


def _list_day_windows(day: SchoolDay, rules: PlanningRules) -> list[MaintenanceWindow]:
    starts, ends = rules.day_starts, rules.day_ends
    if _is_workday(day, rules):
        return [MaintenanceWindow(day=day.day, starts=starts, ends=ends, kind=NO_SCHOOL, title=day.title)]
    if day.kind != SCHOOL:
        return []
    bell = starts + rules.quiet_before if day.first_bell is None else day.first_bell
    last = ends - rules.quiet_after if day.last_bell is None else day.last_bell
    return [
        MaintenanceWindow(day=day.day, starts=starts, ends=bell, kind=BEFORE_SCHOOL),
        *(
            MaintenanceWindow(day=day.day, starts=max(begins, starts), ends=min(stops, ends), kind=BETWEEN_CLASSES)
            for begins, stops in day.list_breaks()
        ),
        MaintenanceWindow(day=day.day, starts=last, ends=ends, kind=AFTER_SCHOOL),
    ]


def _is_workday(day: SchoolDay, rules: PlanningRules) -> bool:
    return day.kind in WORKDAY_KINDS and (day.kind == HOLIDAY_WORK_KIND or not rules.is_holiday(day.day))
