"""Rows of evidence for aging by school: people, devices with their last good days, lines, and recorded costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import duckdb

from homeroom.apps.manage.budget.last_good_days import EvidenceDevices, find_devices_end
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.manage.aging.ownership import CostPart, OwnedModel, OwnershipRecords, RecordedCost, ToolCost
from homeroom.domain.manage.aging.schools import CountedDevices, DeviceState, SchoolPeople
from homeroom.domain.manage.tools.school_names import SchoolNames
from homeroom.domain.platform.district import District
from homeroom.evidence.loads.store import NoSuchLoad
from homeroom.evidence.query.executor import query_executor
from homeroom.evidence.tables import TABLES

REPAIRED_AFTER_DAYS = 30
"""A purchase that names a device counts as its repair so many days after it was bought; before, it is the device."""
NO_CURRENCY = "USD"
"""What a cost without a currency counts as, as elsewhere."""
AUDIENCE_KINDS: Mapping[str, tuple[str, ...]] = {
    "computers": ("laptop", "desktop"),
    "chromebooks": ("chromebook",),
    "tablets": ("tablet",),
}
"""Kinds of device of the audiences that are devices."""
_STUDENT_KINDS = ("chromebook", "tablet", "laptop")
_STATES_SQL = """CASE WHEN d.resting AND d.asset_status = 'repair' THEN 'repair' WHEN d.resting THEN 'spare'
    ELSE 'use' END"""
_FLEET_SQL = f"""CREATE OR REPLACE TEMP TABLE _ag_fleet AS
    WITH listed AS (
        SELECT l.id, min(r.purchased_on) AS purchased_on,
            arg_max(struct_pack(minor := r.cost_minor, currency := coalesce(r.currency, '{NO_CURRENCY}')),
                coalesce(r.purchased_on, DATE '1900-01-01')) FILTER (r.cost_minor > 0) AS cost,
            max(upper(trim(r.serial))) AS serial, max(upper(trim(r.asset_tag))) AS tag
        FROM links l JOIN device_records r ON l.instance = r.instance AND l.key = r.key
        WHERE l.subject_kind = 'device' AND l.table_name = 'device_records' GROUP BY l.id)
    SELECT d.id, coalesce(d.school, '') AS school, coalesce(d.kind, 'other') AS kind, coalesce(d.model, '') AS model,
        coalesce(d.platform, '') AS platform, coalesce(d.windows, '') AS release, d.expires_on, d.os_support_until,
        b.purchased_on, {_STATES_SQL} AS state,
        coalesce(d.kind IN {_STUDENT_KINDS} AND coalesce(d.holder_kind, 'student') <> 'staff', false) AS for_students,
        b.cost.minor AS minor, b.cost.currency AS currency, b.serial, b.tag
    FROM devices d LEFT JOIN listed b USING (id)
    WHERE d.known AND d.retired IS NOT TRUE AND (d.active IS NOT FALSE OR d.in_assets)"""
_DEVICES_SQL = """SELECT school, kind, trim(model), platform, release, expires_on, os_support_until, purchased_on,
        count(*), state, for_students
    FROM _ag_fleet GROUP BY ALL"""
_PEOPLE_SQL = """SELECT coalesce(school, ''), count(*) FILTER (kind = 'student'), count(*) FILTER (kind = 'staff')
    FROM people WHERE here AND kind IN ('student', 'staff') GROUP BY ALL"""
_LINES_SQL = """SELECT trim(school_name), sum(megabits) FROM line_records
    WHERE megabits IS NOT NULL AND trim(coalesce(school_name, '')) <> ''
        AND coalesce(starts_on, $today) <= $today AND coalesce(ends_on, $today) >= $today GROUP BY ALL"""
_MODELS_SQL = """SELECT kind, model, count(*), count(*) FILTER (for_students) FROM _ag_fleet GROUP BY ALL"""
_PRICES_SQL = """SELECT kind, model, currency, count(*), sum(minor), count(*) FILTER (for_students),
        coalesce(sum(minor) FILTER (for_students), 0)
    FROM _ag_fleet WHERE minor IS NOT NULL GROUP BY ALL"""
_REPAIRS_SQL = f"""WITH paid AS (
        SELECT f.id, f.kind, f.model, f.for_students, coalesce(p.currency, '{NO_CURRENCY}') AS currency,
            p.instance, p.key, any_value(p.cost_minor) AS minor
        FROM purchase_records p JOIN _ag_fleet f
            ON f.serial = upper(trim(p.serial)) OR f.tag = upper(trim(p.asset_tag))
        WHERE p.cost_minor > 0 AND p.bought_on > f.purchased_on + {REPAIRED_AFTER_DAYS} GROUP BY ALL)
    SELECT kind, model, currency, count(DISTINCT id), sum(minor), count(DISTINCT id) FILTER (for_students),
        coalesce(sum(minor) FILTER (for_students), 0)
    FROM paid GROUP BY ALL"""
_TOOLS_SQL = """SELECT t.name, coalesce(t.schools, []), coalesce(t.currency, 'USD'), t.year_minor,
        list(DISTINCT c.audience) FILTER (c.main)
    FROM tools t LEFT JOIN tool_cover c ON c.tool = t.id
    WHERE t.runs AND coalesce(t.costs, true) GROUP BY ALL"""
_KINDS_SQL = "SELECT kind, school, count(*) FROM _ag_fleet GROUP BY ALL"
_STUDENTS_SQL = "SELECT count(*) FROM people WHERE here AND kind = 'student'"


class NothingResolved(LookupError):
    """The district has no resolved people and devices."""


@dataclass(frozen=True, kw_only=True)
class AgingRows:
    """What the engine reads: people by school, devices, megabits by school, and recorded costs."""

    people: tuple[SchoolPeople, ...]
    devices: tuple[CountedDevices, ...]
    megabits: Mapping[str, int]
    costs: OwnershipRecords


def load_aging_rows(*, district: District, today: date) -> AgingRows:
    """Return the rows of the newest resolved snapshot. Raise NothingResolved if there is none, QueryTimeout."""
    store = get_evidence_store(district=district)
    derived = store.get_latest_derived()
    if derived is None:
        raise NothingResolved("nothing was loaded yet; run homeroom load, then homeroom assess")
    pinned_to = f"{store.folder}/{derived.id}/{store.compute_sources_id()}"
    try:
        return query_executor().run(
            snapshot_id=pinned_to,
            pin=lambda: store.pin_snapshot(derived=derived.id),
            query=lambda session: _read_rows(session, today),
        )
    except NoSuchLoad:
        raise NothingResolved("what was resolved is gone; run homeroom assess") from None


def _read_rows(session: duckdb.DuckDBPyConnection, today: date) -> AgingRows:
    session.execute(_FLEET_SQL)
    people = session.execute(_PEOPLE_SQL).fetchall()
    devices = _count_devices(session.execute(_DEVICES_SQL).fetchall())
    names = sorted({*(row[0] for row in people), *(item.school for item in devices)} - {""})
    return AgingRows(
        people=tuple(
            SchoolPeople(school=school, students=students or None, staff=staff or None)
            for school, students, staff in people
        ),
        devices=devices,
        megabits=_sum_megabits(session.execute(_LINES_SQL, {"today": today}).fetchall(), names),
        costs=_read_costs(session),
    )


def _sum_megabits(rows: list[tuple[Any, ...]], names: list[str]) -> dict[str, int]:
    """Return the megabits by school; a school that a list of lines names otherwise is found as in lists of tools."""
    schools = SchoolNames(names, ids={})
    megabits: Counter[str] = Counter()
    for school, count in rows:
        megabits[schools.resolve(school)] += int(count)
    return dict(megabits)


def _count_devices(rows: list[tuple[Any, ...]]) -> tuple[CountedDevices, ...]:
    counts: Counter[tuple[str, str, date | None, str, bool]] = Counter()
    for *alike, state, for_students in rows:
        devices = _build_devices(*alike)
        last_good, _ = find_devices_end(devices)
        counts[devices.school, devices.kind, last_good, state, for_students] += devices.count
    return tuple(
        CountedDevices(
            school=school,
            kind=kind,
            last_good=last_good,
            state=DeviceState(state),
            for_students=for_students,
            count=count,
        )
        for (school, kind, last_good, state, for_students), count in counts.items()
    )


def _build_devices(
    school: str,
    kind: str,
    model: str,
    platform: str,
    release: str,
    expires_on: date | None,
    support_until: date | None,
    bought_on: date | None,
    count: int,
) -> EvidenceDevices:
    """Return devices with the support that they have; what more they could get is no part of their age."""
    return EvidenceDevices(
        school=school,
        kind=kind,
        model=model,
        platform=platform,
        release=release,
        expires_on=expires_on,
        expires_with=None,
        offered=False,
        support_until=support_until,
        bought_on=bought_on,
        count=count,
    )


def _read_costs(session: duckdb.DuckDBPyConnection) -> OwnershipRecords:
    models = session.execute(_MODELS_SQL).fetchall()
    parts = [(CostPart.PRICE, row) for row in session.execute(_PRICES_SQL).fetchall()]
    parts += [(CostPart.REPAIRS, row) for row in session.execute(_REPAIRS_SQL).fetchall()]
    (students,) = session.execute(_STUDENTS_SQL).fetchall()[0]
    return OwnershipRecords(
        models=tuple(
            OwnedModel(kind=kind, model=model, devices=devices, for_students=for_students)
            for kind, model, devices, for_students in models
        ),
        costs=tuple(
            RecordedCost(
                kind=kind,
                model=model,
                part=part,
                currency=currency,
                devices=devices,
                minor=int(minor),
                student_devices=student_devices,
                student_minor=int(student_minor),
            )
            for part, (kind, model, currency, devices, minor, student_devices, student_minor) in parts
        ),
        tools=tuple(_build_tool(*row) for row in session.execute(_TOOLS_SQL).fetchall()),
        minutes=_read_minutes(session),
        devices={(kind, school): count for kind, school, count in session.execute(_KINDS_SQL).fetchall()},
        students=students or None,
    )


def _build_tool(
    name: str, schools: list[str], currency: str, year_minor: int | None, audiences: list[str] | None
) -> ToolCost:
    """Return a tool with the kinds of device that it is for; none if it is for people too."""
    listed = audiences or []
    is_for_devices = bool(listed) and all(audience in AUDIENCE_KINDS for audience in listed)
    kinds = (
        frozenset(kind for audience in listed for kind in AUDIENCE_KINDS[audience]) if is_for_devices else frozenset()
    )
    return ToolCost(tool=name, kinds=kinds, schools=frozenset(schools), currency=currency, year_minor=year_minor)


def _read_minutes(session: duckdb.DuckDBPyConnection) -> dict[str, Fraction]:
    """Return the minutes of a device's visit by kind, where a list of prices has them."""
    if "price_records" not in TABLES:
        return {}
    rows = session.execute(
        "SELECT kind, max(visit_minutes) FROM price_records WHERE visit_minutes IS NOT NULL GROUP BY kind"
    )
    return {kind: Fraction(minutes) for kind, minutes in rows.fetchall()}
