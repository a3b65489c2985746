"""The times of a week that do not disturb class: before first bell, after last bell, and days without school."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from homeroom.domain.work import AFTER, BEFORE, NO_SCHOOL, PlanningRules, Window

WORKED = ("break", "summer", "staff")
"""Kinds of day without class on which the technology team may work; on a closed day the buildings are shut."""
HELD_ANYWAY = "staff"
"""The kind of day that is worked although it is a public holiday: the calendar gave it to staff."""


@dataclass(frozen=True, kw_only=True)
class SchoolDay:
    """One day as the calendar has it; bells are minutes after midnight, None where it names none."""

    day: date
    kind: str
    title: str = ""
    first_bell: int | None = None
    last_bell: int | None = None


def windows(days: Iterable[SchoolDay], *, week: date, today: date, rules: PlanningRules) -> tuple[Window, ...]:
    """The quiet times of Monday to Friday of that week, from `today` on, within the team's working day.

    A weekday that the calendar does not list is no school day. Nobody works on a public holiday within a break. Without bells
    the rules' minutes count.
    """
    told = {day.day: day for day in days}
    found: list[Window] = []
    for day in (week + timedelta(days=n) for n in range(5)):
        if day >= today:
            found += _of_day(told.get(day, SchoolDay(day=day, kind="break")), rules)
    return tuple(window for window in found if window.minutes > 0)


def next_day_without_class(days: Mapping[date, SchoolDay], *, after: date, rules: PlanningRules) -> SchoolDay | None:
    """The first listed weekday after that day on which the team may work and no class is held."""
    fit = (one for one in days.values() if one.day > after and _worked(one, rules) and one.day.weekday() < 5)
    return min(fit, key=lambda one: one.day, default=None)


def _of_day(day: SchoolDay, rules: PlanningRules) -> list[Window]:
    starts, ends = rules.day_starts, rules.day_ends
    if _worked(day, rules):
        return [Window(day=day.day, starts=starts, ends=ends, kind=NO_SCHOOL, title=day.title)]
    if day.kind != "school":
        return []
    bell = starts + rules.quiet_before if day.first_bell is None else day.first_bell
    last = ends - rules.quiet_after if day.last_bell is None else day.last_bell
    return [
        Window(day=day.day, starts=starts, ends=bell, kind=BEFORE),
        Window(day=day.day, starts=last, ends=ends, kind=AFTER),
    ]


def _worked(day: SchoolDay, rules: PlanningRules) -> bool:
    return day.kind in WORKED and (day.kind == HELD_ANYWAY or not rules.is_holiday(day.day))


def clock(text: str | None) -> int | None:
    """Minutes after midnight of HH:MM; None for none, and for what is no time."""
    hours, colon, minutes = (text or "").partition(":")
    if not (colon and hours.isdecimal() and minutes[:2].isdecimal()):
        return None
    return int(hours) * 60 + int(minutes[:2])
