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
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The days that are known around a week. `assumed` is true where no calendar reaches it and its school days are
    those weekdays on which schools usually have school: fit for leaving class undisturbed and for nothing else."""

    days: Mapping[date, SchoolDay] = field(default_factory=dict)
    assumed: bool = False


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
        usual = [] if rows else asker().rows(pinned_to=pinned_to, pinned=store.pinned, sql=_WEEK)
    except TooSlow:
        return Calendar()
    told = [*rows, *((week + timedelta(days=_WEEKDAYS.index(day)), "school", "", *bells) for day, *bells in usual)]
    days = {
        day: SchoolDay(day=day, kind=kind, title=title, first_bell=clock(first), last_bell=clock(last))
        for day, kind, title, first, last in told
    }
    return Calendar(days=days, assumed=bool(usual))
