"""The week's hours by person: what is planned and done of those that each has."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from homeroom.apps.manage.planning.weeks import WeekPlan
from homeroom.web.shared.charts import BarSegment


@dataclass(frozen=True, kw_only=True)
class PersonWeek:
    """One person's week in minutes: planned, done, and all that the person has; and its bar."""

    name: str
    planned: int
    spent: int
    hours: int
    bar: tuple[BarSegment, ...]


def list_person_weeks(week: WeekPlan) -> tuple[PersonWeek, ...]:
    """Return the week of everybody who has hours or planned minutes; all bars have the same scale.

    Empty before anyone entered hours: then the plan assumes some and gives its items to nobody.
    """
    if week.assumed:
        return ()
    planned, spent = Counter[str](), Counter[str]()
    for entry in week.items:
        for person, minutes in entry.item.shares:
            planned[person] += minutes
    for proof in week.proofs:
        status = proof.status
        if status.week == week.monday:
            spent[status.person] += status.estimated if status.actual is None else status.actual
    weeks = [
        (entry.name, planned[entry.person], spent[entry.person], round(60 * entry.hours))
        for entry in week.team
        if entry.hours or planned[entry.person]
    ]
    longest = max((max(hours, to_do + done) for _, to_do, done, hours in weeks), default=0)
    return tuple(
        PersonWeek(
            name=name,
            planned=to_do,
            spent=done,
            hours=hours,
            bar=_build_bar({"spent": done, "planned": to_do, "free": max(0, hours - to_do - done)}, longest),
        )
        for name, to_do, done, hours in weeks
    )


def _build_bar(parts: dict[str, int], longest: int) -> tuple[BarSegment, ...]:
    segments, x = [], 0.0
    for name, minutes in parts.items():
        width = 100 * minutes / longest if longest else 0.0
        if minutes:
            segments.append(BarSegment(state=name, x=round(x, 2), width=round(width, 2)))
        x += width
    return tuple(segments)
