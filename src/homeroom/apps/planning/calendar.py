"""The school days and bells around a week, as evidence holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from homeroom.apps.districts.stores import store_of
from homeroom.engines.plan.quiet import SchoolDay, clock
from homeroom.evidence.asking import TooSlow, asker

AHEAD = timedelta(days=120)
_DAYS = """
    SELECT date, kind, coalesce(title, ''), first_bell, last_bell
    FROM district_bells WHERE date BETWEEN ? AND ? ORDER BY date"""
_WEEK = "SELECT weekday, first_bell, last_bell FROM district_week"
_REACH = "SELECT min(date), max(date) FROM district_days"
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The days that are known around a week. `assumed` is true where no calendar reaches it and its school days are
    those weekdays on which schools usually have school: fit for leaving class undisturbed and for nothing else.

    `reaches` are the first and the last day that any calendar lists, `usual` the bells of the schools' usual weeks by weekday.
    """

    days: Mapping[date, SchoolDay] = field(default_factory=dict)
    assumed: bool = False
    reaches: tuple[date, date] | None = None
    usual: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)

    def may_have_class(self, day: date) -> SchoolDay | None:
        """That day, as far as class has to be left undisturbed: listed, else no school where the calendar reaches it, else by
        the usual weeks. None where nothing is known of it."""
        if day in self.days:
            return self.days[day]
        if self.reaches and self.reaches[0] <= day <= self.reaches[1]:
            return SchoolDay(day=day, kind="closed")
        return _usual_day(day, self.usual) if self.usual else None


def school_days(*, district: Any, week: date) -> Calendar:
    """The listed days from that Monday to four months later; the earliest first and the latest last bell of all schools.

    Where none is listed, that week's days by the schools' usual weeks. Empty without either, and where evidence does not
    answer in time.
    """
    store = store_of(district=district)
    if not store.standing():
        return Calendar()
    pinned_to = f"{store.folder}/sources/{store.sources_id()}"
    try:
        rows = asker().rows(pinned_to=pinned_to, pinned=store.pinned, sql=_DAYS, parameters=[week, week + AHEAD])
        usual = asker().rows(pinned_to=pinned_to, pinned=store.pinned, sql=_WEEK)
        ((first_day, last_day),) = asker().rows(pinned_to=pinned_to, pinned=store.pinned, sql=_REACH)
    except TooSlow:
        return Calendar()
    weekly = {weekday: (first, last) for weekday, first, last in usual}
    listed = [
        SchoolDay(day=day, kind=kind, title=title, first_bell=clock(first), last_bell=clock(last))
        for day, kind, title, first, last in rows
    ]
    around = [_usual_day(week + timedelta(days=_WEEKDAYS.index(weekday)), weekly) for weekday in weekly]
    return Calendar(
        days={one.day: one for one in listed or around},
        assumed=bool(around and not listed),
        reaches=(first_day, last_day) if first_day else None,
        usual=weekly,
    )


def _usual_day(day: date, weekly: Mapping[str, tuple[str | None, str | None]]) -> SchoolDay:
    """The day by the usual weeks."""
    if (bells := weekly.get(_WEEKDAYS[day.weekday()])) is None:
        return SchoolDay(day=day, kind="closed")
    return SchoolDay(day=day, kind="school", first_bell=clock(bells[0]), last_bell=clock(bells[1]))
