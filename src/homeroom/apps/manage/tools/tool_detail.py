"""One tool: its records, contracts, use by period, and what was found of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from homeroom.apps.comply.vendors.vendor_pages import build_review_key, load_reviews
from homeroom.apps.manage.tools.published_portfolio import (
    PublishedHollow,
    PublishedOverlap,
    PublishedPortfolio,
    PublishedRenewal,
    PublishedTool,
    load_published_portfolio,
)
from homeroom.domain.comply.privacy.vendor_names import build_vendor_key
from homeroom.evidence.loads.store import EvidenceStore, NoSuchLoad
from homeroom.evidence.query.executor import query_executor

MAX_NAMES = 200
"""Records of a table that a page names; the others are counted."""
_CONTRACTS_SQL = """SELECT r.instance, r.key, r.product, r.vendor, r.seats, r.cost_minor, upper(r.currency),
    r.starts_on, r.ends_on, r.renews, r.notice_on, r.schools, c.year_minor
    FROM tool_contracts c JOIN contract_records r ON r.key = c.contract WHERE c.tool = ?
    ORDER BY r.starts_on DESC NULLS LAST, r.key, r.instance"""
_USE_SQL = """WITH rows AS (
        SELECT u.app, concat_ws(' ', u.connector, u.instance, u.load_id) AS list, lower(coalesce(u.email, '')) AS email,
            coalesce(trim(u.school_name), '') AS school, u.since, u.until,
            CASE WHEN u.email <> '' THEN coalesce(u.users, 1) ELSE u.users END AS users
        FROM app_use_records u WHERE u.app IN
            (SELECT record_key FROM tool_links WHERE tool = ? AND record_table = 'app_use_records')),
    apps AS (
        SELECT list, since, until, app,
            CASE WHEN bool_or(email = '' AND school = '') THEN max(users) FILTER (email = '' AND school = '')
                ELSE sum(users) FILTER (email = '') END AS counted
        FROM rows GROUP BY ALL),
    people AS (SELECT list, since, until, count(DISTINCT email) FILTER (users > 0) AS people
        FROM rows WHERE email <> '' GROUP BY ALL),
    lists AS (SELECT a.list, a.since, a.until, coalesce(p.people, sum(a.counted))::BIGINT AS users
        FROM apps a LEFT JOIN people p ON p.list = a.list AND p.since IS NOT DISTINCT FROM a.since
            AND p.until IS NOT DISTINCT FROM a.until
        GROUP BY a.list, a.since, a.until, p.people)
    SELECT since, until, max(users) FROM lists GROUP BY ALL ORDER BY until DESC NULLS LAST, since DESC NULLS LAST"""
_LINKS_SQL = "SELECT record_table, record_key FROM tool_links WHERE tool = ? ORDER BY ALL"


@dataclass(frozen=True, kw_only=True)
class ToolContract:
    """A contract of a tool as its list has it, with what a year costs."""

    instance: str
    key: str
    product: str | None
    vendor: str | None
    seats: int | None
    cost_minor: int | None
    currency: str | None
    starts_on: date | None
    ends_on: date | None
    renews: bool | None
    notice_on: date | None
    schools: tuple[str, ...]
    year_minor: int | None

    def is_running(self, today: date) -> bool:
        """Check whether it runs on a day: from its first to its last day; a missing day is open."""
        return (self.starts_on is None or self.starts_on <= today) and (self.ends_on is None or self.ends_on >= today)


@dataclass(frozen=True, kw_only=True)
class PeriodUse:
    """The users of a tool in a period of a list of use; None where they are not counted."""

    since: date | None
    until: date | None
    users: int | None


@dataclass(frozen=True, kw_only=True)
class ToolAgreement:
    """Where the vendor's page of the tool is, and the state of its agreement there."""

    key: str
    state: str
    ends_on: date | None


@dataclass(frozen=True, kw_only=True)
class ToolDetail:
    """What is known of one tool; `records` are the names or ids of its records by table."""

    tool: PublishedTool
    today: date
    records: Mapping[str, tuple[str, ...]]
    contracts: tuple[ToolContract, ...]
    periods: tuple[PeriodUse, ...]
    agreement: ToolAgreement | None
    overlaps: tuple[PublishedOverlap, ...]
    hollow: PublishedHollow | None
    renewals: tuple[PublishedRenewal, ...]


def find_tool(*, store: EvidenceStore, public: str) -> ToolDetail | None:
    """Return what is known of the tool of a public id, or None. Raise QueryTimeout."""
    portfolio = load_published_portfolio(store=store)
    tool = portfolio.by_public.get(public)
    if tool is None or portfolio.today is None:
        return None

    def run_queries(session: duckdb.DuckDBPyConnection) -> tuple[list[Any], list[Any], list[Any]]:
        rows = [session.execute(sql, [tool.id]).fetchall() for sql in (_LINKS_SQL, _CONTRACTS_SQL, _USE_SQL)]
        return rows[0], rows[1], rows[2]

    try:
        links, contracts, periods = query_executor().run(
            snapshot_id=name_session(store, portfolio),
            pin=lambda: store.pin_snapshot(derived=portfolio.derived),
            query=run_queries,
        )
    except NoSuchLoad:
        return None
    return ToolDetail(
        tool=tool,
        today=portfolio.today,
        records=_group_links(links),
        contracts=tuple(_build_contract(row) for row in contracts),
        periods=tuple(PeriodUse(since=since, until=until, users=users) for since, until, users in periods),
        agreement=_find_agreement(store, tool),
        overlaps=tuple(entry for entry in portfolio.overlaps if tool.id in (entry.first.id, entry.second.id)),
        hollow=next((entry for entry in portfolio.hollow if entry.tool.id == tool.id), None),
        renewals=tuple(entry for entry in portfolio.renewals if entry.tool.id == tool.id),
    )


def name_session(store: EvidenceStore, portfolio: PublishedPortfolio) -> str:
    """Return the name of the session over the portfolio's snapshot and the current records."""
    return f"{store.folder}/{portfolio.derived}/{store.compute_sources_id()}"


def _group_links(links: Sequence[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    names: dict[str, list[str]] = {}
    for table, key in links:
        names.setdefault(table, []).append(key)
    return {table: tuple(keys) for table, keys in names.items()}


def _build_contract(row: Sequence[Any]) -> ToolContract:
    names = tuple(ToolContract.__dataclass_fields__)
    values = dict(zip(names, row, strict=True))
    return ToolContract(**values | {"schools": tuple(values["schools"] or ())})


def _find_agreement(store: EvidenceStore, tool: PublishedTool) -> ToolAgreement | None:
    published = load_reviews(store=store)
    review = published.find(build_vendor_key(tool.name))
    if review is None:
        return None
    return ToolAgreement(key=build_review_key(review), state=str(review.state), ends_on=review.ends_on)
