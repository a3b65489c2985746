"""The morning: what needs the team first, how fresh what we know is, and which days of this week are school days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from homeroom.apps.districts.stores import store_of
from homeroom.apps.planning.hours import has_hours
from homeroom.apps.planning.weeks import Week, week_of
from homeroom.apps.posture.queries import (
    Judgement,
    OpenFinding,
    Result,
    Since,
    judgement,
    open_findings,
    results,
    since,
)
from homeroom.domain.risk import risk
from homeroom.engines.plan.plan import Why
from homeroom.evidence.asking import TooSlow, asker
from homeroom.evidence.manifests import Load
from homeroom.evidence.store import Store
from homeroom.library.risk import risk_table

AT_MOST = 5
OLD_DAYS = 7
_WEEK = "SELECT date, kind, title FROM district_days WHERE date BETWEEN ? AND ? ORDER BY date"
_ANY_DAY = "SELECT count(*) FROM district_days"


@dataclass(frozen=True, kw_only=True)
class SourceAge:
    """One source instance: its oldest stream that stands, and how many days old that is in the district's zone."""

    connector: str
    instance: str
    loaded_at: datetime
    days: int

    @property
    def old(self) -> bool:
        """Whether it is over a week old."""
        return self.days > OLD_DAYS


@dataclass(frozen=True, kw_only=True)
class Day:
    """One day of the week; `title` says why there is no school where the calendar says so."""

    date: date
    school: bool
    title: str


@dataclass(frozen=True, kw_only=True)
class Morning:
    """What the first page of the day says; `results` are the controls' numbers by id. `week` is empty where the district loaded no calendar.

    `minutes` are those that this week's plan gives to a control which is one finding, by its id.
    """

    judgement: Judgement | None
    first: tuple[OpenFinding, ...]
    later: tuple[OpenFinding, ...]
    results: Mapping[str, Result]
    since: Since | None
    sources: tuple[SourceAge, ...]
    week: tuple[Day, ...]
    minutes: Mapping[str, int] = field(default_factory=dict)


def morning(*, district: Any, today: date) -> Morning:
    """The five findings that come first of those that nobody accepted, the others after them, and what they rest on.

    Where the team said its hours, the week's plan comes first, in the plan's order; the order is by risk in both.
    """
    store = store_of(district=district)
    standing = store.standing()
    published = judgement(district=district)
    found = open_findings(district=district, of=published) if published else ()
    ranked = ranked_findings(found)
    minutes: Mapping[str, int] = {}
    if published and has_hours(district=district):
        plan = week_of(district=district, today=today, of=published, findings=found)
        ranked = in_plan(ranked, plan)
        minutes = {one.open.control.id: one.item.minutes for one in plan.items if len(one.open.findings) == 1}
    return Morning(
        judgement=published,
        first=ranked[:AT_MOST],
        later=ranked[AT_MOST:],
        results={one.control.id: one for one in results(district=district, of=published)} if published else {},
        since=since(district=district, of=published) if published else None,
        sources=source_ages(standing, today=today, zone=ZoneInfo(district.timezone)),
        week=_week(store, today=today) if standing else (),
        minutes=minutes,
    )


def ranked_findings(findings: Iterable[OpenFinding]) -> tuple[OpenFinding, ...]:
    """Findings that are not accepted as a whole, by risk, most first."""
    waiting = [one for one in findings if one.accepted_until is None and one.members]
    return tuple(sorted(waiting, key=lambda one: (-weight(one), one.control.id, one.group)))


def in_plan(ranked: Iterable[OpenFinding], week: Week) -> tuple[OpenFinding, ...]:
    """Ranked findings: the week's plan in its order, what found no room, and last what was deferred or called done."""
    place = {one.item.job.id: number for number, one in enumerate(week.items)}
    waits = len(place)
    place |= {one.left.job.id: waits for one in week.left_out if one.left.why != Why.DEFERRED}
    return tuple(sorted(ranked, key=lambda one: place.get(one.control.id, waits + 1)))


def weight(finding: OpenFinding) -> float:
    """How much a finding weighs by the table of content/risk.yaml: the hundredth member adds less than the second."""
    control = finding.control
    return risk(risk_table(), severity=control.severity, area=control.area, subjects=finding.members)


def source_ages(standing: Iterable[Load], *, today: date, zone: ZoneInfo) -> tuple[SourceAge, ...]:
    """Each source instance by name, with the age of the oldest of its streams."""
    newest: dict[tuple[str, str, str], datetime] = {}
    for load in standing:
        stream = (load.connector, load.instance, load.stream)
        newest[stream] = max(load.loaded_at, newest.get(stream, load.loaded_at))
    oldest: dict[tuple[str, str], datetime] = {}
    for (connector, instance, _), at in newest.items():
        oldest[connector, instance] = min(at, oldest.get((connector, instance), at))
    return tuple(
        SourceAge(
            connector=connector, instance=instance, loaded_at=at, days=max(0, (today - at.astimezone(zone).date()).days)
        )
        for (connector, instance), at in sorted(oldest.items(), key=lambda pair: pair[0][1])
    )


def _week(store: Store, *, today: date) -> tuple[Day, ...]:
    """Monday to Friday of this week, and the weekend where it has school; empty without a calendar, or without an answer."""
    monday = today - timedelta(days=today.weekday())
    pinned_to = f"{store.folder}/sources/{store.sources_id()}"
    try:
        if asker().rows(pinned_to=pinned_to, pinned=store.pinned, sql=_ANY_DAY) == [(0,)]:
            return ()
        span = [monday, monday + timedelta(days=6)]
        rows = asker().rows(pinned_to=pinned_to, pinned=store.pinned, sql=_WEEK, parameters=span)
    except TooSlow:
        return ()
    told = {day: (kind, title or "") for day, kind, title in rows}
    days = [monday + timedelta(days=n) for n in range(7)]
    week = [Day(date=day, school=told.get(day, ("",))[0] == "school", title=told.get(day, ("", ""))[1]) for day in days]
    return tuple(day for day in week if day.date.weekday() < 5 or day.school)
