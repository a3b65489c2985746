"""Drills as the published snapshot has them: counts with intervals, bounds of schools, and nobody's own result.

A drill of fewer than ten people has no outcomes here: they would be of few people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import polars as pl

from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.teach.awareness.judged_drills import round_outward
from homeroom.domain.platform.district import District
from homeroom.domain.small_counts import MIN_COUNT
from homeroom.domain.teach.awareness.drill_results import PeopleRate
from homeroom.engines.teach.awareness.rates import compute_school_rates
from homeroom.evidence.loads.store import NoSuchLoad
from homeroom.evidence.query.executor import query_executor

_DRILLS_SQL = """
    SELECT d.*, coalesce(f.first_times, false) AS first_times FROM drills d LEFT JOIN (
        SELECT drill, bool_or(list_contains(rules, 'first-time-only')) AS first_times FROM drill_results GROUP BY drill
    ) f ON f.drill = d.key
    ORDER BY d.sent_on DESC NULLS LAST, d.name, d.key
"""
_PEOPLE_SQL = """
    SELECT CAST(r.key AS VARCHAR) AS person, r.missed, r.reported_at, p.school
    FROM drill_results r LEFT JOIN people p ON p.id = r.person
    WHERE r.drill = $drill AND r.delivered ORDER BY r.key
"""


@dataclass(frozen=True, kw_only=True)
class DrillView:
    """A drill with its counts: `missed` is own over known, `reported` over delivered; both None of few people.

    `raw` clicked or posted by the log. `by_rule` are removed events of each rule, an event under each of its rules.
    `first_times` is true if the tool has the first time of each kind of event alone.
    """

    key: str
    name: str
    lure: str
    connector: str
    sent_on: date | None
    ended_on: date | None
    people: int
    delivered: int
    raw: int | None
    missed: PeopleRate | None
    cannot_tell: int | None
    reported: PeopleRate | None
    first_minutes: int | None
    median_minutes: int | None
    removed: int | None
    by_rule: tuple[tuple[str, int], ...]
    first_times: bool

    @property
    def is_small(self) -> bool:
        """True if too few people were written to for any outcome to be shown."""
        return self.delivered < MIN_COUNT


@dataclass(frozen=True, kw_only=True)
class LureDrills:
    """The drills of a lure, the newest first: only these may be compared."""

    lure: str
    drills: tuple[DrillView, ...]


@dataclass(frozen=True, kw_only=True)
class SchoolBounds:
    """A school's people of a drill: bounds of its shares in steps of a twentieth; None where nothing is known."""

    school: str
    delivered: int
    missed_low: float | None
    missed_high: float | None
    reported_low: float | None
    reported_high: float | None


def list_drills(*, district: District) -> tuple[DrillView, ...]:
    """Return every drill, the newest first. Raise QueryTimeout."""
    return tuple(
        _build_drill(row)
        for row in query_resolved(district=district, sql=_DRILLS_SQL, parameters={}).iter_rows(named=True)
    )


def group_by_lure(drills: tuple[DrillView, ...]) -> tuple[LureDrills, ...]:
    """Return the drills of each lure, the lure with the newest drill first."""
    by_lure: dict[str, list[DrillView]] = {}
    for drill in drills:
        by_lure.setdefault(drill.lure, []).append(drill)
    return tuple(LureDrills(lure=lure, drills=tuple(group)) for lure, group in by_lure.items())


def find_drill(*, district: District, key: str) -> DrillView | None:
    """Return a drill by its key; None if there is none. Raise QueryTimeout."""
    return next((drill for drill in list_drills(district=district) if drill.key == key), None)


def list_school_bounds(*, district: District, key: str) -> tuple[SchoolBounds, ...]:
    """Return the bounds of each school in a drill, by name; small schools are one last row. Raise QueryTimeout.

    Empty where outcomes are not stored any more, or all schools together have fewer than ten people.
    """
    people = query_resolved(district=district, sql=_PEOPLE_SQL, parameters={"drill": key})
    if people.is_empty():
        return ()
    schools = {person: school for person, school in people.select("person", "school").iter_rows() if school}
    bounds = []
    for school in compute_school_rates(people.drop("school"), schools):
        missed, reported = round_outward(school.missed), round_outward(school.reported)
        bounds.append(
            SchoolBounds(
                school=school.school,
                delivered=school.delivered,
                missed_low=missed["low"],
                missed_high=missed["high"],
                reported_low=reported["low"],
                reported_high=reported["high"],
            )
        )
    return tuple(bounds)


def build_drill_document(drill: DrillView) -> dict[str, Any]:
    """Return a drill as plain JSON values: shares of 1, intervals of 95 %."""
    return {
        "drill": drill.key,
        "name": drill.name,
        "lure": drill.lure,
        "tool": drill.connector,
        "sent_on": drill.sent_on.isoformat() if drill.sent_on else None,
        "people": drill.people,
        "delivered": drill.delivered,
        "reported": {
            **_convert_rate(drill.reported),
            "first_minutes": drill.first_minutes,
            "median_minutes": drill.median_minutes,
        },
        "missed": {"raw": drill.raw, "cannot_tell": drill.cannot_tell, **_convert_rate(drill.missed)},
        "removed": {"events": drill.removed, "by_rule": dict(drill.by_rule)},
    }


def _convert_rate(rate: PeopleRate | None) -> dict[str, Any]:
    interval = rate.interval if rate else None
    return {
        "people": rate.people if rate else None,
        "rate": rate.rate if rate else None,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
    }


def _build_drill(row: Mapping[str, Any]) -> DrillView:
    is_small = row["delivered"] < MIN_COUNT
    by_rule = [text.rpartition("=") for text in row["removed_by_rule"] or ()]
    return DrillView(
        key=row["key"],
        name=row["name"] or row["drill"] or row["key"],
        lure=row["lure"] or "",
        connector=row["connector"],
        sent_on=row["sent_on"],
        ended_on=row["ended_on"],
        people=row["people"],
        delivered=row["delivered"],
        raw=None if is_small else row["raw"],
        missed=None if is_small else PeopleRate(people=row["own"], total=row["delivered"] - row["cannot_tell"]),
        cannot_tell=None if is_small else row["cannot_tell"],
        reported=None if is_small else PeopleRate(people=row["reported"], total=row["delivered"]),
        first_minutes=None if is_small else row["first_minutes"],
        median_minutes=None if is_small else row["median_minutes"],
        removed=None if is_small else row["removed_events"],
        by_rule=() if is_small else tuple(sorted((rule, int(count)) for rule, _, count in by_rule)),
        first_times=bool(row["first_times"]),
    )


def query_resolved(*, district: District, sql: str, parameters: Mapping[str, Any]) -> pl.DataFrame:
    """Return the rows of a query over the newest resolved snapshot; an empty frame before the first.

    Raise QueryTimeout.
    """
    store = get_evidence_store(district=district)
    newest = store.get_latest_derived()
    if newest is None:
        return pl.DataFrame()

    def run_query(session: duckdb.DuckDBPyConnection) -> pl.DataFrame:
        return session.execute(sql, dict(parameters) or None).pl()

    try:
        return query_executor().run(
            snapshot_id=f"{store.folder}/derived/{newest.id}",
            pin=lambda: store.pin_snapshot(derived=newest.id),
            query=run_query,
        )
    except NoSuchLoad:
        return pl.DataFrame()
