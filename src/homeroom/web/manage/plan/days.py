"""The week by person and day: on which days each item can be done, and the minutes of rollout visits.

The plan has no day for an item, and none is made up here: a day is marked if the item has a time outside class on it,
or on all days with nothing to disturb, until its deadline.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from homeroom.apps.manage.planning.weeks import PlannedItem, WeekPlan

WORK_WEEK = 5


@dataclass(frozen=True, kw_only=True)
class ItemDays:
    """One line of a person: the item, the person's minutes, and for each day of the week whether it can be done."""

    problem: str
    anchor: str
    minutes: int
    days: tuple[bool, ...]


@dataclass(frozen=True, kw_only=True)
class PersonDayPlan:
    """One person's items in the order of the plan, and the minutes of their rollout visits by day."""

    name: str
    items: tuple[ItemDays, ...]
    visits: tuple[int, ...]

    @property
    def has_visits(self) -> bool:
        """True if a rollout visit takes time of the week."""
        return any(self.visits)


@dataclass(frozen=True, kw_only=True)
class WeekDays:
    """The days of the week, Monday to Friday and any other with an item, and the people with anything in it."""

    days: tuple[date, ...]
    people: tuple[PersonDayPlan, ...]


def build_week_days(week: WeekPlan, *, today: date) -> WeekDays | None:
    """Return the week by person and day; None if no item has a person, or no day of it is left."""
    weekend = {window.day for entry in week.items for window in entry.item.windows} | {
        day for _, day in week.visits.by_day
    }
    days = tuple(sorted({week.monday + timedelta(days=number) for number in range(WORK_WEEK)} | weekend))
    people = tuple(_build_person(person.person, person.name, week, days, today) for person in week.team)
    shown = tuple(person for person in people if person.items or person.has_visits)
    has_items = any(person.items for person in shown) and today <= days[-1]
    return WeekDays(days=days, people=shown) if has_items else None


def _build_person(person: str, name: str, week: WeekPlan, days: tuple[date, ...], today: date) -> PersonDayPlan:
    shares = [(entry, dict(entry.item.shares).get(person, 0)) for entry in week.items]
    return PersonDayPlan(
        name=name,
        items=tuple(
            ItemDays(
                problem=entry.problem,
                anchor=entry.open.control.id,
                minutes=minutes,
                days=tuple(can_be_done_on(entry, day, today=today) for day in days),
            )
            for entry, minutes in shares
            if minutes
        ),
        visits=tuple(week.visits.by_day.get((person, day), 0) for day in days),
    )


def can_be_done_on(entry: PlannedItem, day: date, *, today: date) -> bool:
    """Check whether an item can be done on a day from today on: before its deadline, and outside class if it must be.

    Without a calendar, work outside class can be on any weekday. What is overdue can be done on any day.
    """
    due = entry.job.due_on
    if day < today or (due is not None and today <= due < day):
        return False
    windows = {window.day for window in entry.item.windows}
    return day in windows if windows else day.weekday() < WORK_WEEK
