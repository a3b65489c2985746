"""What evidence has for a refresh problem: devices, what they cost last, funds, prices, and students by school."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from homeroom.apps.manage.budget.last_good_days import EvidenceDevices
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.platform.district import District
from homeroom.domain.spreadsheets import escape_formula
from homeroom.evidence.loads.store import NoSuchLoad
from homeroom.evidence.query.executor import query_executor

NO_SCHOOL = "no school"
DOLLARS = "USD"
_DEVICES_SQL = """
    WITH bought AS (
        SELECT l.id, min(r.purchased_on) AS purchased_on
        FROM links l JOIN device_records r ON l.instance = r.instance AND l.key = r.key
        WHERE l.subject_kind = 'device' AND l.table_name = 'device_records' GROUP BY l.id)
    SELECT coalesce(nullif(trim(d.school), ''), $no_school), coalesce(d.kind, 'other'), coalesce(trim(d.model), ''),
        coalesce(d.platform, ''), coalesce(d.windows, ''), d.expires_on, d.expires_with,
        d.extended_eligible IS TRUE AND d.extended_enabled IS NOT TRUE AND d.expires_with IS NOT NULL,
        d.os_support_until, b.purchased_on, count(*)
    FROM devices d LEFT JOIN bought b USING (id)
    WHERE d.known AND d.retired IS NOT TRUE AND (d.active IS NOT FALSE OR d.in_assets) GROUP BY ALL ORDER BY ALL"""
_COSTS_SQL = """
    SELECT kind, arg_max(cost_minor, purchased_on), max(purchased_on) FROM device_records
    WHERE kind IS NOT NULL AND cost_minor > 0 AND purchased_on IS NOT NULL AND coalesce(currency, 'USD') = 'USD'
    GROUP BY kind ORDER BY kind"""
_FUNDS_SQL = """
    SELECT trim(name), fiscal_year, amount_minor, upper(coalesce(nullif(trim(currency), ''), 'USD')), carries_over,
        pays_percent, trim(match), lower(trim(program)), students, schools, kinds
    FROM fund_records WHERE trim(name) <> ''
    QUALIFY row_number() OVER (PARTITION BY lower(trim(name)), fiscal_year ORDER BY seen_at DESC, instance) = 1
    ORDER BY lower(trim(name)), fiscal_year"""
_PRICES_SQL = """
    SELECT trim(kind), price_minor, upper(coalesce(nullif(trim(currency), ''), 'USD')), life_years, visit_minutes,
        weight, per_100_students
    FROM price_records WHERE trim(kind) <> ''
    QUALIFY row_number() OVER (PARTITION BY lower(trim(kind)) ORDER BY seen_at DESC, instance) = 1
    ORDER BY lower(trim(kind))"""
_STUDENTS_SQL = """SELECT coalesce(nullif(trim(school), ''), $no_school), count(*) FROM people
    WHERE here AND kind = 'student' GROUP BY ALL ORDER BY ALL"""


class NothingLoaded(LookupError):
    """The district has no resolved devices."""


@dataclass(frozen=True, kw_only=True)
class FundRow:
    """A row of a list of funds; `fiscal_year` is None for an amount over all years."""

    name: str
    fiscal_year: int | None
    amount_minor: int | None
    currency: str
    carries_over: bool | None
    pays_percent: int | None
    match: str | None
    program: str | None
    students: int | None
    schools: tuple[str, ...]
    kinds: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PriceRow:
    """A row of a list of prices."""

    kind: str
    price_minor: int | None
    currency: str
    life_years: int | None
    visit_minutes: int | None
    weight: int | None
    per_100_students: int | None


@dataclass(frozen=True, kw_only=True)
class RefreshEvidence:
    """All rows that a refresh problem is built from.

    `costs` are what a device of a kind cost last, in minor units, and the day.
    """

    devices: tuple[EvidenceDevices, ...]
    costs: Mapping[str, tuple[int, date]]
    funds: tuple[FundRow, ...]
    prices: tuple[PriceRow, ...]
    students: Mapping[str, int]


def load_refresh_evidence(district: District) -> RefreshEvidence:
    """Load what evidence has. Raise NothingLoaded without resolved devices, QueryTimeout."""
    store = get_evidence_store(district=district)
    derived = store.get_latest_derived()
    if derived is None:
        raise NothingLoaded("no devices are loaded and resolved yet")
    pinned_to = f"{store.folder}/{derived.id}/{store.compute_sources_id()}"
    try:
        evidence = query_executor().run(
            snapshot_id=pinned_to, pin=lambda: store.pin_snapshot(derived=derived.id), query=_read_rows
        )
    except NoSuchLoad:
        raise NothingLoaded("no devices are loaded and resolved yet") from None
    if not evidence.devices:
        raise NothingLoaded("no devices are loaded and resolved yet")
    return evidence


def _read_rows(session: duckdb.DuckDBPyConnection) -> RefreshEvidence:
    def fetch(sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        return session.execute(sql, parameters).fetchall()

    return RefreshEvidence(
        devices=tuple(_build_devices(row) for row in fetch(_DEVICES_SQL, no_school=NO_SCHOOL)),
        costs={kind: (minor, day) for kind, minor, day in fetch(_COSTS_SQL)},
        funds=tuple(_build_fund(row) for row in fetch(_FUNDS_SQL)),
        prices=tuple(_build_price(row) for row in fetch(_PRICES_SQL)),
        students={escape_formula(school): count for school, count in fetch(_STUDENTS_SQL, no_school=NO_SCHOOL)},
    )


def _build_devices(row: tuple[Any, ...]) -> EvidenceDevices:
    school, kind, model, platform, release, expires_on, expires_with, offered, support_until, bought_on, count = row
    return EvidenceDevices(
        school=escape_formula(school),
        kind=kind,
        model=model,
        platform=platform,
        release=release,
        expires_on=expires_on,
        expires_with=expires_with,
        offered=offered,
        support_until=support_until,
        bought_on=bought_on,
        count=count,
    )


def _build_fund(row: tuple[Any, ...]) -> FundRow:
    name, year, amount, currency, carries_over, pays, match, program, students, schools, kinds = row
    return FundRow(
        name=name,
        fiscal_year=year,
        amount_minor=amount,
        currency=currency,
        carries_over=carries_over,
        pays_percent=pays,
        match=match or None,
        program=program or None,
        students=students,
        schools=tuple(schools or ()),
        kinds=tuple(kinds or ()),
    )


def _build_price(row: tuple[Any, ...]) -> PriceRow:
    kind, price, currency, life, minutes, weight, per_100_students = row
    return PriceRow(
        kind=kind,
        price_minor=price,
        currency=currency,
        life_years=life,
        visit_minutes=minutes,
        weight=weight,
        per_100_students=per_100_students,
    )
