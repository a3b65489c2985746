"""The rows behind a record of a tool. People are counted, never listed, and counts under ten are hidden."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from homeroom.apps.manage.tools.published_portfolio import PublishedTool, load_published_portfolio
from homeroom.apps.manage.tools.tool_detail import name_session
from homeroom.domain.small_counts import select_hidden_cells
from homeroom.evidence.loads.store import EvidenceStore, NoSuchLoad
from homeroom.evidence.query.executor import query_executor

MAX_ROWS = 500
"""Rows that a page shows."""
HIDDEN = object()
"""In place of a count that is hidden."""


@dataclass(frozen=True, kw_only=True)
class RecordQuery:
    """How the rows of a record are read: `sql` takes the key; `people` are its columns that count people.

    Rows that agree in the `parts` columns share a published total.
    """

    columns: tuple[str, ...]
    sql: str
    people: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RecordRows:
    """The rows of one record of a tool; HIDDEN is in place of a small count of people."""

    tool: PublishedTool
    table: str
    key: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    has_more: bool


RECORD_QUERIES: Mapping[str, RecordQuery] = {
    "contract_records": RecordQuery(
        columns=(
            "instance", "product", "vendor", "kind", "seats", "cost_minor", "currency", "starts_on", "ends_on",
            "renews", "notice_on", "funding", "schools",
        ),
        sql="""SELECT instance, product, vendor, kind, seats, cost_minor, currency, starts_on, ends_on, renews,
            notice_on, funding, schools FROM contract_records WHERE key = ? ORDER BY ALL""",
    ),
    "agreement_records": RecordQuery(
        columns=("instance", "product", "vendor", "kind", "signed_on", "ends_on", "status_word", "url"),
        sql="""SELECT instance, product, vendor, kind, signed_on, ends_on, status_word, url
            FROM agreement_records WHERE key = ? ORDER BY ALL""",
    ),
    "app_use_records": RecordQuery(
        columns=("instance", "since", "until", "school", "users"),
        sql="""SELECT instance, since, until, nullif(trim(school_name), '') AS school,
            coalesce(nullif(count(DISTINCT lower(email)) FILTER (email <> '' AND coalesce(users, 1) > 0), 0),
                sum(users) FILTER (coalesce(email, '') = ''), 0)::BIGINT AS users
            FROM app_use_records WHERE app = ? GROUP BY ALL ORDER BY until DESC NULLS LAST, since, instance, school""",
        people=("users",),
        parts=("instance", "since", "until"),
    ),
    "coverage_records": RecordQuery(
        columns=("instance", "purpose", "school", "listed", "off"),
        sql="""SELECT instance, purpose, nullif(trim(school_name), '') AS school, count(*) AS listed,
            count(*) FILTER (covered = false) AS off
            FROM coverage_records WHERE CASE WHEN trim(coalesce(tool, '')) = '' THEN purpose ELSE tool END = ?
            GROUP BY ALL ORDER BY ALL""",
        people=("listed", "off"),
        parts=("instance", "purpose"),
    ),
    "backup_records": RecordQuery(
        columns=("instance", "system", "job", "last_success", "last_restore_test", "offsite", "immutable"),
        sql="""SELECT instance, system, nullif(job, ''), last_success, last_restore_test, offsite, immutable
            FROM backup_records WHERE tool = ? ORDER BY ALL""",
    ),
    "app_grants": RecordQuery(
        columns=("instance", "app_name", "publisher", "kind", "scopes", "accounts"),
        sql="""SELECT instance, app_name, publisher, kind, list_sort(list_distinct(flatten(list(scopes)))) AS scopes,
            count(DISTINCT account_key) FILTER (account_key <> '') AS accounts
            FROM app_grants WHERE app_key = ? GROUP BY instance, app_name, publisher, kind ORDER BY ALL""",
        people=("accounts",),
    ),
    "extension_records": RecordQuery(
        columns=("instance", "name", "kind", "install_kind", "org_unit", "browsers", "users", "disabled", "homepage"),
        sql="""SELECT instance, name, kind, install_kind, nullif(org_unit, ''), browsers, users, disabled, homepage
            FROM extension_records WHERE app_key = ? ORDER BY ALL""",
        people=("users",),
    ),
    "software_records": RecordQuery(
        columns=("instance", "version", "vendor", "devices"),
        sql="""SELECT instance, version, vendor, count(DISTINCT device_key) AS devices
            FROM software_records WHERE name = ? GROUP BY ALL ORDER BY devices DESC, instance, version, vendor""",
    ),
    "sources": RecordQuery(
        columns=("connector", "stream", "scope", "loaded_at", "complete"),
        sql="SELECT connector, stream, scope, loaded_at, complete FROM sources WHERE instance = ? ORDER BY ALL",
    ),
}  # fmt: skip
_HAS_LINK_SQL = "SELECT count(*) FROM tool_links WHERE tool = ? AND record_table = ? AND record_key = ?"


def find_record_rows(*, store: EvidenceStore, public: str, table: str, key: str) -> RecordRows | None:
    """Return the rows of a record of the tool of a public id, or None if it has no such record. Raise QueryTimeout."""
    portfolio = load_published_portfolio(store=store)
    tool, query = portfolio.by_public.get(public), RECORD_QUERIES.get(table)
    if tool is None or query is None:
        return None

    def fetch(session: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]] | None:
        has_link = session.execute(_HAS_LINK_SQL, [tool.id, table, key]).fetchone()
        if not has_link or not has_link[0]:
            return None
        return session.execute(query.sql, [key]).fetchmany(MAX_ROWS + 1)

    try:
        rows = query_executor().run(
            snapshot_id=name_session(store, portfolio),
            pin=lambda: store.pin_snapshot(derived=portfolio.derived),
            query=fetch,
        )
    except NoSuchLoad:
        return None
    if rows is None:
        return None
    return RecordRows(
        tool=tool,
        table=table,
        key=key,
        columns=query.columns,
        rows=tuple(hide_small_counts(rows[:MAX_ROWS], query)),
        has_more=len(rows) > MAX_ROWS,
    )


def hide_small_counts(rows: Sequence[Sequence[Any]], query: RecordQuery) -> list[tuple[Any, ...]]:
    """Return the rows with HIDDEN in place of counts of people that may not be shown.

    A count under ten is hidden, and others that a published total would reveal it with.
    """
    positions = [query.columns.index(name) for name in query.people]
    parts = [query.columns.index(name) for name in query.parts]
    groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        groups[tuple(row[part] for part in parts) if parts else (number,)].append(number)
    cells = [list(row) for row in rows]
    for numbers in groups.values():
        for position in positions:
            counts = [rows[number][position] or 0 for number in numbers]
            for _, column in select_hidden_cells([counts]):
                cells[numbers[column]][position] = HIDDEN
    return [tuple(row) for row in cells]
